//! Policies.

use std::sync::LazyLock;

use proptest::prelude::*;
use tollgate_compiler::source::NoFiles;
use tollgate_compiler::{Options, Source, check};
use tollgate_model::NodeId;
use tollgate_model::condition::{Clause, Condition, Operator, Quantifier};
use tollgate_model::policy::{
    Effect, Patterns, Policy, Principal, Principals, ResourcePattern, Resources, Statement,
};

use super::{one_of, signer, sometimes};

/// Ranges and addresses at their edges; requests come from just inside and just outside.
pub(super) const ADDRESSES: [&str; 6] = [
    "10.1.0.0",
    "10.1.255.255",
    "10.2.0.0",
    "192.0.2.7",
    "2001:db8::1",
    "2001:db9::",
];

const RANGES: [&str; 4] = ["10.1.0.0/16", "192.0.2.7", "2001:db8::/32", "0.0.0.0/0"];

/// A policy whose statements matter: it opens most of the API, and closes parts of it.
pub(super) fn policy() -> impl Strategy<Value = Policy> {
    (
        sometimes(90, opening()),
        proptest::collection::vec(statement(), 1..=3),
        any::<bool>(),
    )
        .prop_map(|(opening, mut statements, first)| {
            // The order of statements must not matter.
            let at = if first { 0 } else { statements.len() };
            if let Some(opening) = opening {
                statements.insert(at, opening);
            }
            numbered(statements)
        })
}

fn numbered(statements: Vec<Statement>) -> Policy {
    Policy {
        statements: statements
            .into_iter()
            .enumerate()
            .map(|(index, mut statement)| {
                statement.node.index = 1000 + index as u32;
                statement
            })
            .collect(),
        json_length: None,
        node: NodeId::default(),
    }
}

/// An allow that fits most requests: what the other statements take away matters.
fn opening() -> impl Strategy<Value = Statement> {
    (
        one_of(&[
            "execute-api:Invoke",
            "execute-api:*",
            "*",
            "EXECUTE-API:inv?ke",
        ]),
        prop_oneof![
            Just(ResourcePattern::Any),
            Just(of_api("*", "*")),
            Just(of_api("d*", "*/*")),
            Just(ResourcePattern::Arn("arn:aws:execute-api:*".into())),
        ],
        sometimes(10, clause()),
    )
        .prop_map(|(action, resource, clause)| Statement {
            sid: None,
            effect: Effect::Allow,
            principals: Principals::Anyone,
            actions: Patterns::Only(vec![action.into()]),
            resources: Resources::Only(vec![resource]),
            condition: clause.map_or(Condition::Always, |clause| Condition::Iam(vec![clause])),
            node: NodeId::default(),
        })
}

fn of_api(stage: &str, rest: &str) -> ResourcePattern {
    ResourcePattern::OfApi {
        stage: stage.to_owned(),
        rest: rest.to_owned(),
    }
}

fn statement() -> impl Strategy<Value = Statement> {
    (
        prop_oneof![1 => Just(Effect::Allow), 1 => Just(Effect::Deny)],
        principals(),
        actions(),
        resources(),
        condition(),
    )
        .prop_map(
            |(effect, principals, actions, resources, condition)| Statement {
                sid: None,
                effect,
                principals,
                actions,
                resources,
                condition,
                node: NodeId::default(),
            },
        )
}

fn principals() -> impl Strategy<Value = Principals> {
    let account = || vec![Principal::Account("111111111111".into())];
    let arn = |arn: &str| Principal::Arn(arn.into());
    let named = one_of(&[
        vec![arn(signer::USER)],
        vec![arn(signer::ROLE)],
        vec![arn(signer::SESSION)],
        vec![arn(signer::ROLE), arn(signer::SESSION)],
        vec![arn(signer::USER), Principal::Account("111111111111".into())],
        vec![Principal::UniqueId("AROA1".into())],
        vec![Principal::Other("Service".into(), "x.amazonaws.com".into())],
    ]);
    prop_oneof![
        8 => Just(Principals::Anyone),
        2 => (named, prop_oneof![3 => Just(false), 1 => Just(true)]).prop_map(|(names, except)| {
            if except {
                Principals::Except(names)
            } else {
                Principals::Only(names)
            }
        }),
        1 => Just(Principals::Only(account())),
        1 => Just(Principals::Except(account())),
        1 => Just(Principals::Only(vec![Principal::Any])),
    ]
}

fn actions() -> impl Strategy<Value = Patterns> {
    let only = |text: &str| Patterns::Only(vec![text.to_owned()]);
    one_of(&[
        only("execute-api:Invoke"),
        only("execute-api:*"),
        only("*"),
        only("EXECUTE-API:inv?ke"),
        only("execute-api:InvalidateCache"),
        Patterns::Except(vec!["execute-api:InvalidateCache".into()]),
    ])
}

