//! The instructions of a template program. One table, from which the enum, the encoder, the decoder, the
//! check of operands and the listing are derived.
//!
//! The machine has a stack of values whose bottom holds the template's variables, and an output. A program
//! may jump back only through `next`, whose rounds are bounded, so the work of a program is bounded too.

use alloc::vec::Vec;
use core::fmt;

/// A variable's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot(pub u16);

/// An offset in the code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target(pub u32);

/// A piece of the program's texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Str {
    /// First byte in the text section.
    pub off: u32,
    /// Length in bytes.
    pub len: u32,
}

/// A compiled JSONPath in the path section.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Path(pub u32);

/// What operands are checked against.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Extent {
    pub(crate) slots: u16,
    pub(crate) code: u32,
    pub(crate) text: u32,
    pub(crate) paths: u32,
}

/// How an operand is stored, checked and shown.
pub(crate) trait Operand: Copy + Sized {
    fn put(self, out: &mut Vec<u8>);
    fn take(bytes: &[u8]) -> Option<(Self, &[u8])>;
    fn fits(self, extent: &Extent) -> bool;
    /// Where it jumps, if it is a place in the code.
    fn target(self) -> Option<u32> {
        None
    }
}

macro_rules! number {
    ($($ty:ty),+) => {$(
        impl Operand for $ty {
            fn put(self, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.to_le_bytes());
            }
            #[inline]
            fn take(bytes: &[u8]) -> Option<($ty, &[u8])> {
                let (head, rest) = bytes.split_first_chunk()?;
                Some((<$ty>::from_le_bytes(*head), rest))
            }
            fn fits(self, _: &Extent) -> bool {
                true
            }
        }
    )+};
}

number!(u8, u16, u32, i64, f64);

impl Operand for Slot {
    fn put(self, out: &mut Vec<u8>) {
        self.0.put(out);
    }
    #[inline]
    fn take(bytes: &[u8]) -> Option<(Slot, &[u8])> {
        u16::take(bytes).map(|(slot, rest)| (Slot(slot), rest))
    }
    fn fits(self, extent: &Extent) -> bool {
        self.0 < extent.slots
    }
}

impl Operand for Target {
    fn put(self, out: &mut Vec<u8>) {
        self.0.put(out);
    }
    #[inline]
    fn take(bytes: &[u8]) -> Option<(Target, &[u8])> {
        u32::take(bytes).map(|(at, rest)| (Target(at), rest))
    }
    fn fits(self, extent: &Extent) -> bool {
        self.0 < extent.code
    }
    fn target(self) -> Option<u32> {
        Some(self.0)
    }
}

impl Operand for Str {
    fn put(self, out: &mut Vec<u8>) {
        self.off.put(out);
        self.len.put(out);
    }
    #[inline]
    fn take(bytes: &[u8]) -> Option<(Str, &[u8])> {
        let (off, rest) = u32::take(bytes)?;
        let (len, rest) = u32::take(rest)?;
        Some((Str { off, len }, rest))
    }
    fn fits(self, extent: &Extent) -> bool {
        self.off
            .checked_add(self.len)
            .is_some_and(|end| end <= extent.text)
    }
}

impl Operand for Path {
    fn put(self, out: &mut Vec<u8>) {
        self.0.put(out);
    }
    #[inline]
    fn take(bytes: &[u8]) -> Option<(Path, &[u8])> {
        u32::take(bytes).map(|(at, rest)| (Path(at), rest))
    }
    fn fits(self, extent: &Extent) -> bool {
        self.0 < extent.paths
    }
}

