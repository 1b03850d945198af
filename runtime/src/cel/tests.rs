use std::string::String;
use std::vec::Vec;

use super::*;

/// A host whose fields hold little.
struct Little;

impl Host for Little {
    fn field(&mut self, field: Field, space: &mut Space) -> Found {
        match field {
            Field::Path => Ok(Cel::Text(space.text(b"/a/b")?)),
            Field::Claims => self.elements_of(space),
            Field::Secure => Err(Fail::Request),
            _ => Ok(Cel::Null),
        }
    }

    fn member(&mut self, _: Field, key: Key<'_>, space: &mut Space) -> Found {
        let key = key.behind(b"=", space)?;
        Ok(Cel::Claim(key))
    }

    fn elements(&mut self, _: Key<'_>, space: &mut Space) -> Found {
        self.elements_of(space)
    }

    fn matches(&mut self, text: &str, pattern: &str) -> Result<bool, Fail> {
        Ok(text.contains(pattern))
    }

    fn ahead(&mut self, _: &str, _: i64) -> Option<i64> {
        Some(i64::MAX)
    }
}

impl Little {
    fn elements_of(&self, space: &mut Space) -> Found {
        let height = space.height();
        let (name, text) = (space.text(b"a")?, space.text(b"[1]")?);
        let claim = space.structured(text, name)?;
        space.push(Cel::Text(name))?;
        space.push(claim)?;
        Ok(Cel::Request(space.settle_named(height)))
    }
}

/// Numbers that look random (xorshift).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % below
    }
}

/// An expression of `depth`, mostly well formed.
fn expression(numbers: &mut Numbers, depth: usize, out: &mut Vec<u8>) {
    let part = |numbers: &mut Numbers, out: &mut Vec<u8>| {
        let mut part = Vec::new();
        expression(numbers, depth.saturating_sub(1), &mut part);
        length(part.len(), out);
        out.append(&mut part);
    };
    let leaf = depth == 0 || numbers.next(4) == 0;
    match numbers.next(if leaf { 9 } else { 22 }) {
        0 => out.push(numbers.next(3) as u8),
        1 => {
            out.push(Node::Int as u8 + numbers.next(3) as u8);
            let value = [0, 1, -1, i64::MAX, i64::MIN, 7][numbers.next(6)];
            out.extend(value.to_le_bytes());
        }
        2 => {
            out.push(Node::Text as u8 + numbers.next(3) as u8);
            let text = [
                "", "ä", "a,b", "%s %d", "10.0.0.1", "%.3f|%x", "+01:00", "1.5h",
            ][numbers.next(8)];
            length(text.len(), out);
            out.extend(text.bytes());
        }
        3 => {
            out.push(Node::Time as u8 + numbers.next(2) as u8);
            out.extend(
                [0, 1_700_000_000, -62_135_596_800, i64::MAX][numbers.next(4)].to_le_bytes(),
            );
            out.extend([0_u32, 5, u32::MAX][numbers.next(3)].to_le_bytes());
        }
        4 => {
            out.push(Node::Ip as u8 + numbers.next(2) as u8);
            let len = [4, 5, 16, 17, 0][numbers.next(5)];
            length(len, out);
            out.extend((0..len).map(|_| numbers.next(256) as u8));
        }
        5 | 6 => out.extend([Node::Field as u8, numbers.next(18) as u8]),
        7 => out.extend([Node::Local as u8, numbers.next(4) as u8]),
        8 => out.push(numbers.next(40) as u8),
        9 | 10 => {
            out.push(Node::List as u8 + numbers.next(2) as u8);
            let count = numbers.next(4);
            length(count, out);
            for _ in 0..2 * count {
                expression(numbers, depth - 1, out);
            }
        }
        11 => {
            out.push(
                [Node::Maybe, Node::Access, Node::Otherwise, Node::OrValue][numbers.next(4)] as u8,
            );
            expression(numbers, depth - 1, out);
            part(numbers, out);
        }
        12 => {
            out.push(Node::And as u8 + numbers.next(2) as u8);
            length(2, out);
            part(numbers, out);
            part(numbers, out);
        }
        13 => {
            out.extend([
                Node::Walk as u8,
                numbers.next(9) as u8,
                numbers.next(4) as u8,
            ]);
            expression(numbers, depth - 1, out);
            part(numbers, out);
            part(numbers, out);
        }
        14 => {
            out.push(Node::Let as u8);
            part(numbers, out);
            part(numbers, out);
        }
        15 => {
            out.extend([Node::Member as u8, numbers.next(17) as u8]);
            expression(numbers, depth - 1, out);
        }
        16 => {
            out.extend([Node::Clock as u8, numbers.next(104) as u8]);
            expression(numbers, depth - 1, out);
            let file = b"TZif\xff\xff";
            length(file.len(), out);
            out.extend(file);
        }
        17 => {
            out.push(Node::Matches as u8);
            expression(numbers, depth - 1, out);
            out.extend([2, numbers.next(3) as u8, b'a']);
        }
        _ => {
            out.extend([Node::Call as u8, numbers.next(105) as u8]);
            let count = numbers.next(4);
            length(count, out);
            for _ in 0..count {
                part(numbers, out);
            }
        }
    }
}