fn resources() -> impl Strategy<Value = Resources> {
    let pattern = one_of(&[
        ResourcePattern::Any,
        ResourcePattern::Any,
        of_api("*", "*"),
        of_api("dev", "GET/*"),
        of_api("dev", "*/a*"),
        of_api("d?v", "POST/*"),
        of_api("prod", "*"),
        of_api("*", "*/b"),
        // These overlap in parts.
        of_api("dev", "*/a/*"),
        of_api("dev", "G*/a/?"),
        of_api("*v", "*/d/*/*"),
        of_api("dev", "POST/"),
        of_api("dev", "*/a/${aws:username}"),
        of_api("*", "*/${aws:username, 'b'}*"),
        ResourcePattern::Arn("arn:aws:execute-api:*:*:*/dev/*".into()),
        ResourcePattern::Arn("arn:aws:execute-api:us-east-1:111111111111:*".into()),
        ResourcePattern::Arn("arn:aws:execute-api:*".into()),
    ]);
    (
        proptest::collection::vec(pattern, 1..=2),
        prop_oneof![5 => Just(false), 1 => Just(true)],
    )
        .prop_map(|(patterns, except)| {
            if except {
                Resources::Except(patterns)
            } else {
                Resources::Only(patterns)
            }
        })
}

fn condition() -> impl Strategy<Value = Condition> {
    prop_oneof![
        8 => Just(Condition::Always),
        7 => proptest::collection::vec(clause(), 1..=2).prop_map(Condition::Iam),
        3 => one_of(&EXPRESSIONS),
    ]
}

/// Conditions as people write them. What they read may be absent, which is an error.
const CEL: [&str; 45] = [
    r#"source.ip in cidr("10.1.0.0/16", "2001:db8::/32")"#,
    r#"request.headers["x-a"] == "one""#,
    r#"request.query["q"] == "a b""#,
    r#"request.query["q"] == "1" || source.ip in cidr("10.1.0.0/16")"#,
    r#"request.query["q"] != "1" && request.method == "GET""#,
    r#"!(request.headers["x-case"].startsWith("two"))"#,
    r#"request.headers["user-agent"] != null && request.headers["user-agent"].contains("curl")"#,
    r#"request.method in ["GET", "PATCH"]"#,
    r#"request.path.startsWith("/a/")"#,
    r#"request.secure && stage.name == "dev""#,
    r#"now < timestamp("2026-11-23T10:00:00Z")"#,
    r#"request.query["r"].endsWith("x") || request.headers["x-a"] == "usual""#,
    r#"request.path == "/a/" + request.query["q"]"#,
    r#"request.path.startsWith("/" + request.headers["x-a"] + "/") || request.secure"#,
    r#"["one", "two"].exists(x, request.headers["x-case"].lowerAscii() == x)"#,
    r#"int(request.query["q"]) > 2 - 1 ? request.method == "GET" : 1 / 0 == 1"#,
    r#"(request.secure ? "GET" : "PATCH") == request.method"#,
    r#"cidr("10.1.0.0/16").containsIP(source.ip) != (source.ip == ip("10.1.2.3"))"#,
    r#"now.getHours() >= 9 && now.getHours("-03:30") < 17 || now.getMinutes() == 30"#,
    r#"now.getDayOfWeek("+12:00") in [0, 6] ? now.getDate() > 15 : (now - duration("48h")).getMonth() < 6"#,
    r#"cel.bind(a, request.headers["x-a"], a in {"one": 1} || a == string(2))"#,
    r#"int(request.query["q"]) + 1 > size(request.headers["x-a"])"#,
    r#"size(request.path) * 2 - size(request.method) >= 10 % int(request.query["q"])"#,
    r#"int(request.query["q"]) == int(request.query["r"]) || -size(request.path) < -4"#,
    r#"int(request.query["q"]) * 9223372036854775807 > 0 ? request.secure : now.getHours() * 60 + now.getMinutes() < 1020"#,
    r#"size(request.path) in [size(request.headers["x-a"]), 1 + size(request.method), 6]"#,
    r#"request.headers.exists(h, h.startsWith("x-") && request.headers[h] == "one")"#,
    r#"request.query.all(k, request.query[k] != "1") && size(request.query) < 3"#,
    r#"request.path.split("/").filter(p, p != "").map(p, p.upperAscii()).join("-") in ["A", "A-1", "B"]"#,
    r#"double(request.query["q"]) * 1.5 > 2.0 || request.headers[?"x-a"].orValue("none") == "one""#,
    r#"now.getHours("Europe/Berlin") < 12 && now - timestamp("2026-01-01T00:00:00Z") > duration("90m30.5s")"#,
    r#"request.path.replace("/", "").size() > 3 || request.method.reverse() == "TEG""#,
    r#""admin" in claims.groups || claims.groups.exists(g, g == "b")"#,
    r#"size(claims.groups) == 2 && claims.groups[1] == "b" && !has(claims.none)"#,
    r#"claims.n > 6 && claims.n in [7, 8] && claims.ok"#,
    r#"claims.exists(c, c.startsWith("aud")) && claims.deep.b == 1"#,
    r#"claims.groups == ["a", "b"] || claims.groups.contains("admin")"#,
    r#"claims.scope.split(" ").exists(s, s == "read")"#,
    r#"principal.tags.exists(t, principal.tags[t] == "a b") || "team" in principal.tags"#,
    r#"request.headers.map(h, size(h)).sort() == [] || "%s %d".format([request.method, size(request.path)]) == "GET 2""#,
    r#"["^/a", "^/b/[0-9]+$"].exists(p, request.path.matches(p)) && request.query.?q.hasValue()"#,
    r#"string(source.ip).startsWith("10.") != cidr("10.0.0.0/8").containsIP(source.ip)"#,
    r#"[request.method, request.path].exists_one(x, x.startsWith("/")) && {"GET": 1}[request.method] == 1"#,
    r#"request.headers["x-a"].substring(1, 2) + request.path.charAt(0) == "n/" || math.greatest(size(request.path), 4) == 4"#,
    r#"7 / (int(request.query["q"]) - 1) == 7 || request.headers["x-a"] == "one""#,
];

