//! Documents that arrive at request time: statements become instructions, all denials before all allowances.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use super::judge::Kind;
use super::reading::{Name, Principals, Statement, Who, document_statements, text};
use super::record::{Done, Record};
use super::resource::{Place, Within, is_last_part, within};
use super::values::{opened, pieces};
use crate::isa::{Manner, Op};
use crate::json::Heap;
use crate::value::Value;

/// What a statement does where it fits.
#[derive(Clone, Copy)]
enum Effect {
    Deny,
    Allow,
    Delegate,
}

/// Whom a statement means, if not everybody.
#[derive(Clone, Copy)]
enum Means<'h> {
    /// Whoever has one of the names.
    Named(Principals<'h>),
    /// Whoever has one of the names that are no accounts.
    Other(Principals<'h>),
    /// Whoever is of one of the accounts.
    Account(Principals<'h>),
    /// Whoever has none of the names.
    Unnamed(Principals<'h>),
    /// Whoever has a name besides.
    Beyond(Principals<'h>),
}

impl Record {
    /// Adds what policies of one set say of each action: where its program begins. Policies that say the same of
    /// both actions have one program.
    pub(super) fn programs(
        &mut self,
        heap: &Heap<'_>,
        documents: &[Value],
        kind: Kind,
        place: &Place<'_>,
    ) -> Done<[u32; 2]> {
        let mut values = Vec::new();
        let mut statements = Vec::new();
        let mut number = 0;
        for document in documents {
            let (variables, found) = document_statements(heap, *document)?;
            for statement in found {
                self.part()?;
                let statement = Statement {
                    number,
                    variables,
                    ..Statement::read(heap, *statement, kind, place.actions)?
                };
                number += 1;
                if statement.who == Who::Nobody || statement.covers == [false; 2] {
                    self.check_conditions(heap, statement.condition, &mut values)?;
                } else {
                    statements.push(statement);
                }
            }
        }
        let first = self.program(heap, &statements, 0, kind, place)?;
        let second = match statements.iter().all(|s| s.covers[0] == s.covers[1]) {
            true => first,
            false => self.program(heap, &statements, 1, kind, place)?,
        };
        Ok([first, second])
    }

    /// Adds the program for one of the actions.
    fn program<'h>(
        &mut self,
        heap: &'h Heap<'_>,
        statements: &[Statement<'h>],
        action: usize,
        kind: Kind,
        place: &Place<'_>,
    ) -> Done<u32> {
        let start = self.here();
        let mut values = Vec::new();
        for deny in [true, false] {
            for statement in statements {
                if statement.deny == deny && statement.covers.get(action) == Some(&true) {
                    self.statement(heap, statement, kind, place, &mut values)?;
                }
            }
        }
        self.op(Op::End {});
        Ok(start)
    }

    fn statement<'h>(
        &mut self,
        heap: &'h Heap<'_>,
        statement: &Statement<'h>,
        kind: Kind,
        place: &Place<'_>,
        values: &mut Vec<Cow<'h, str>>,
    ) -> Done {
        self.variables = statement.variables;
        let deny = statement.deny;
        let effect = if deny { Effect::Deny } else { Effect::Allow };
        let mut form =
            |means, effect| self.form(heap, statement, (means, effect), kind, place, values);
        match statement.who {
            Who::Nobody => Ok(()),
            Who::Anyone => form(None, effect),
            Who::Only(these) if deny => form(Some(Means::Named(these)), effect),
            Who::Only(these) => {
                if these.others {
                    form(Some(Means::Other(these)), effect)?;
                }
                if these.accounts {
                    form(Some(Means::Account(these)), Effect::Delegate)?;
                }
                Ok(())
            }
            // A denial spares only whom all of its names spare; an allowance means nobody whom it names.
            Who::Except(these) if deny => form(Some(Means::Beyond(these)), effect),
            Who::Except(these) => form(Some(Means::Unnamed(these)), effect),
        }
    }

    /// Adds what a statement does to whom it means.
    fn form<'h>(
        &mut self,
        heap: &'h Heap<'_>,
        statement: &Statement<'h>,
        (means, effect): (Option<Means<'h>>, Effect),
        kind: Kind,
        place: &Place<'_>,
        values: &mut Vec<Cow<'h, str>>,
    ) -> Done {
        if !self.resources(heap, statement, kind, place)? {
            return self.check_conditions(heap, statement.condition, values);
        }
        if let Some(means) = means {
            self.unless();
            self.means(heap, means)?;
            self.op(Op::And {});
        }
        self.conditions(heap, statement.condition, values)?;
        self.end();
        let statement = statement.number;
        self.op(match effect {
            Effect::Deny => Op::Deny { statement },
            Effect::Allow => Op::Allow { statement },
            Effect::Delegate => Op::Delegate { statement },
        });
        Ok(())
    }

    /// Pushes whether the caller is meant.
    fn means(&mut self, heap: &Heap<'_>, means: Means<'_>) -> Done {
        let (these, wanted): (_, fn(Name<'_>) -> bool) = match means {
            Means::Named(these) | Means::Unnamed(these) | Means::Beyond(these) => (these, |_| true),
            Means::Account(these) => (these, |name| matches!(name, Name::Account(_))),
            Means::Other(these) => (these, |name| !matches!(name, Name::Account(_))),
        };
        these.each(heap, |name| match name {
            name if !wanted(name) => {}
            Name::Anyone => {}
            Name::Account(name) | Name::Own(name) => self.add(&[name]),
            Name::Other(kind, name) => self.add(&[kind, b":", name]),
        })?;
        let set = self.set();
        self.op(match means {
            Means::Beyond(_) => Op::PrincipalBeyond { set },
            _ => Op::PrincipalIn { set },
        });
        if let Means::Unnamed(_) = means {
            self.op(Op::Not {});
        }
        Ok(())
    }

    /// Pushes whether the statement speaks of the ARN that is asked about; `false`, and nothing is pushed: of none
    /// that can be.
    fn resources(
        &mut self,
        heap: &Heap<'_>,
        statement: &Statement<'_>,
        kind: Kind,
        place: &Place<'_>,
    ) -> Done<bool> {
        let mut refused = false;
        let mut patterns = Vec::new();
        for resource in statement.resources {
            self.part()?;
            let resource = text(heap, resource)?;
            let variable = match self.variables {
                true => opened(resource),
                false => None,
            };
            let found = match variable {
                Some(at) if !is_last_part(resource, at) => Within::Refused,
                _ => within(resource, kind, place),
            };
            match found {
                Within::Nowhere => {}
                Within::Refused => refused = true,
                Within::Glob(glob) if variable.is_some() => {
                    refused |= pieces(glob).is_none();
                    patterns.push(glob);
                }
                Within::Glob(glob) => self.add(&[glob.as_bytes()]),
            }
        }
        let globs = self.set();
        if refused {
            // An allowance does not hold, a denial does.
            self.op(Op::Push { truth: 2 });
            return Ok(true);
        }
        if globs.is_empty() && patterns.is_empty() && !statement.but {
            return Ok(false);
        }
        self.op(Op::ArnLike { globs });
        for pattern in patterns {
            self.pattern(pattern, Manner::Like);
            self.op(Op::ArnFits {});
            self.op(Op::Or {});
        }
        if statement.but {
            self.op(Op::Not {});
        }
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::string::String;

    use super::super::judge::{Finding, Policy};
    use super::super::{Answer, Caller, Question, Unreadable, ask};
    use super::*;
    use crate::bundle::Bundle;
    use crate::json::{MAX_DEPTH, Mode, parse};
    use crate::scratch::Scratch;
    use crate::world::{Head, World};

    fn answer(kind: Kind, documents: &[&str]) -> Result<Answer, Unreadable> {
        let question = Question {
            caller: Caller::Iam {
                arn: "arn:aws:iam::111122223333:user/ann",
                role: None,
                account: "111122223333",
                unique_id: "",
            },
            action: "s3:GetObject",
            resource: "arn:aws:s3:::home/ann/x",
            owner: "111122223333",
            keys: &[
                ("aws:username", &["ann"]),
                ("s3:max-keys", &["7"]),
                ("aws:TagKeys", &["a", "b"]),
            ],
        };
        let policies: Vec<Policy<'_>> = documents
            .iter()
            .map(|document| Policy {
                kind,
                level: 0,
                document: document.as_bytes(),
            })
            .collect();
        ask(&question, &policies, &mut Scratch::new(8 << 20))
    }

    /// What policies of the caller's own say; `None`: they cannot be read.
    fn says(documents: &[&str]) -> Option<Finding> {
        let answer = answer(Kind::Identity, documents).ok()?;
        Some(answer.findings.of(Kind::Identity))
    }

    fn list(statements: &[&str]) -> String {
        let statements = statements.join(",");
        format!(r#"{{"Version": "2012-10-17", "Statement": [{statements}]}}"#)
    }

    const ALLOW: &str = r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}"#;
    const DENY: &str = r#"{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}"#;

    #[test]
    fn members_stand_in_any_order_beside_others() {
        for statement in [
            ALLOW,
            r#"{"Resource": "*", "Action": "s3:*", "Effect": "Allow"}"#,
            r#"{"Sid": {"a": [1, {}]}, "Resource": "*", "x": null, "Action": "s3:*", "Effect": "Allow"}"#,
            r#"{"\u0045ffect": "\u0041llow", "\u0041ction": "s3\u003a*", "Resource": "\u002a"}"#,
            // Of members of one name the last counts, whatever the others hold.
            r#"{"Effect": "Deny", "Action": [[]], "Resource": {}, "Action": "s3:*", "Resource": "*", "\u0045ffect": "Allow"}"#,
            r#"{"Effect": "Allow", "Action": ["ec2:*", "S3:get*"], "Resource": ["arn:aws:ec2:*", "arn:aws:s3:::home/*"],
                "Condition": null}"#,
        ] {
            assert_eq!(
                says(&[&list(&[statement])]),
                Some(Finding::Allows),
                "{statement}"
            );
            let one = format!(r#"{{"Id": [], "Statement": {statement}, "Version": "2012-10-17"}}"#);
            assert_eq!(says(&[&one]), Some(Finding::Allows), "{statement}");
        }
    }

    #[test]
    fn denials_count_before_allowances_wherever_they_stand() {
        assert_eq!(says(&[&list(&[ALLOW, DENY])]), Some(Finding::Denies));
        assert_eq!(
            says(&[&list(&[ALLOW]), &list(&[DENY])]),
            Some(Finding::Denies)
        );
        assert_eq!(says(&[&list(&[]), &list(&[ALLOW])]), Some(Finding::Allows));
        assert_eq!(says(&[&list(&[])]), Some(Finding::Silent));
    }

    #[test]
    fn what_cannot_be_read_spoils_the_document_wherever_it_stands() {
        let (action, resource) = (r#""Action": "s3:*""#, r#""Resource": "*""#);
        let rest = [
            action.into(),
            resource.into(),
            format!(r#"{action}, "NotAction": "a:b", {resource}"#),
            format!(r#"{action}, {resource}, "NotResource": null"#),
            format!(r#""Action": 5, {resource}"#),
            format!(r#""Action": ["s3:*", {{}}], {resource}"#),
            format!(r#"{action}, "Resource": [null]"#),
            format!(r#"{action}, {resource}, "Condition": []"#),
        ];
        let clauses = [
            r#""Equals": {"a": "b"}"#,
            r#""ForSome:StringLike": {"a": "b"}"#,
            r#""StringLike": "b""#,
            r#""StringLike": {"a": {}}"#,
            r#""StringLike": {"a": ["b", null]}"#,
        ];
        // Also in statements that are about something else.
        let elsewhere = [
            format!(r#"{action}, {resource}"#),
            format!(r#""Action": "ec2:*", {resource}"#),
            format!(r#"{action}, "Resource": "arn:aws:s3:::other/*""#),
            format!(r#"{action}, "Resource": "arn:aws:sqs:*:*:*""#),
            format!(r#""Principal": {{"AWS": []}}, {action}, {resource}"#),
        ];
        let conditions = elsewhere.iter().flat_map(|rest| {
            let with = move |clause: &&str| format!(r#"{rest}, "Condition": {{{clause}}}"#);
            clauses.iter().map(with)
        });
        let mut wrong: Vec<String> = rest.into_iter().chain(conditions).collect();
        for effect in ["Allow", "Deny"] {
            for rest in &wrong {
                let statement = format!(r#"{{"Effect": "{effect}", {rest}}}"#);
                for statements in [[ALLOW, &statement], [DENY, &statement], [&statement, DENY]] {
                    let document = list(&statements);
                    assert_eq!(says(&[&document]), None, "{document}");
                    let shared = answer(Kind::Resource, &[&document]);
                    assert_eq!(shared, Err(Unreadable), "{document}");
                }
            }
        }
        wrong = [
            "[]",
            "null",
            "\"Allow\"",
            r#"{"Action": "*", "Resource": "*"}"#,
        ]
        .map(String::from)
        .into();
        wrong.push(ALLOW.replace("Allow", "allow"));
        for statement in wrong {
            assert_eq!(says(&[&list(&[DENY, &statement])]), None, "{statement}");
        }
        for document in [r#"{"Statement": "x"}"#, r#"{"Statement": null}"#, "7", "{}"] {
            assert_eq!(says(&[&list(&[DENY]), document]), None, "{document}");
        }
    }

    #[test]
    fn whom_a_statement_is_about_is_read_to_the_end() {
        for (principal, want) in [
            (r#""Principal": "*""#, Some(Finding::Allows)),
            (
                r#""Principal": {"AWS": ["444455556666", "*"]}"#,
                Some(Finding::Allows),
            ),
            (
                r#""Principal": {"AWS": ["111122223333"], "Service": "x"}"#,
                Some(Finding::Allows),
            ),
            (
                r#""Principal": {"AWS": ["444455556666", "AIDA"]}"#,
                Some(Finding::Silent),
            ),
            (r#""Principal": {}"#, Some(Finding::Silent)),
            (r#""Sid": """#, Some(Finding::Silent)),
            (
                r#""NotPrincipal": {"AWS": "444455556666"}"#,
                Some(Finding::Allows),
            ),
            (r#""NotPrincipal": {"AWS": "*"}"#, Some(Finding::Silent)),
            (
                r#""Principal": {"AWS": ["*", "arn:aws:iam::111122223333:user/*"]}"#,
                None,
            ),
            (r#""Principal": {"AWS": "*", "Service": [{}]}"#, None),
            (r#""Principal": {"AWS": 111122223333}"#, None),
            (r#""Principal": "111122223333""#, None),
            (r#""Principal": "*", "NotPrincipal": "*""#, None),
        ] {
            let statement =
                format!(r#"{{{principal}, "Effect": "Allow", "Action": "*", "Resource": "*"}}"#);
            let found = answer(Kind::Resource, &[&list(&[&statement])]).ok();
            let found = found.map(|answer| answer.findings.of(Kind::Resource));
            assert_eq!(found, want, "{principal}");
        }
    }

    #[test]
    fn conditions_hold_texts_numbers_and_truth_values() {
        for (condition, holds) in [
            (r#""NumericEquals": {"s3:max-keys": 7}"#, true),
            (r#""NumericEquals": {"s3:max-keys": [8, 7.0]}"#, true),
            (r#""NumericEquals": {"s3:max-keys": 70e-1}"#, true),
            (r#""NumericLessThan": {"s3:max-keys": 7}"#, false),
            (r#""StringEquals": {"s3:max-keys": 7}"#, true),
            (r#""Null": {"s3:prefix": true, "s3:max-keys": false}"#, true),
            (
                r#""StringLike": {"aws:username": ["x", "${aws:username}", "a?n"]}"#,
                true,
            ),
            (
                r#""StringLike": {"aws:username": ["${aws:username}", "x", "y"]}"#,
                true,
            ),
            (
                r#""StringLike": {"aws:username": ["x${aws:username}", "y"]}"#,
                false,
            ),
            (
                r#""ForAllValues:StringEquals": {"aws:TagKeys": ["b", "a", "a"]}"#,
                true,
            ),
            (
                r#""ForAllValues:StringEquals": {"aws:TagKeys": ["b"]}"#,
                false,
            ),
            // Of keys and operators of one name the last counts.
            (
                r#""StringEquals": {"aws:username": "bob", "aws:usern\u0061me": "ann"}"#,
                true,
            ),
            (
                r#""StringEquals": {"aws:username": "bob"}, "StringEquals": {"aws:username": "ann"}"#,
                true,
            ),
            (r#""StringEquals": {}"#, true),
            (r#""StringEquals": {"aws:username": []}"#, false),
        ] {
            let statement = ALLOW.replace('}', &format!(r#", "Condition": {{{condition}}}}}"#));
            let want = if holds {
                Finding::Allows
            } else {
                Finding::Silent
            };
            assert_eq!(says(&[&list(&[&statement])]), Some(want), "{condition}");
        }
    }

    #[test]
    fn each_document_says_whether_it_has_variables() {
        let own = ALLOW.replace("\"*\"", r#""arn:aws:s3:::home/${aws:username}/*""#);
        let new = list(&[&own]);
        assert_eq!(says(&[&new]), Some(Finding::Allows));
        let old = new.replace("2012-10-17", "2008-10-17");
        assert_eq!(says(&[&old]), Some(Finding::Silent));
        assert_eq!(says(&[&old, &new]), Some(Finding::Allows));
        assert_eq!(says(&[&new, &old]), Some(Finding::Allows));
        // A variable that cannot stand there: an allowance does not hold, a denial does.
        for resource in ["arn:aws:${aws:username}:::x", "arn:aws:s3:::${aws:username"] {
            let allows = own.replace("arn:aws:s3:::home/${aws:username}/*", resource);
            assert_eq!(
                says(&[&list(&[&allows])]),
                Some(Finding::Silent),
                "{resource}"
            );
            let denies = list(&[&allows.replace("Allow", "Deny")]);
            assert_eq!(says(&[&denies]), Some(Finding::Fails), "{resource}");
        }
    }

    #[test]
    fn actions_are_covered_in_any_letter_case() {
        for (action, covers) in [
            ("s3:GetObject", true),
            ("S3:GETOBJECT", true),
            ("s3:GetObjects", false),
            ("s3:GetObjec", false),
            ("s3:GetObjec?", true),
            ("s3:Ge?Obj*T", true),
            ("S3:*O*J*c*", true),
            ("s3:*x", false),
            ("*", true),
            ("", false),
        ] {
            for (member, covers) in [("Action", covers), ("NotAction", !covers)] {
                let statement = format!(
                    r#"{{"Effect": "Allow", "{member}": ["a:b", "{action}"], "Resource": "*"}}"#
                );
                let want = if covers {
                    Finding::Allows
                } else {
                    Finding::Silent
                };
                assert_eq!(says(&[&list(&[&statement])]), Some(want), "{statement}");
            }
        }
        // One that takes too long to compare could be of a denial.
        let long = DENY.replace("s3:*", &format!("?{}x", "*".repeat(110_000)));
        assert_eq!(says(&[&list(&[&long])]), None);
    }

    #[test]
    fn documents_are_bounded() {
        let nested = |depth: usize| {
            let (open, close) = ("[".repeat(depth), "]".repeat(depth));
            format!(r#"{{"Id": {open}{close}, "Statement": {ALLOW}}}"#)
        };
        assert_eq!(says(&[&nested(MAX_DEPTH as usize)]), Some(Finding::Allows));
        assert_eq!(says(&[&nested(MAX_DEPTH as usize + 1)]), None);
        let statements = |n: usize| list(&Vec::from_iter(core::iter::repeat_n(ALLOW, n)));
        assert_eq!(says(&[&statements(2_000)]), Some(Finding::Allows));
        assert_eq!(says(&[&statements(8_193)]), None);
        let values = |len: usize, n: usize| {
            let value = format!("\"{}*\"", "x".repeat(len));
            let values = Vec::from_iter(core::iter::repeat_n(value.as_str(), n)).join(",");
            let condition = format!(r#", "Condition": {{"StringLike": {{"k": [{values}]}}}}}}"#);
            list(&[&ALLOW.replace('}', &condition)])
        };
        assert_eq!(says(&[&values(200, 1_000)]), Some(Finding::Silent));
        assert_eq!(says(&[&values(300, 1_000)]), None);
        assert_eq!(says(&[&values(0, 8_193)]), None);
    }

    #[test]
    fn policies_that_say_the_same_of_both_actions_have_one_program() {
        let place = Place::of_api(b"aws", b"us-east-1", b"111122223333");
        for (actions, same) in [
            (["execute-api:*", "execute-api:In*"], true),
            (["execute-api:*", "execute-api:Invoke"], false),
            (["execute-api:*", "execute-api:InvalidateCache"], false),
            (["s3:*", "*"], true),
        ] {
            let statements = actions.map(|action| ALLOW.replace("s3:*", action));
            let document = list(&statements.each_ref().map(String::as_str));
            let world = World::plain(Bundle::NOTHING, Head::plain(b"GET", b"/"));
            let mut scratch = Scratch::new(1 << 20);
            let text = scratch.push(document.as_bytes()).unwrap();
            let mut heap = Heap::new(&world, &mut scratch, 1_000_000);
            let document = parse(&mut heap, text, Mode::Strict).unwrap();
            let programs = Record::default().programs(&heap, &[document], Kind::Identity, &place);
            assert!(
                programs.is_ok_and(|[call, fresh]| (call == fresh) == same),
                "{actions:?}"
            );
        }
    }
}
