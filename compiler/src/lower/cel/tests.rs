use crate::{Options, Source, build, source::NoFiles};

fn with_condition(condition: &str) -> crate::Built {
    let text = format!(
        "rest api A {{\n  policy {{ allow anyone to invoke * when {{ {condition} }} }}\n  GET / {{ integrate mock, respond 200 }}\n}}\nstage s of A {{}}\n"
    );
    build(
        vec![Source::new("a.gate", text)],
        &NoFiles,
        &Options::default(),
    )
}

#[test]
fn what_can_be_said_is_compiled() {
    for condition in [
        r#"source.ip in cidr("10.0.0.0/8", "2001:db8::/32")"#,
        r#"source.vpce == "vpce-1" || source.vpce == null"#,
        r#"request.headers["x-a"] in ["1", "2"] && !request.headers["x-b"].startsWith("no")"#,
        r#"now >= timestamp("2030-01-01T00:00:00Z") ? request.secure : request.method == "GET""#,
        r#"has(request.query.a) && stage.name != "dev""#,
        r#"request.path.startsWith("/a*") || request.path.matches("^/v[0-9]+/")"#,
        r#"request.path.endsWith(request.query.a) && request.query.a < request.query.b"#,
        r#"["a", "b"].all(x, x in request.query) && ["a"].exists_one(x, request.headers[x] == "1")"#,
        r#"now + duration("1h") < timestamp("2030-01-01T00:00:00Z") || now - timestamp("2030-01-01T00:00:00Z") >= duration("90s")"#,
        r#"claims.level >= 3 && claims.admin && principal.arn == claims.sub && "team" in principal.tags"#,
        r#"size(request.query.a) == 3 || size("abc") > 2"#,
        r#"request.path.startsWith("/users/" + claims.sub + "/")"#,
        r#"["a", "b"].map(x, "/" + x).exists(p, request.path.startsWith(p))"#,
        r#"{"GET": "/a", "PUT": "/b"}.exists(m, p, request.method == m && request.path == p)"#,
        r#"int(request.query.n) in [1, 2, 3] && double(request.query.d) < 1.5"#,
        r#"cel.bind(tenant, claims.tenant, tenant != null && request.headers["x-t"] == tenant)"#,
        r#"now < timestamp(string(2026 + 1) + "-01-01T00:00:00Z") + duration("1h")"#,
        r#"has(source.vpce) == request.secure"#,
        r#"now.getHours() >= 9 && now.getHours() < 17 && now.getDayOfWeek("-05:00") in [1, 2, 3, 4, 5]"#,
        r#"cidr("10.0.0.0/8").containsIP(source.ip) || source.ip == ip("::1")"#,
        r#"size(request.path) + size(request.query.a) <= 2 * int(request.headers["x-most"])"#,
        r#"now.getHours() * 60 + now.getMinutes() < 17 * 60 + 30"#,
        r#"int(request.query.a) % 2 == 0 && int(request.query.a) == int(request.query.b)"#,
        r#"claims.groups.exists(g, g == "admin") || "admin" in claims.groups"#,
        r#"request.headers.exists(h, h == "x-a") && size(request.headers) < 9"#,
        r#"now.getHours("Europe/Berlin") < 9 && now.getDayOfWeek("Europe/Berlin") in [1, 2, 3, 4, 5]"#,
        r#"duration("1ns") < now - timestamp("2030-01-01T00:00:00Z")"#,
        r#"double(request.query.a) * 2.0 < 1.0"#,
        r#"["^/a/[0-9]+", "^/b$"].exists(p, request.path.matches(p))"#,
        r#"request.path.split("/")[1].lowerAscii() in ["a", "b"]"#,
    ] {
        let built = with_condition(condition);
        assert!(
            built.bundle.is_some(),
            "{condition}: {:?}",
            built.diagnostics
        );
    }
}

#[test]
fn what_cannot_is_refused_by_name() {
    for condition in [
        r#"request.path.matches(request.query.pattern)"#,
        r#"now.getHours(request.headers["x-zone"]) < 9"#,
        r#"request.headers.exists(h, "x".matches(h))"#,
    ] {
        let built = with_condition(condition);
        // Already where the program is checked.
        assert!(built.program.is_none(), "{condition}");
        assert!(built.bundle.is_none(), "{condition}");
        let [diagnostic] = built.diagnostics.as_slice() else {
            panic!("{condition}: {:?}", built.diagnostics)
        };
        assert_eq!(diagnostic.code().to_string(), "TG0804", "{condition}");
    }
}

#[test]
fn what_cannot_is_told_where_it_stands() {
    let condition = r#"request.secure && (request.path.matches("a" + request.query.p) || request.method == "GET")"#;
    let built = with_condition(condition);
    let [diagnostic] = built.diagnostics.as_slice() else {
        panic!("{:?}", built.diagnostics)
    };
    assert_eq!(
        built.sources.slice(diagnostic.primary().span()),
        r#""a" + request.query.p"#
    );
}
