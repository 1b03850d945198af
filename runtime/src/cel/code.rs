//! How expressions are encoded.
//!
//! An expression is a byte that says what it is ([`Node`]) and its parts behind it. Numbers that count are in LEB128,
//! others little-endian. A part that may be passed over, because it need not be looked at or because it failed,
//! stands behind its length.

use alloc::vec::Vec;

macro_rules! nodes {
    ($($(#[doc = $doc:literal])+ $node:ident,)+) => {
        /// What a node is. In brackets: its parts; `n` counts those that follow, `…` is a part behind its length.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        pub enum Node { $($(#[doc = $doc])+ $node,)+ }

        /// All of them, by number, with what they are.
        pub(crate) const NODES: &[(Node, &[&str])] = &[$((Node::$node, &[$($doc),+]),)+];
    };
}

nodes! {
    /// `null`.
    Null,
    /// False.
    False,
    /// True.
    True,
    /// (8 bytes)
    Int,
    /// (8 bytes)
    Uint,
    /// (8 bytes)
    Double,
    /// (n, bytes)
    Text,
    /// (n, bytes)
    Bytes,
    /// A type. (n, its name)
    Type,
    /// (8 bytes of seconds, 4 of nanoseconds)
    Time,
    /// (8 bytes of seconds, 4 of nanoseconds)
    Duration,
    /// (n, 4 or 16 bytes)
    Ip,
    /// (n, 4 or 16 bytes and the length of the prefix)
    Cidr,
    /// (n, elements)
    List,
    /// (n, keys and values)
    Map,
    /// Of a list or a map: an optional, whose value is an element if it has one. (optional)
    Maybe,
    /// What a request says. (a byte: a field)
    Field,
    /// What one of its maps says. (a byte: a field; key)
    Member,
    /// What a macro or `cel.bind` names. (a byte: how many names are further out)
    Local,
    /// `a.b`, `a[b]`. (operand, key)
    Access,
    /// (operand, n, name)
    Has,
    /// (n, … each)
    And,
    /// (n, … each)
    Or,
    /// (condition, … then, … else)
    Choice,
    /// `or`. (optional, … otherwise)
    Otherwise,
    /// `orValue`. (optional, … otherwise)
    OrValue,
    /// `address in cidr("…", …)`. (address, n, texts)
    Within,
    /// (a byte: a function; n, … each operand)
    Call,
    /// (a byte: a macro; a byte: 1 with a second name, 2 with a filter; range, … filter if any, … body)
    Walk,
    /// `cel.bind`. (… value, … body)
    Let,
    /// Whether an automaton finds its pattern. (text, n, the automaton)
    Matches,
    /// What the clocks of a zone show. (a byte: a function; moment, n, the zone as RFC 9636 has it)
    Clock,
    /// Fails.
    Error,
}

macro_rules! numbered {
    ($(#[$doc:meta])* $name:ident, $all:ident: $($variant:ident $word:literal,)+) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        #[allow(missing_docs)] // each is CEL's of that name
        pub enum $name { $($variant,)+ }

        /// All of them, by number, with their names.
        pub const $all: &[($name, &str)] = &[$(($name::$variant, $word),)+];

        impl $name {
            /// The one with this name.
            #[must_use]
            pub fn named(name: &str) -> Option<$name> {
                $all.iter().find(|(_, other)| *other == name).map(|(found, _)| *found)
            }

            pub(super) fn numbered(number: u8) -> Option<$name> {
                $all.get(usize::from(number)).map(|(found, _)| *found)
            }
        }
    };
}

numbered! {
    /// What conditions read of a request, by the names of their schema.
    Field, FIELDS:
    SourceIp "source.ip",
    SourceVpce "source.vpce",
    SourceVpc "source.vpc",
    Method "request.method",
    Path "request.path",
    Headers "request.headers",
    Query "request.query",
    Secure "request.secure",
    Stage "stage.name",
    Account "principal.account",
    Arn "principal.arn",
    PrincipalType "principal.type",
    Organisation "principal.org",
    UserId "principal.userid",
    Tags "principal.tags",
    Claims "claims",
    Now "now",
}

impl Field {
    /// Whether it is a map.
    #[must_use]
    pub fn is_map(self) -> bool {
        matches!(
            self,
            Field::Headers | Field::Query | Field::Tags | Field::Claims
        )
    }
}

numbered! {
    /// Macros that walk lists and maps, or what an optional holds.
    Macro, MACROS:
    All "all",
    Exists "exists",
    ExistsOne "exists_one",
    Filter "filter",
    Map "map",
    TransformMap "transformMap",
    TransformMapEntry "transformMapEntry",
    OptMap "optMap",
    OptFlatMap "optFlatMap",
}

macro_rules! functions {
    ($($(#[$doc:meta])* $family:ident { $($variant:ident $word:literal,)+ })+) => {
        /// What functions are about.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Family { $($(#[$doc])* $family,)+ }

        numbered! {
            /// Functions and operators all of whose operands are evaluated.
            Function, FUNCTIONS:
            $($($variant $word,)+)+
        }

        impl Function {
            /// What it is about.
            pub(super) fn family(self) -> Family {
                match self { $($(Function::$variant)|+ => Family::$family,)+ }
            }
        }
    };
}

functions! {
    /// Comparisons: a claim beside a number or a truth value is the one that it says.
    Compare {
        Equal "==",
        NotEqual "!=",
        Less "<",
        LessEqual "<=",
        Greater ">",
        GreaterEqual ">=",
        In "in",
    }
    /// What is about no type alone.
    Plain {
        Not "!",
        Dyn "dyn",
        Size "size",
    }
    /// Arithmetic, and what puts texts and lists together.
    Reckon {
        Add "+",
        Subtract "-",
        Multiply "*",
        Divide "/",
        Remainder "%",
    }
    /// Conversions.
    Convert {
        Bool "bool",
        Int "int",
        Uint "uint",
        Double "double",
        String "string",
        Bytes "bytes",
        Type "type",
    }
    /// Base64.
    Base64 {
        Base64Decode "base64.decode",
        Base64Encode "base64.encode",
    }
    /// What makes moments and lengths of time.
    Time {
        Timestamp "timestamp",
        Duration "duration",
    }
    /// What shows a part of a moment.
    Clock {
        GetFullYear "getFullYear",
        GetMonth "getMonth",
        GetDate "getDate",
        GetDayOfMonth "getDayOfMonth",
        GetDayOfWeek "getDayOfWeek",
        GetDayOfYear "getDayOfYear",
        GetHours "getHours",
        GetMinutes "getMinutes",
        GetSeconds "getSeconds",
        GetMilliseconds "getMilliseconds",
    }
    /// Texts; `reverse` also turns lists.
    Text {
        StartsWith "startsWith",
        EndsWith "endsWith",
        Contains "contains",
        Matches "matches",
        CharAt "charAt",
        Format "format",
        IndexOf "indexOf",
        LastIndexOf "lastIndexOf",
        LowerAscii "lowerAscii",
        UpperAscii "upperAscii",
        Replace "replace",
        Reverse "reverse",
        Split "split",
        Substring "substring",
        Trim "trim",
        Quote "strings.quote",
    }
    /// Lists: a claim is meant by its elements.
    List {
        Join "join",
        Slice "slice",
        Flatten "flatten",
        Distinct "distinct",
        Sort "sort",
        First "first",
        Last "last",
        Range "lists.range",
    }
    /// Numbers.
    Math {
        Ceil "math.ceil",
        Floor "math.floor",
        Round "math.round",
        Trunc "math.trunc",
        Abs "math.abs",
        Sign "math.sign",
        Sqrt "math.sqrt",
        IsNan "math.isNaN",
        IsInf "math.isInf",
        IsFinite "math.isFinite",
        BitAnd "math.bitAnd",
        BitOr "math.bitOr",
        BitXor "math.bitXor",
        BitNot "math.bitNot",
        BitShiftLeft "math.bitShiftLeft",
        BitShiftRight "math.bitShiftRight",
        Greatest "math.greatest",
        Least "math.least",
    }
    /// Addresses.
    Network {
        Ip "ip",
        Cidr "cidr",
        IsIp "isIP",
        IsCidr "isCIDR",
        IsCanonical "ip.isCanonical",
        Family "family",
        IsUnspecified "isUnspecified",
        IsLoopback "isLoopback",
        IsGlobalUnicast "isGlobalUnicast",
        IsLinkLocalMulticast "isLinkLocalMulticast",
        IsLinkLocalUnicast "isLinkLocalUnicast",
        ContainsIp "containsIP",
        ContainsCidr "containsCIDR",
        Masked "masked",
        PrefixLength "prefixLength",
    }
    /// Optionals, and parts of values as optionals.
    Optional {
        OptionalNone "optional.none",
        OptionalOf "optional.of",
        OptionalOfNonZero "optional.ofNonZeroValue",
        OptionalUnwrap "optional.unwrap",
        UnwrapOpt "unwrapOpt",
        HasValue "hasValue",
        Value "value",
        SelectMember "?.",
        SelectIndex "?[]",
    }
}

impl Function {
    /// Whether its first operand may be a list or a map, and no text is meant where a claim is one.
    pub(super) fn takes_lists(self) -> bool {
        self.family() == Family::List
            || matches!(
                self,
                Function::Size | Function::SelectMember | Function::SelectIndex
            )
    }

    /// Whether a claim counts as a number or a truth value beside one.
    pub(super) fn compares(self) -> bool {
        self.family() == Family::Compare
    }
}

/// Appends a number that counts.
pub fn length(length: usize, out: &mut Vec<u8>) {
    let mut rest = length;
    while rest > 0x7f {
        out.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    out.push(rest as u8);
}

/// Code, to read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cursor<'c> {
    pub(super) code: &'c [u8],
    pub(super) at: usize,
}

impl<'c> Cursor<'c> {
    pub(super) fn byte(&mut self) -> Option<u8> {
        let byte = *self.code.get(self.at)?;
        self.at += 1;
        Some(byte)
    }

    pub(super) fn node(&mut self) -> Option<Node> {
        NODES.get(usize::from(self.byte()?)).map(|(node, _)| *node)
    }

    pub(super) fn count(&mut self) -> Option<usize> {
        let mut count = 0_usize;
        for shift in [0, 7, 14, 21, 28] {
            let byte = self.byte()?;
            count |= usize::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(count);
            }
        }
        None
    }

    pub(super) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let bytes = *self.code.get(self.at..)?.first_chunk::<N>()?;
        self.at += N;
        Some(bytes)
    }

    /// Bytes behind their number: where they lie.
    pub(super) fn run(&mut self) -> Option<(usize, usize)> {
        let len = self.count()?;
        let from = self.at;
        let to = from.checked_add(len).filter(|to| *to <= self.code.len())?;
        self.at = to;
        Some((from, to))
    }

    /// A part behind its length, which is passed over.
    pub(super) fn part(&mut self) -> Option<Cursor<'c>> {
        let (from, to) = self.run()?;
        Some(Cursor {
            code: self.code.get(..to)?,
            at: from,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_node_has_its_number() {
        for (number, (node, _)) in NODES.iter().enumerate() {
            assert_eq!(*node as usize, number, "{node:?}");
        }
    }

    #[test]
    fn what_is_counted_is_read_again() {
        for count in [0, 1, 127, 128, 300, 16_383, 16_384, 1 << 27] {
            let mut code = Vec::new();
            length(count, &mut code);
            let mut cursor = Cursor { code: &code, at: 0 };
            assert_eq!(cursor.count(), Some(count));
            assert_eq!(cursor.at, code.len());
        }
        let mut endless = Cursor {
            code: &[0xff; 9],
            at: 0,
        };
        assert_eq!(endless.count(), None);
    }
}