macro_rules! instructions {
    ($($(#[doc = $doc:literal])+ $code:literal $name:ident $mnemonic:literal ($($field:ident: $ty:ty),*);)+) => {
        /// An instruction.
        #[derive(Clone, Copy, Debug, PartialEq)]
        #[allow(missing_docs)] // operands are named as in the documentation of the instruction
        pub enum Op { $($(#[doc = $doc])+ $name { $($field: $ty),* },)+ }

        impl Op {
            /// Appends the instruction.
            pub fn encode(self, out: &mut Vec<u8>) {
                match self {
                    $(Op::$name { $($field),* } => {
                        out.push($code);
                        $(Operand::put($field, out);)*
                    })+
                }
            }

            /// The instruction at `at` and where the next one is; `None` if there is none.
            #[inline(always)] // so that the machine's match takes operands from registers
            #[must_use]
            pub fn decode(code: &[u8], at: usize) -> Option<(Op, usize)> {
                let (byte, rest) = code.get(at..)?.split_first()?;
                match byte {
                    $($code => {
                        $(let ($field, rest) = <$ty as Operand>::take(rest)?;)*
                        Some((Op::$name { $($field),* }, code.len() - rest.len()))
                    })+
                    _ => None,
                }
            }

            /// Whether every operand is within the program.
            pub(crate) fn fits(self, extent: &Extent) -> bool {
                match self {
                    $(Op::$name { $($field),* } => { let _ = extent; true $(&& Operand::fits($field, extent))* })+
                }
            }

            /// Where it may jump.
            pub(crate) fn target(self) -> Option<u32> {
                match self {
                    $(Op::$name { $($field),* } => None$(.or(Operand::target($field)))*,)+
                }
            }

            /// The name in listings.
            #[must_use]
            pub const fn mnemonic(self) -> &'static str {
                match self { $(Op::$name { .. } => $mnemonic,)+ }
            }
        }

        impl fmt::Display for Op {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.mnemonic())?;
                match *self {
                    $(Op::$name { $($field),* } => { $(write!(f, concat!(" ", stringify!($field), "={:?}"), $field)?;)* })+
                }
                Ok(())
            }
        }
    };
}

instructions! {
    /// The program, or a block, ends.
    0 End "end" ();
    /// Prints a text of the program.
    1 Text "text" (text: Str);
    /// Pops a value and prints it; a block is rendered, or prints `source` when it is already rendering twice.
    2 Print "print" (source: Str);
    /// Pops a value and forgets it.
    3 Drop "drop" ();
    /// Pushes a text of the program.
    4 PushText "push.text" (text: Str);
    /// Pushes a whole number.
    5 PushInt "push.int" (number: i64);
    /// Pushes a whole number of more than 64 bits: its digits.
    6 PushBig "push.big" (digits: Str);
    /// Pushes a decimal number.
    7 PushDouble "push.double" (number: f64);
    /// Pushes true or false.
    8 PushBool "push.bool" (truth: u8);
    /// Pushes a variable.
    9 Load "load" (slot: Slot);
    /// Pushes `$context`, built when it is first needed.
    10 LoadContext "load.context" ();
    /// Pushes `$stageVariables`, built when it is first needed.
    11 LoadStage "load.stage" ();
    /// Pops a value into a variable; null leaves the variable.
    12 Store "store" (slot: Slot);
    /// Pops a value and pushes its property.
    13 Property "property" (name: Str);
    /// Pops an index and a value, and pushes the item.
    14 Index "index" ();
    /// Pops `count` arguments and a value, and pushes what the method gives.
    15 Method "method" (method: u16, count: u8);
    /// The end of a reference: replaces nothing by what `vtl.undefined` says.
    16 Resolve "resolve" ();
    /// Pops a value and pushes whether a condition takes it: everything but false and null.
    17 Truth "truth" ();
    /// Pops a truth value and pushes the other.
    18 Not "not" ();
    /// Pops two values and pushes whether they are equal.
    19 Equal "equal" ();
    /// Pops two values and pushes whether they are not equal.
    20 NotEqual "not-equal" ();
    /// Pops two numbers and pushes whether the first is less; false for anything else.
    21 Less "less" ();
    /// As `less`, or equal.
    22 LessOrEqual "less-or-equal" ();
    /// Pops two numbers and pushes whether the first is greater; false for anything else.
    23 Greater "greater" ();
    /// As `greater`, or equal.
    24 GreaterOrEqual "greater-or-equal" ();
    /// Pops two values and pushes their sum, or their texts joined if one is a text.
    25 Add "add" ();
    /// Pops two numbers and pushes the difference.
    26 Subtract "subtract" ();
    /// Pops two numbers and pushes the product.
    27 Multiply "multiply" ();
    /// Pops two numbers and pushes the quotient; nothing by zero.
    28 Divide "divide" ();
    /// Pops two numbers and pushes the remainder; nothing by zero.
    29 Remainder "remainder" ();
    /// Jumps forward.
    30 Jump "jump" (to: Target);
    /// Pops a truth value and jumps forward if it is false.
    31 JumpIfFalse "jump.false" (to: Target);
    /// Jumps forward if the truth value on top is false, and pops it otherwise.
    32 JumpIfFalseOrPop "jump.false-or-pop" (to: Target);
    /// Jumps forward if the truth value on top is true, and pops it otherwise.
    33 JumpIfTrueOrPop "jump.true-or-pop" (to: Target);
    /// Pops `count` values and pushes a list of them.
    34 List "list" (count: u16);
    /// Pops `count` keys and values by turns and pushes a map of them.
    35 Map "map" (count: u16);
    /// Pops two ends and pushes the list of whole numbers between them, of at most `cap`.
    36 Range "range" (cap: u32);
    /// Pops what is walked and begins a loop over it; jumps to `end` if there is nothing.
    37 Begin "begin" (item: Slot, end: Target);
    /// Goes on with the next item at `body`, or ends the loop.
    38 Next "next" (item: Slot, body: Target);
    /// Leaves the stack above `height`, drops `count` captures and the output since the one at `capture`, and jumps.
    39 Break "break" (height: u16, capture: u16, count: u8, to: Target);
    /// Ends the loop around: restores what its variables were.
    40 EndLoop "end-loop" (item: Slot);
    /// Ends the rendering.
    41 Stop "stop" ();
    /// Begins a text that is captured and not printed.
    42 Capture "capture" ();
    /// Ends it and pushes it.
    43 Captured "captured" ();
    /// Sets a variable to the block that follows, and jumps over it.
    44 Define "define" (slot: Slot, after: Target);
    /// Pops a value and an object, and sets a member.
    45 SetProperty "set.property" (name: Str);
    /// Pops a value, an index and an object, and sets an item.
    46 SetIndex "set.index" ();
    /// Pushes what a compiled path finds in the payload.
    47 InputPath "input.path" (path: Path);
    /// Pushes the JSON text of what a compiled path finds.
    48 InputJson "input.json" (path: Path);
    /// If the value on top is the loop whose values end at `height`: breaks as `break` does, and jumps.
    49 BreakScope "break.scope" (height: u16, capture: u16, count: u8, to: Target);
    /// Prints what a compiled path finds in the payload.
    50 PrintInput "print.input" (path: Path);
    /// Pushes null.
    51 PushNull "push.null" ();
    /// The value on top is no loop that could be left: fails.
    52 NoScope "no-scope" ();
    /// Pushes a property of a variable: `load` and `property` in one.
    53 LoadMember "load.member" (slot: Slot, name: Str);
    /// Prints a text and then a property of a variable, in a program without blocks.
    54 PrintMember "print.member" (text: Str, slot: Slot, name: Str);
    /// Pops a value and jumps forward unless a condition takes it: `resolve`, `truth` and `jump.false` in one.
    55 JumpUnless "jump.unless" (to: Target);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_encoded_is_decoded() {
        let ops = [
            Op::Text {
                text: Str { off: 7, len: 3 },
            },
            Op::PushInt { number: -5 },
            Op::PushDouble { number: 2.5 },
            Op::Method {
                method: 300,
                count: 2,
            },
            Op::Break {
                height: 4,
                capture: 0,
                count: 0,
                to: Target(9),
            },
            Op::End {},
        ];
        let mut code = Vec::new();
        for op in ops {
            op.encode(&mut code);
        }
        let mut at = 0;
        for op in ops {
            let (found, next) = Op::decode(&code, at).unwrap();
            assert_eq!(found, op);
            at = next;
        }
        assert_eq!(Op::decode(&code, at), None);
        assert_eq!(Op::decode(&[255], 0), None);
        assert_eq!(Op::decode(&[1, 0, 0], 0), None);
    }
}