fn failed(code: &[u8], steps: &mut u64) -> Option<Fail> {
    let mut space = Space::default();
    evaluate(code, &mut Little, &mut space, 1 << 20, steps).err()
}

fn steps_left(code: &[u8], space: &mut Space) -> u64 {
    let _ = listing(code);
    let mut steps = 20_000;
    let _ = evaluate(code, &mut Little, space, 1 << 18, &mut steps);
    steps
}

#[test]
fn no_code_makes_it_panic() {
    let mut numbers = Numbers(0x5eed);
    let mut space = Space::default();
    let mut ran = 0;
    for _ in 0..100_000 {
        let mut code = Vec::new();
        expression(&mut numbers, 4, &mut code);
        ran += usize::from(steps_left(&code, &mut space) < 19_995);
        if !code.is_empty() {
            let at = numbers.next(code.len());
            code[at] = numbers.next(256) as u8;
            steps_left(&code, &mut space);
            code.truncate(at);
            steps_left(&code, &mut space);
        }
    }
    assert!(ran > 5_000, "{ran} of them did something");
}

/// `lists.range(1000000).map(x, …)` within itself, and texts that double.
#[test]
fn steps_and_bytes_are_bounded() {
    let mut range = std::vec![
        Node::Call as u8,
        Function::Range as u8,
        1,
        9,
        Node::Int as u8
    ];
    range.extend(1_000_000_i64.to_le_bytes());
    let mut code = range.clone();
    for _ in 0..4 {
        let mut outer = std::vec![Node::Walk as u8, Macro::Map as u8, 0];
        outer.extend(&range);
        length(code.len(), &mut outer);
        outer.extend(&code);
        code = outer;
    }
    let mut steps = 200_000;
    let found = failed(&code, &mut steps);
    assert!(matches!(found, Some(Fail::Error(_))));

    let mut code = std::vec![Node::Text as u8, 4];
    code.extend(b"text");
    for _ in 0..40 {
        let mut doubled = std::vec![Node::Let as u8];
        length(code.len(), &mut doubled);
        doubled.append(&mut code);
        let local = [1, Node::Local as u8];
        // The innermost name is the last of those that are bound around it.
        doubled.extend([8, Node::Call as u8, Function::Add as u8, 2]);
        doubled.extend([local.as_slice(), &[0], &local, &[0]].concat().as_slice());
        code = doubled;
    }
    let mut steps = 200_000;
    let found = failed(&code, &mut steps);
    assert!(matches!(found, Some(Fail::Error(_))));
}