/// The expressions as the checker types them, and their negations.
static EXPRESSIONS: LazyLock<Vec<Condition>> = LazyLock::new(|| {
    let statements: Vec<String> = ["when", "unless"]
        .iter()
        .flat_map(|guard| CEL.map(|cel| format!("allow anyone to invoke * {guard} {{ {cel} }}")))
        .collect();
    let text = format!(
        "rest api Shop {{\n policy {{\n{}\n}}\n GET / {{ integrate mock, respond 200 }}\n}}\n",
        statements.join("\n")
    );
    let source = Source::new("conditions.gate", text);
    let program = check(vec![source], &NoFiles, &Options::default()).program;
    program
        .and_then(|mut program| program.apis.remove(0).policy)
        .map(|policy| policy.statements.into_iter().map(|s| s.condition).collect())
        .unwrap_or_default()
});

fn clause() -> impl Strategy<Value = Clause> {
    let texts = |list: &[&str]| {
        list.iter()
            .map(|text| (*text).to_owned())
            .collect::<Vec<_>>()
    };
    let over = move |key: &'static str, operators: &'static [Operator], values: &[&str]| {
        let key = key.to_owned();
        (
            one_of(operators),
            proptest::sample::subsequence(texts(values), 1..=values.len()),
        )
            .prop_map(move |(operator, values)| (key.clone(), operator, values))
            .boxed()
    };
    let strings: &'static [Operator] = &[
        Operator::StringEquals,
        Operator::StringNotEquals,
        Operator::StringEqualsIgnoreCase,
        Operator::StringNotEqualsIgnoreCase,
        Operator::StringLike,
        Operator::StringNotLike,
    ];
    let chosen = prop_oneof![
        4 => over("aws:SourceIp", &[Operator::IpAddress, Operator::NotIpAddress], &RANGES),
        2 => over("aws:UserAgent", strings, &["curl/8", "Curl/8", "cur*", "?url/8", ""]),
        2 => over("AWS:referer", strings, &["https://a.example/", "https://*", "*"]),
        1 => over("aws:SecureTransport", &[Operator::Bool], &["true", "False"]),
        1 => over(
            "aws:CurrentTime",
            &[
                Operator::DateEquals,
                Operator::DateNotEquals,
                Operator::DateLessThan,
                Operator::DateLessThanEquals,
                Operator::DateGreaterThan,
                Operator::DateGreaterThanEquals,
            ],
            &["2026-11-23T10:00:00Z", "2026-11-23T09:59:59Z", "2027-01-01T00:00:00Z"],
        ),
        1 => over(
            "aws:EpochTime",
            &[
                Operator::NumericEquals,
                Operator::NumericNotEquals,
                Operator::NumericLessThan,
                Operator::NumericLessThanEquals,
                Operator::NumericGreaterThan,
                Operator::NumericGreaterThanEquals,
            ],
            &["1795428000", "1795428000.0", "0"],
        ),
        1 => over("aws:SourceVpce", strings, &["vpce-1"]),
        1 => over("aws:UserAgent", &[Operator::Null], &["true", "false"]),
        1 => over("aws:username", strings, &["ann"]),
        // A browser's name is no address and no number.
        1 => over("aws:UserAgent", &[Operator::IpAddress, Operator::NotIpAddress], &RANGES),
        1 => over(
            "aws:UserAgent",
            &[Operator::NumericLessThan, Operator::NumericNotEquals],
            &["7", "-1"],
        ),
    ];
    (
        chosen,
        prop_oneof![5 => Just(false), 1 => Just(true)],
        prop_oneof![
            6 => Just(None),
            1 => Just(Some(Quantifier::ForAllValues)),
            1 => Just(Some(Quantifier::ForAnyValue)),
        ],
    )
        .prop_map(|((key, operator, values), if_exists, quantifier)| Clause {
            // `Null` takes neither.
            quantifier: quantifier.filter(|_| operator != Operator::Null),
            operator,
            if_exists: if_exists && operator != Operator::Null,
            key,
            values,
            node: NodeId::default(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_expression_is_typed() {
        assert_eq!(EXPRESSIONS.len(), 2 * CEL.len());
    }
}
