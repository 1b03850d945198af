//! The instructions. One table, from which enum, encoder, decoder, verifier, disassembler and
//! `docs/bytecode.md` derive.
//!
//! A program is a run of instructions in the section `Code` that ends at `end` (or jumps forward until it
//! does: there is no way back, so a program runs at most once over its bytes). The machine has an accumulator
//! (one [`Value`](crate::Value)), a stack of 31 truth values (false, true, error), and an output text.

mod docs;
mod listing;
mod operand;

use alloc::vec::Vec;

pub use docs::markdown;
pub use listing::{Names, Step, program, worst_case};
pub use operand::{Absent, Comparison, Manner, Operand, Part};

use crate::bundle::wire::{Blob, Bounds, Field, Flaw, Label, Slot, Str};

/// What the documentation prints of an instruction.
#[derive(Clone, Copy, Debug)]
pub struct OpDoc {
    /// The first byte.
    pub code: u8,
    /// The name in listings.
    pub mnemonic: &'static str,
    /// Name and type of each operand, in order.
    pub operands: &'static [(&'static str, &'static str)],
    /// What it does.
    pub doc: &'static [&'static str],
}

macro_rules! instructions {
    ($($(#[doc = $doc:literal])+ $code:literal $name:ident $mnemonic:literal ($($field:ident: $ty:ty),*);)+) => {
        /// An instruction.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[allow(missing_docs)] // operands are named as in the documentation of the instruction
        pub enum Op { $($(#[doc = $doc])+ $name { $($field: $ty),* },)+ }

        /// The whole table, for documentation.
        pub const TABLE: &[OpDoc] = &[$(OpDoc {
            code: $code,
            mnemonic: $mnemonic,
            operands: &[$((stringify!($field), <$ty as Field>::NAME)),*],
            doc: &[$($doc),+],
        },)+];

        impl Op {
            /// Appends the instruction.
            pub fn encode(self, out: &mut Vec<u8>) {
                match self {
                    $(Op::$name { $($field),* } => {
                        out.push($code);
                        $(Field::put($field, out);)*
                    })+
                }
            }

            /// The instruction at `at`, and where the next one is; `None` if there is none.
            #[inline(always)]
            pub fn decode(code: &[u8], at: usize) -> Option<(Op, usize)> {
                let (op, rest) = code.get(at..)?.split_first()?;
                match *op {
                    $($code => {
                        // One check of bounds for all of them.
                        let operands = rest.first_chunk::<{ 0 $(+ <$ty as Field>::SIZE)* }>()?;
                        #[allow(unused_mut)] // instructions without operands
                        let mut size = 0;
                        $(
                            let $field = <$ty as Field>::get(operands.get(size..)?)?;
                            size += <$ty as Field>::SIZE;
                        )*
                        let _ = size;
                        Some((Op::$name { $($field),* }, at + 1 + operands.len()))
                    })+
                    _ => None,
                }
            }

            /// Whether every operand lies in the image.
            ///
            /// # Errors
            /// [`Flaw`], the first that is seen.
            #[inline]
            pub fn check(self, bounds: &Bounds) -> Result<(), Flaw> {
                let _ = bounds;
                match self {
                    $(Op::$name { $($field),* } => { $(Field::check($field, bounds)?;)* })+
                }
                Ok(())
            }

            /// The name in listings.
            #[must_use]
            pub fn mnemonic(self) -> &'static str {
                match self { $(Op::$name { .. } => $mnemonic,)+ }
            }

            /// Prints the operands, each behind a blank.
            ///
            /// # Errors
            /// Those of `f`.
            pub fn show(self, f: &mut dyn core::fmt::Write, names: &dyn Names) -> core::fmt::Result {
                let _ = names;
                match self {
                    $(Op::$name { $($field),* } => { $(f.write_str(" ")?; Operand::show($field, f, names)?;)* })+
                }
                Ok(())
            }

            /// Where it may go on other than at the next instruction.
            #[must_use]
            pub fn target(self) -> Option<Label> {
                let found = None;
                match self {
                    $(Op::$name { $($field),* } => { $(let found = found.or(Operand::target($field));)* found })+
                }
            }
        }
    };
}

instructions! {
    /// Ends the program.
    0x00 End "end" ();
    /// Goes on at `to`, which lies ahead.
    0x01 Jump "jump" (to: Label);
    /// Ends the session's way to the backend with the gateway response `ty`.
    0x02 Fail "fail" (ty: u8);

    /// The accumulator becomes this text.
    0x10 LoadText "load.text" (text: Str);
    /// The accumulator becomes a constant of the stage.
    0x11 LoadSlot "load.slot" (slot: Slot);
    /// The last value of a request header.
    0x12 LoadHeader "load.header" (name: Str);
    /// All values of a request header, joined with `,`.
    0x13 LoadHeaders "load.headers" (name: Str);
    /// The last value of a query parameter, decoded.
    0x14 LoadQuery "load.query" (name: Str);
    /// All values of a query parameter, decoded: a list, or the value if there is one.
    0x15 LoadQueries "load.queries" (name: Str);
    /// A path parameter, undecoded.
    0x16 LoadPath "load.path" (name: Str);
    /// A context variable, by its number in `Variable`.
    0x17 LoadContext "load.context" (variable: u8);
    /// A member of the authorizer's context: `principalId`, a key of its own, or `claims.NAME`.
    0x18 LoadAuthorizer "load.authorizer" (name: Str);
    /// A stage variable by name.
    0x19 LoadVariable "load.variable" (name: Str);
    /// The request body whole.
    0x1a LoadBody "load.body" ();
    /// The request body at a path; the body must be JSON if it starts like it.
    0x1b LoadBodyPath "load.body.path" (path: Blob);
    /// The last value of a header of the answer.
    0x1c LoadAnswerHeader "load.answer.header" (name: Str);
    /// All values of a header of the answer, joined with `,`.
    0x1d LoadAnswerHeaders "load.answer.headers" (name: Str);
    /// The answer's body whole.
    0x1e LoadAnswerBody "load.answer.body" ();
    /// The answer's body at a path.
    0x1f LoadAnswerBodyPath "load.answer.body.path" (path: Blob);
    /// The answer's status as a number.
    0x20 LoadAnswerStatus "load.answer.status" ();
    /// The error's message, of a gateway response.
    0x21 LoadErrorMessage "load.error.message" ();
    /// The error's message as a JSON string with its quotes.
    0x22 LoadErrorString "load.error.string" ();
    /// The error's type name.
    0x23 LoadErrorType "load.error.type" ();
    /// The detail of a validation error.
    0x24 LoadErrorDetail "load.error.detail" ();
    /// Whether the client used TLS.
    0x25 LoadSecure "load.secure" ();
    /// The present time in milliseconds.
    0x26 LoadNow "load.now" ();
    /// The VPC endpoint.
    0x27 LoadVpce "load.vpce" ();
    /// A request header whatever its letter case: the last value.
    0x28 LoadHeaderFolded "load.header.folded" (name: Str);

    /// A condition key of the caller whose signature was verified, whatever the letter case of its name.
    0x29 LoadPrincipal "load.principal" (name: Str);
    /// This text, if the accumulator is missing.
    0x2a LoadDefault "load.default" (text: Str);

    /// The path behind the stage as sent; leading slashes collapse.
    0x2b LoadTargetPath "load.target.path" ();
    /// The same as `load.principal`; of several values every one is to fit what tests it.
    0x2d LoadPrincipalEach "load.principal.each" (name: Str);

    /// Empties the output text.
    0x30 OutBegin "out.begin" ();
    /// Appends this text.
    0x31 OutText "out.text" (text: Str);
    /// Appends a constant of the stage.
    0x32 OutSlot "out.slot" (slot: Slot);
    /// Appends the accumulator; nothing if it is missing.
    0x33 OutValue "out.value" ();
    /// Appends the accumulator, `-` if it is missing or empty.
    0x34 OutDash "out.dash" ();
    /// Appends the placeholder of the URI that a mapping or an override set; nothing if none did.
    0x35 OutPlaceholder "out.placeholder" (name: Str);
    /// The accumulator becomes the output text.
    0x36 OutDone "out.done" ();
    /// Appends the accumulator, and its length before it, so that no two lists of parts give the same text.
    0x37 OutPart "out.part" ();
    /// Appends the accumulator as the inside of a JSON string, `-` if it is missing.
    0x38 OutEscaped "out.escaped" ();
    /// Appends the accumulator to a pattern, where none of its characters stands for others; a missing one breaks
    /// the pattern.
    0x39 OutLiteral "out.literal" (manner: Manner);
    /// The output text becomes the pattern; a broken one fits nothing.
    0x3a OutPattern "out.pattern" ();

    /// A header of what is being built; nothing if the accumulator is missing.
    0x40 SetHeader "set.header" (name: Str);
    /// A query parameter of the integration request; a list gives several.
    0x41 SetQuery "set.query" (name: Str);
    /// A placeholder of the integration's URI.
    0x42 SetPlaceholder "set.placeholder" (name: Str);
    /// The status of the answer.
    0x43 SetStatus "set.status" (status: u16);

    /// The media type of the request becomes the one to choose by.
    0x50 MediaOfRequest "media.request" ();
    /// The first media type that the client accepts becomes the one to choose by.
    0x51 MediaWanted "media.wanted" ();
    /// Goes on at `to` if the media type to choose by is this one.
    0x52 CaseMedia "case.media" (media: Str, to: Label);
    /// Goes on at `to` if the full value of the header is this one.
    0x53 CaseFull "case.full" (value: Str, to: Label);
    /// The body becomes what a template renders.
    0x54 Template "template" (program: Blob);
    /// The body becomes this text.
    0x55 BodyText "body.text" (text: Str);
    /// The body is passed on as it is.
    0x56 BodyPass "body.pass" ();
    /// The body becomes the output text.
    0x57 BodyOut "body.out" ();
    /// The content type of the answer.
    0x58 SetMedia "set.media" (media: Str);

    /// A request header is missing unless it is there and not empty.
    0x60 RequireHeader "require.header" (name: Str);
    /// A path parameter is missing unless it is there.
    0x61 RequirePath "require.path" (name: Str);
    /// A query parameter is missing unless it is there.
    0x62 RequireQuery "require.query" (name: Str);

    /// Pushes false, true or error.
    0x70 Push "push" (truth: u8);
    /// Negates the top; an error stays one.
    0x71 Not "not" ();
    /// Kleene's conjunction of the two on top.
    0x72 And "and" ();
    /// Kleene's disjunction of the two on top.
    0x73 Or "or" ();
    /// Goes on at `to` if the top is false, and keeps it.
    0x74 JumpFalse "jump.false" (to: Label);
    /// Goes on at `to` if the top is true, and keeps it.
    0x75 JumpTrue "jump.true" (to: Label);
    /// Pushes whether the client's address is in the set; it is absent behind a VPC endpoint.
    0x76 IpIn "ip.in" (set: Blob, absent: Absent);
    /// Pushes whether the accumulator is one of the texts.
    0x77 TextIn "text.in" (set: Blob, absent: Absent);
    /// The same, whatever the letter case (ASCII).
    0x78 TextInFolded "text.in.folded" (set: Blob, absent: Absent);
    /// Pushes whether the accumulator fits one of the globs (`*`, `?`).
    0x79 Like "like" (globs: Blob, absent: Absent);
    /// Pushes how the accumulator, as a number, compares with `value` (an `f64`'s bits). What is no number
    /// compares as nothing, or is an error where an absent one is.
    0x7a Number "number" (comparison: Comparison, value: u64, absent: Absent);
    /// Pushes how the accumulator, as a moment, compares with `value` (milliseconds since 1970, two's complement).
    0x7b Moment "moment" (comparison: Comparison, value: u64, absent: Absent);
    /// Pushes whether the accumulator is this truth value, or its text. What is neither is not, or is an error where
    /// an absent one is.
    0x7c Boolean "boolean" (value: u8, absent: Absent);
    /// Pushes whether the accumulator is missing.
    0x7d Missing "missing" ();
    /// Pushes whether `PATH` of that fits one of the globs.
    0x93 PathLike "path.like" (globs: Blob);
    /// Pushes whether `API/STAGE/VERB/PATH` fits one of the globs.
    0x7e ArnLike "arn.like" (globs: Blob);
    /// The accumulator as an address; pushes whether it is in the set.
    0x7f AddressIn "address.in" (set: Blob, absent: Absent);

    /// Pushes how the accumulator, a text, compares with the pattern; two that are missing are equal, and one
    /// that is missing comes neither before nor after another.
    0x67 TextCompare "text.compare" (comparison: Comparison);
    /// Pushes whether the pattern is a part of the accumulator; an error if one is missing.
    0x68 TextPart "text.part" (part: Part);
    /// Pushes whether the accumulator fits the automaton.
    0x69 Matches "matches" (automaton: Blob, absent: Absent);
    /// Pushes whether the accumulator, as an ARN, fits one of the globs part by part.
    0x6a ArnIn "arn.in" (globs: Blob, absent: Absent);
    /// Pushes whether the accumulator fits the pattern.
    0x6b Fits "fits" (manner: Manner, absent: Absent);
    /// Pushes whether `API/STAGE/VERB/PATH` fits the pattern.
    0x6c ArnFits "arn.fits" ();
    /// Pushes whether the caller's account, user or session, role or unique id is one of the texts.
    0x6d PrincipalIn "principal.in" (set: Blob);
    /// Pushes whether the caller's account, user or session, or role is not one of the texts, or whether the
    /// caller has a permissions boundary.
    0x6e PrincipalBeyond "principal.beyond" (set: Blob);

    /// Pushes whether the client's address behind a VPC endpoint is in the set; elsewhere it is absent.
    0x6f VpcIpIn "vpc.ip.in" (set: Blob, absent: Absent);

    /// Pushes whether the VPC endpoint is one of the texts.
    0x92 VpceIn "vpce.in" (set: Blob, absent: Absent);

    /// Ends with an explicit denial if the top is true or an error; else pops it.
    0x80 Deny "deny" (statement: u32);
    /// Ends with an explicit denial if the top is false or an error; else pops it.
    0x90 DenyUnless "deny.unless" (statement: u32);
    /// Ends with an allowance.
    0x91 AllowAll "allow.all" (statement: u32);
    /// Ends with an allowance if the top is true; else pops it.
    0x81 Allow "allow" (statement: u32);
    /// Notes, if the top is true, that the caller's account may let it through by policies of its own; pops it.
    0x82 Delegate "delegate" (statement: u32);
    /// Adds the statements that an index files under the accumulator, a text of this key, to those that are asked.
    0x83 IndexText "index.text" (table: Blob, key: u8);
    /// Adds those that are filed under the ARN and the client's address, and those that are filed nowhere; goes on
    /// at the first. Up to where the index says, a statement that does not decide leads to the next one of them.
    0x84 Index "index" (table: Blob);
    /// Pushes whether the client's address is in the set, behind a VPC endpoint or not.
    0x85 PeerIn "peer.in" (set: Blob);

    /// Pushes what a condition in CEL comes to: its code is in `cel::Node`s.
    0x86 Computed "computed" (code: Blob);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_used_once_and_decodes_to_its_own_encoding() {
        for (i, a) in TABLE.iter().enumerate() {
            for b in &TABLE[i + 1..] {
                assert!(a.code != b.code, "{} and {}", a.mnemonic, b.mnemonic);
                assert!(a.mnemonic != b.mnemonic);
            }
            let mut bytes = alloc::vec![a.code];
            bytes.resize(32, 0);
            let (op, next) = Op::decode(&bytes, 0).expect(a.mnemonic);
            assert_eq!(op.mnemonic(), a.mnemonic);
            let mut again = Vec::new();
            op.encode(&mut again);
            assert_eq!(again, bytes[..next], "{}", a.mnemonic);
            for cut in 0..next {
                assert!(
                    Op::decode(&bytes[..cut], 0).is_none(),
                    "{} cut at {cut}",
                    a.mnemonic
                );
            }
        }
    }
}
