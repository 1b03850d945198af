//! Which functions there are, and what they take and give.

use tollgate_model::condition::Type;

use super::types::{base, is_number};

/// A function: its name, what it takes, a letter each (its receiver first), and what it gives.
struct Function(&'static str, &'static str, char);

/// `b` a truth value, `i` an int, `u` a uint, `d` a double, `n` a number, `s` text, `y` bytes, `l` a list, `S` a list
/// of texts, `m` a map, `t` a moment, `r` a duration, `k` a type, `o` an optional, `p` an address, `c` ranges,
/// `a` anything. Alike names stand together.
static FUNCTIONS: &[Function] = &[
    Function("bool", "a", 'b'),
    Function("bytes", "a", 'y'),
    Function("double", "a", 'd'),
    Function("dyn", "a", 'a'),
    Function("int", "a", 'i'),
    Function("string", "a", 's'),
    Function("type", "a", 'k'),
    Function("uint", "a", 'u'),
    Function("size", "s", 'i'),
    Function("size", "y", 'i'),
    Function("size", "l", 'i'),
    Function("size", "m", 'i'),
    Function("startsWith", "ss", 'b'),
    Function("endsWith", "ss", 'b'),
    Function("contains", "ss", 'b'),
    Function("matches", "ss", 'b'),
    Function("charAt", "si", 's'),
    Function("format", "sl", 's'),
    Function("indexOf", "ss", 'i'),
    Function("indexOf", "ssi", 'i'),
    Function("lastIndexOf", "ss", 'i'),
    Function("lastIndexOf", "ssi", 'i'),
    Function("lowerAscii", "s", 's'),
    Function("upperAscii", "s", 's'),
    Function("replace", "sss", 's'),
    Function("replace", "sssi", 's'),
    Function("reverse", "s", 's'),
    Function("reverse", "l", 'l'),
    Function("split", "ss", 'S'),
    Function("split", "ssi", 'S'),
    Function("substring", "si", 's'),
    Function("substring", "sii", 's'),
    Function("trim", "s", 's'),
    Function("strings.quote", "s", 's'),
    Function("join", "l", 's'),
    Function("join", "ls", 's'),
    Function("slice", "lii", 'l'),
    Function("flatten", "l", 'l'),
    Function("flatten", "li", 'l'),
    Function("distinct", "l", 'l'),
    Function("sort", "l", 'l'),
    Function("first", "l", 'o'),
    Function("last", "l", 'o'),
    Function("lists.range", "i", 'l'),
    Function("base64.decode", "s", 'y'),
    Function("base64.encode", "y", 's'),
    Function("math.ceil", "d", 'd'),
    Function("math.floor", "d", 'd'),
    Function("math.round", "d", 'd'),
    Function("math.trunc", "d", 'd'),
    Function("math.abs", "n", 'a'),
    Function("math.sign", "n", 'a'),
    Function("math.sqrt", "n", 'd'),
    Function("math.isNaN", "d", 'b'),
    Function("math.isInf", "d", 'b'),
    Function("math.isFinite", "d", 'b'),
    Function("math.bitAnd", "ii", 'i'),
    Function("math.bitAnd", "uu", 'u'),
    Function("math.bitOr", "ii", 'i'),
    Function("math.bitOr", "uu", 'u'),
    Function("math.bitXor", "ii", 'i'),
    Function("math.bitXor", "uu", 'u'),
    Function("math.bitNot", "i", 'i'),
    Function("math.bitNot", "u", 'u'),
    Function("math.bitShiftLeft", "ii", 'i'),
    Function("math.bitShiftLeft", "ui", 'u'),
    Function("math.bitShiftRight", "ii", 'i'),
    Function("math.bitShiftRight", "ui", 'u'),
    Function("timestamp", "s", 't'),
    Function("timestamp", "i", 't'),
    Function("timestamp", "t", 't'),
    Function("duration", "s", 'r'),
    Function("duration", "i", 'r'),
    Function("duration", "r", 'r'),
    Function("getFullYear", "t", 'i'),
    Function("getFullYear", "ts", 'i'),
    Function("getMonth", "t", 'i'),
    Function("getMonth", "ts", 'i'),
    Function("getDate", "t", 'i'),
    Function("getDate", "ts", 'i'),
    Function("getDayOfMonth", "t", 'i'),
    Function("getDayOfMonth", "ts", 'i'),
    Function("getDayOfWeek", "t", 'i'),
    Function("getDayOfWeek", "ts", 'i'),
    Function("getDayOfYear", "t", 'i'),
    Function("getDayOfYear", "ts", 'i'),
    Function("getHours", "t", 'i'),
    Function("getHours", "ts", 'i'),
    Function("getHours", "r", 'i'),
    Function("getMinutes", "t", 'i'),
    Function("getMinutes", "ts", 'i'),
    Function("getMinutes", "r", 'i'),
    Function("getSeconds", "t", 'i'),
    Function("getSeconds", "ts", 'i'),
    Function("getSeconds", "r", 'i'),
    Function("getMilliseconds", "t", 'i'),
    Function("getMilliseconds", "ts", 'i'),
    Function("getMilliseconds", "r", 'i'),
    Function("ip", "s", 'p'),
    Function("ip", "p", 'p'),
    Function("ip", "c", 'p'),
    Function("isIP", "s", 'b'),
    Function("isCIDR", "s", 'b'),
    Function("ip.isCanonical", "s", 'b'),
    Function("family", "p", 'i'),
    Function("isUnspecified", "p", 'b'),
    Function("isLoopback", "p", 'b'),
    Function("isGlobalUnicast", "p", 'b'),
    Function("isLinkLocalMulticast", "p", 'b'),
    Function("isLinkLocalUnicast", "p", 'b'),
    Function("containsIP", "cp", 'b'),
    Function("containsIP", "cs", 'b'),
    Function("containsCIDR", "cc", 'b'),
    Function("containsCIDR", "cs", 'b'),
    Function("masked", "c", 'c'),
    Function("prefixLength", "c", 'i'),
    Function("optional.none", "", 'o'),
    Function("optional.of", "a", 'o'),
    Function("optional.ofNonZeroValue", "a", 'o'),
    Function("optional.unwrap", "l", 'l'),
    Function("unwrapOpt", "l", 'l'),
    Function("hasValue", "o", 'b'),
    Function("value", "o", 'a'),
    Function("or", "oo", 'o'),
    Function("orValue", "oa", 'a'),
];

