//! Templates that need nothing of a gateway: what any engine of the language must render alike.
//!
//! They begin with assignments of a few variables of every kind, and go on with text and directives that use them,
//! well or badly. What is left out is what Tollgate refuses on purpose: macros, resources, reflection, and patterns
//! that only backtracking could match.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// What every template begins with.
const GIVEN: &str = "#set($x = 3)#set($y = -7)#set($d = 2.5)#set($s = \"Hello, World\")#set($e = '')\
#set($l = [1, 'b', 2.5, true])#set($n = [])#set($m = {'k': 1, \"z\": [1, 2], 'o': {'k': 'in'}})#set($t = true)#set($f = false)";

const NAMES: [&str; 13] = [
    "x", "y", "d", "s", "e", "l", "n", "m", "t", "f", "u", "i", "b",
];

/// Methods with their arguments; those that a value does not have print nothing.
const CALLS: [&str; 61] = [
    "length()",
    "toUpperCase()",
    "toLowerCase()",
    "trim()",
    "substring(2)",
    "substring(1, 4)",
    "substring(9, 99)",
    "indexOf('o')",
    "indexOf(2.5)",
    "lastIndexOf('o')",
    "contains('b')",
    "contains(\"World\")",
    "startsWith('He')",
    "endsWith('d')",
    "replace('l', 'L')",
    "replaceAll('[aeiou]', '<$0>')",
    "replaceAll('(\\w+), (\\w+)', '$2 $1')",
    "replaceFirst('l+', '')",
    "split(',').size()",
    "concat('!')",
    "equals('b')",
    "equals($x)",
    "equalsIgnoreCase('HELLO, WORLD')",
    "isEmpty()",
    "empty",
    "charAt(1).toString()",
    "compareTo('Help')",
    "matches('H.*d')",
    "matches('H')",
    "toString()",
    "toString().length()",
    "size()",
    "size",
    "get(0)",
    "get(3)",
    "get(7)",
    "get('k')",
    "get('nope')",
    "add('new')",
    "add($x)",
    "addAll([7, 8])",
    "remove(0)",
    "remove('k')",
    "set(0, 'first')",
    "subList(1, 3)",
    "put('p', 5)",
    "putAll({'q': 6})",
    "keySet()",
    "values()",
    "entrySet()",
    "containsKey('z')",
    "containsValue(1)",
    "clear()",
    "intValue()",
    "doubleValue()",
    "longValue()",
    "iterator().next()",
    "nope()",
    "nope(1, 'a')",
    "k",
    "o.k",
];

/// Text, and what only looks like more.
const TEXT: [&str; 34] = [
    "a",
    " ",
    "\n",
    "  \n",
    "\t",
    "x y",
    "é😀",
    "}",
    "]",
    ")",
    ".",
    ",",
    "-",
    "\"",
    "'",
    "$ ",
    "$$ ",
    "$1",
    "${ a",
    "$! ",
    "##",
    "## note\n",
    " #* note *#",
    " #[[ $x #if ]]#",
    "#foo",
    "#foo($x)",
    "\\$x",
    "\\\\$x",
    "\\$u",
    "\\#set($x = 1)",
    "\\#foo",
    "\r\n",
    "&lt;",
    "0",
];

fn name() -> impl Strategy<Value = String> {
    select(&NAMES[..]).prop_map(str::to_owned)
}

/// Literals of every kind, with the edges of numbers.
fn literal() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => (-20i64..20).prop_map(|number| number.to_string()),
        2 => select(vec![
            "0", "2147483647", "2147483648", "-2147483649", "9223372036854775807", "9223372036854775808",
            "123456789012345678901234567890", "1.0", "0.1", "2.50", "1e3", "1.5E-7", "100000000.0", "-0.0", ".5",
        ])
        .prop_map(str::to_owned),
        3 => select(vec!["''", "'a'", "'it''s'", "'$x'", "\"\"", "\"b\"", "\"$x!\"", "\"${s}.k\"", "\"say \"\"hi\"\"\"", "\"#if($t)Y#end\"", "'1'", "'3'"])
            .prop_map(str::to_owned),
        1 => select(vec!["true", "false"]).prop_map(str::to_owned),
        1 => select(vec!["[]", "{}", "[1..3]", "[3..1]", "[$x..5]", "['a', 'b']", "{'a': 1}"]).prop_map(str::to_owned),
    ]
}