#[test]
fn code_that_is_too_deep_fails() {
    let mut code = std::vec![Node::Maybe as u8 + 4; 3];
    code = [std::vec![Node::Access as u8; 100_000], code].concat();
    let mut steps = u64::MAX;
    let found = failed(&code, &mut steps);
    assert_eq!(found, Some(Fail::Error("it is too deep")));
}

/// What fails in a list that is made beside a connective leaves nothing in the list around it.
#[test]
fn what_was_in_the_making_is_forgotten() {
    // [[1, error].size() == 0 || true]
    let mut inner = std::vec![Node::List as u8, 2, Node::Int as u8];
    inner.extend(1_i64.to_le_bytes());
    inner.push(Node::Error as u8);
    let mut code = std::vec![Node::List as u8, 1, Node::Or as u8, 2];
    length(inner.len(), &mut code);
    code.append(&mut inner);
    code.extend([1, Node::True as u8]);
    let mut space = Space::default();
    let (value, view) = evaluate(&code, &mut Little, &mut space, 1 << 20, &mut 1000).unwrap();
    let Cel::List(run) = value else {
        panic!("{value:?}")
    };
    assert_eq!(view.cells(run), [Cel::Bool(true)]);
}

#[test]
fn of_names_that_stand_twice_the_last_stays() {
    let mut space = Space::default();
    space.open(1 << 10);
    for (name, value) in [("b", 1), ("a", 2), ("b", 3), ("a", 4), ("c", 5)] {
        let name = space.text(name.as_bytes()).unwrap();
        space.push(Cel::Text(name)).unwrap();
        space.push(Cel::Int(value)).unwrap();
    }
    let run = space.settle_named(0);
    let view = View {
        code: &[],
        text: &space.text,
        cells: &space.cells,
    };
    let shown: Vec<String> = view
        .cells(run)
        .iter()
        .map(|cell| match cell {
            Cel::Text(name) => view.str(*name).into(),
            other => std::format!("{other:?}"),
        })
        .collect();
    assert_eq!(shown, ["a", "Int(4)", "b", "Int(3)", "c", "Int(5)"]);
}

/// `request.headers.exists(h, …)` within itself takes no more memory than once.
#[test]
fn what_a_step_makes_is_forgotten() {
    // range(20000).all(x, ("a" + "b") != "c")
    let mut sum = std::vec![Node::Call as u8, Function::Add as u8, 2];
    sum.extend([3, Node::Text as u8, 1, b'a', 3, Node::Text as u8, 1, b'b']);
    let mut body = std::vec![Node::Call as u8, Function::NotEqual as u8, 2];
    length(sum.len(), &mut body);
    body.append(&mut sum);
    body.extend([3, Node::Text as u8, 1, b'c']);
    let mut code = std::vec![Node::Walk as u8, Macro::All as u8, 0];
    code.extend([
        Node::Call as u8,
        Function::Range as u8,
        1,
        9,
        Node::Int as u8,
    ]);
    code.extend(20_000_i64.to_le_bytes());
    length(body.len(), &mut code);
    code.append(&mut body);
    let mut space = Space::default();
    // The list alone is 320 000 bytes.
    let found = evaluate(&code, &mut Little, &mut space, 330_000, &mut 1_000_000);
    assert!(matches!(found, Ok((Cel::Bool(true), _))), "{found:?}");
}