/// Those that take any number of values.
const VARIADIC: [&str; 3] = ["cidr", "math.greatest", "math.least"];

/// Words before the dot in the names of functions.
pub(super) const NAMESPACES: [&str; 7] = [
    "base64", "cel", "ip", "lists", "math", "optional", "strings",
];

/// Every name, those of macros too.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    FUNCTIONS
        .iter()
        .map(|function| function.0)
        .chain(VARIADIC)
        .chain(super::macros::NAMES)
}

/// Why a call is none.
pub(super) enum Misuse {
    /// There is no such function.
    Unknown,
    /// It takes others; the first operand that no form of it takes, if it is one alone.
    Operands(Option<usize>),
}

/// The type of a call's value.
pub(super) fn result(name: &str, operands: &[&Type]) -> Result<Type, Misuse> {
    if VARIADIC.contains(&name) {
        return match operands {
            [] => Err(Misuse::Operands(None)),
            _ if name == "cidr" => Ok(Type::Cidrs),
            _ => Ok(Type::Dynamic),
        };
    }
    let forms = || FUNCTIONS.iter().filter(|function| function.0 == name);
    if forms().next().is_none() {
        return Err(Misuse::Unknown);
    }
    let takes = |Function(_, letters, _): &Function| {
        letters.len() == operands.len()
            && letters
                .chars()
                .zip(operands)
                .all(|(letter, ty)| fits(letter, base(ty)))
    };
    let mut fitting = forms().filter(|form| takes(form)).map(|form| form.2);
    let Some(given) = fitting.next() else {
        let wrong = (0..operands.len()).find(|at| {
            forms().all(|form| {
                !form
                    .1
                    .chars()
                    .nth(*at)
                    .is_some_and(|letter| fits(letter, base(operands[*at])))
            })
        });
        let counted = forms().any(|form| form.1.len() == operands.len());
        return Err(Misuse::Operands(wrong.filter(|_| counted)));
    };
    // Where several forms fit, it is not known which one is meant.
    Ok(match fitting.all(|other| other == given) {
        true => given_type(given),
        false => Type::Dynamic,
    })
}

fn fits(letter: char, ty: &Type) -> bool {
    match (letter, ty) {
        ('a', _) | (_, Type::Dynamic) => true,
        ('b', Type::Bool)
        | ('i', Type::Int)
        | ('u', Type::Uint)
        | ('d', Type::Double)
        | ('s', Type::Text)
        | ('y', Type::Bytes)
        | ('l', Type::List(_))
        | ('m', Type::Map(_) | Type::Entries(..))
        | ('t', Type::Time)
        | ('r', Type::Duration)
        | ('k', Type::TypeName)
        | ('o', Type::Maybe(_))
        | ('p', Type::Ip)
        | ('c', Type::Cidrs) => true,
        ('n', ty) => is_number(ty),
        _ => false,
    }
}

fn given_type(letter: char) -> Type {
    let anything = || Box::new(Type::Dynamic);
    match letter {
        'b' => Type::Bool,
        'i' => Type::Int,
        'u' => Type::Uint,
        'd' => Type::Double,
        's' => Type::Text,
        'y' => Type::Bytes,
        'l' => Type::List(anything()),
        'S' => Type::List(Box::new(Type::Text)),
        't' => Type::Time,
        'r' => Type::Duration,
        'k' => Type::TypeName,
        'o' => Type::Maybe(anything()),
        'p' => Type::Ip,
        'c' => Type::Cidrs,
        _ => Type::Dynamic,
    }
}