/// The way from a variable to what is meant.
fn way() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => Just(String::new()),
        5 => select(&CALLS[..]).prop_map(|call| format!(".{call}")),
        1 => (select(&CALLS[..]), select(&CALLS[..])).prop_map(|(a, b)| format!(".{a}.{b}")),
        2 => select(vec!["[0]", "[1]", "[-1]", "[9]", "['k']", "[\"z\"]", "[$x]", "['z'][1]"]).prop_map(str::to_owned),
    ]
}

fn reference() -> impl Strategy<Value = String> {
    let form = select(vec![("$", ""), ("${", "}"), ("$!", ""), ("$!{", "}")]);
    (form, name(), way()).prop_map(|((open, close), name, way)| format!("{open}{name}{way}{close}"))
}

fn expression() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        2 => literal(),
        3 => (name(), way()).prop_map(|(name, way)| format!("${name}{way}")),
    ];
    leaf.prop_recursive(3, 8, 2, |inner| {
        let operator = select(vec![
            "+", "-", "*", "/", "==", "!=", "<", "<=", ">", ">=", "&&", "||", "eq", "ne", "lt",
            "gt", "and", "or",
        ]);
        prop_oneof![
            4 => (inner.clone(), operator, inner.clone())
                .prop_map(|(left, operator, right)| format!("{left} {operator} {right}")),
            1 => (-20i64..20, 1i64..9).prop_map(|(left, right)| format!("{left} % {right}")),
            1 => inner.clone().prop_map(|inner| format!("({inner})")),
            1 => inner.prop_map(|inner| format!("!{inner}")),
        ]
    })
}

fn items() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => select(vec!["$l", "$m", "$n", "$m.keySet()", "$m.values()", "$m.z", "[1..4]", "['a', $x]", "$s.split(', ')"])
            .prop_map(str::to_owned),
        1 => select(vec!["$s", "$u", "$x", "$t", "{'a': 1, 'b': 2}"]).prop_map(str::to_owned),
    ]
}

fn target() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => name().prop_map(|name| format!("${name}")),
        1 => select(vec!["$m.new", "$m['w']", "$l[0]", "$l[9]", "$m.o.k", "$u.a", "${x}", "$!x"]).prop_map(str::to_owned),
    ]
}

fn part() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        4 => select(&TEXT[..]).prop_map(str::to_owned),
        5 => reference(),
        4 => (target(), expression()).prop_map(|(target, value)| format!("#set({target} = {value})")),
        1 => select(vec![
            "$foreach.count", "$foreach.index", "$foreach.hasNext", "$foreach.first", "$foreach.last", "$velocityCount",
            "$foreach.parent.count", "$i.key", "$i.value", "#break", "#stop",
        ])
        .prop_map(str::to_owned),
    ];
    leaf.prop_recursive(3, 24, 5, |inner| {
        let body = vec(inner, 0..4).prop_map(|parts| parts.concat());
        let lines = select(vec!["", "\n", " ", "  \n  "]);
        prop_oneof![
            3 => (expression(), body.clone(), lines.clone()).prop_map(|(test, body, line)| format!("#if({test}){line}{body}#end{line}")),
            2 => (expression(), expression(), body.clone(), body.clone(), body.clone())
                .prop_map(|(a, b, first, second, third)| format!("#if({a}){first}#elseif({b}){second}#{{else}}{third}#end")),
            3 => (items(), body.clone(), lines).prop_map(|(items, body, line)| format!("#foreach($i in {items}){line}{body}$i#end")),
            1 => body.prop_map(|body| format!("#define($b){body}#end")),
        ]
    })
}

/// A template.
pub fn templates() -> impl Strategy<Value = String> {
    vec(part(), 1..8).prop_map(|parts| format!("{GIVEN}{}", parts.concat()))
}