#[test]
fn texts_are_cut_at_characters() {
    let of = |function: Function, parts: &[&str]| {
        let mut code = std::vec![Node::Call as u8, function as u8, parts.len() as u8];
        for part in parts {
            length(part.len() + 2, &mut code);
            code.extend([Node::Text as u8, part.len() as u8]);
            code.extend(part.bytes());
        }
        let mut space = Space::default();
        let (value, view) = evaluate(&code, &mut Little, &mut space, 1 << 16, &mut 1000).unwrap();
        match value {
            Cel::Text(text) => String::from(view.str(text)),
            Cel::List(run) => {
                let text = |cell: &Cel| match cell {
                    Cel::Text(text) => view.str(*text),
                    _ => "?",
                };
                view.cells(run)
                    .iter()
                    .map(text)
                    .collect::<Vec<_>>()
                    .join("|")
            }
            other => std::format!("{other:?}"),
        }
    };
    assert_eq!(of(Function::Reverse, &["aé\u{1F600}z"]), "z\u{1F600}éa");
    assert_eq!(
        of(Function::Split, &["aé\u{1F600}z", ""]),
        "a|é|\u{1F600}|z"
    );
    assert_eq!(of(Function::Split, &["éxéxé", "x"]), "é|é|é");
    assert_eq!(of(Function::Replace, &["aéb", "", "-"]), "-a-é-b-");
    assert_eq!(of(Function::Replace, &["ééé", "é", "è"]), "èèè");
    assert_eq!(of(Function::Quote, &["a\"\né\\"]), r#""a\"\né\\""#);
}

/// The value of code, where it is no handle.
fn value(code: &[u8]) -> Found {
    let mut space = Space::default();
    evaluate(code, &mut Little, &mut space, 1 << 16, &mut 1000).map(|(value, _)| value)
}

#[test]
fn whole_numbers_that_leave_their_range_fail() {
    use Function::{Add, Divide, Multiply, Remainder, Subtract};
    for (left, function, right, expected) in [
        (7, Add, 2, Some(9)),
        (-7, Multiply, 2, Some(-14)),
        (-7, Divide, 2, Some(-3)),
        (-7, Remainder, 2, Some(-1)),
        (7, Divide, 0, None),
        (7, Remainder, 0, None),
        (i64::MIN, Divide, -1, None),
        (i64::MIN, Remainder, -1, None),
        (i64::MAX, Add, 1, None),
        (i64::MIN, Subtract, 1, None),
        (i64::MAX, Multiply, 2, None),
    ] {
        let mut code = std::vec![Node::Call as u8, function as u8, 2];
        for number in [left, right] {
            code.extend([9, Node::Int as u8]);
            code.extend(i64::to_le_bytes(number));
        }
        let expected = expected.map(Cel::Int);
        assert_eq!(value(&code).ok(), expected, "{left} {function:?} {right}");
    }
}

#[test]
fn one_operand_decides_beside_failures_and_none_does_by_failing() {
    let (no, yes, fails) = (Node::False as u8, Node::True as u8, Node::Error as u8);
    for (node, operands, expected) in [
        (Node::And, [fails, no], Some(false)),
        (Node::And, [no, fails], Some(false)),
        (Node::And, [fails, yes], None),
        (Node::And, [yes, fails], None),
        (Node::And, [yes, yes], Some(true)),
        (Node::Or, [fails, yes], Some(true)),
        (Node::Or, [yes, fails], Some(true)),
        (Node::Or, [fails, no], None),
        (Node::Or, [no, fails], None),
        (Node::Or, [no, no], Some(false)),
    ] {
        let code = [node as u8, 2, 1, operands[0], 1, operands[1]];
        let expected = expected.map(Cel::Bool);
        assert_eq!(value(&code).ok(), expected, "{node:?} {operands:?}");
    }
}

/// The only claim of the host is shown as `[1]`, and has one element.
#[test]
fn a_claim_with_elements_is_them_where_they_are_asked_for() {
    let claim = [
        Node::Access as u8,
        Node::Field as u8,
        Field::Claims as u8,
        Node::Text as u8,
        1,
        b'a',
    ];
    let of = |function: Function| {
        let mut code = std::vec![Node::Call as u8, function as u8, 1, claim.len() as u8];
        code.extend(claim);
        value(&code)
    };
    assert_eq!(of(Function::Size), Ok(Cel::Int(1)));
    assert!(matches!(of(Function::Trim), Ok(Cel::Text(text)) if text.len == 3));
}
