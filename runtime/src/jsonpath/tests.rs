use std::string::{String, ToString};
use std::vec::Vec;

use super::*;
use crate::json::{Heap, Lent, Mode, Style, parse};
use crate::scratch::Scratch;
use crate::value::{Src, Text};

struct Body<'b>(&'b str);

impl Lent for Body<'_> {
    fn lent(&self, text: Text) -> Option<&[u8]> {
        self.0
            .as_bytes()
            .get(text.off as usize..)?
            .get(..text.len as usize)
    }
}

/// What a path finds, as JSON; or why it finds nothing.
fn found(path: &str, document: &str) -> String {
    let mut code = Vec::new();
    if let Err(error) = compile(path.as_bytes(), &mut code) {
        return std::format!("{error:?}");
    }
    assert!(verify(&code), "{path}");
    let mut scratch = Scratch::new(1 << 20);
    let body = Body(document);
    let mut heap = Heap::new(&body, &mut scratch, 1 << 20);
    let value = parse(
        &mut heap,
        Text::whole(Src::Body, document.as_bytes()),
        Mode::Strict,
    )
    .unwrap();
    match find(&mut heap, &code, value) {
        Ok(Some(value)) => {
            let text = heap.to_text(value, Style::Json).unwrap();
            String::from_utf8(heap.bytes(text).to_vec()).unwrap()
        }
        Ok(None) => "nothing".to_string(),
        Err(error) => std::format!("{error:?}"),
    }
}

fn check(document: &str, cases: &[(&str, &str)]) {
    let wrong: Vec<_> = cases
        .iter()
        .map(|(path, want)| (*path, found(path, document), *want))
        .filter(|(_, got, want)| got != want)
        .collect();
    assert!(wrong.is_empty(), "path, got, want: {wrong:#?}");
}

const STORE: &str = r#"{"store":{"book":[{"t":"A","p":8.5,"c":"x"},{"t":"B","p":12,"c":"y"},{"t":"C","p":"9"}],"n":null},"k y":1,"l":[1,2,3,4]}"#;

#[test]
fn definite_paths_give_the_value() {
    check(
        STORE,
        &[
            ("$.store.book[0].t", r#""A""#),
            ("store.book[1].p", "12"),
            ("$['k y']", "1"),
            ("$.store.n", "null"),
            ("$.store.zz", "nothing"),
            ("$.zz.y", "nothing"),
            ("$.store.book[-1].t", r#""C""#),
            ("$.store.book[9]", "nothing"),
            ("$.l.length()", "4"),
            ("$.l.sum()", "10.0"),
            ("$.l.max()", "4.0"),
            ("$.l.avg()", "2.5"),
            ("$['k y', 'l']", r#"{"k y":1,"l":[1,2,3,4]}"#),
            ("$.store.keys()", r#"["book","n"]"#),
        ],
    );
}

#[test]
fn indefinite_paths_give_a_list() {
    check(
        STORE,
        &[
            ("$.store.book[*].t", r#"["A","B","C"]"#),
            ("$..t", r#"["A","B","C"]"#),
            ("$.l[1:3]", "[2,3]"),
            ("$.l[-2:]", "[3,4]"),
            ("$.l[0,3]", "[1,4]"),
            ("$.store.book[?(@.p < 10)].t", r#"["A"]"#),
            ("$.store.book[?(@.c)].t", r#"["A","B"]"#),
            ("$.store.book[?(!@.c)].t", r#"["C"]"#),
            ("$.store.book[?(@.c == 'x' || @.p == 9)].t", r#"["A","C"]"#),
            ("$.store.book[?(@.t =~ /[bc]/i)].t", r#"["B","C"]"#),
            ("$.store.book[?(@.c in ['x', 'z'])].t", r#"["A"]"#),
            ("$..zz", "[]"),
            ("$.store.book[?(@.p > $.l[0] && @.c != 'y')].t", r#"["A"]"#),
            ("$..book.length()", "1"),
        ],
    );
}

#[test]
fn what_is_no_path_is_refused_with_its_place() {
    check(
        "{}",
        &[
            ("$.", "Syntax(2)"),
            ("$..", "Syntax(3)"),
            ("$a.b", "Syntax(1)"),
            ("$.a b", "Syntax(2)"),
            ("$[a]", "Syntax(1)"),
            ("$['a'", "Syntax(1)"),
            ("$[?(@.a = 1)]", "Syntax(8)"),
            ("$[1:2,3]", "Syntax(2)"),
            ("", "Syntax(0)"),
            ("$.a.foo()", "nothing"),
            ("$.length().foo()", "Invalid"),
        ],
    );
}
