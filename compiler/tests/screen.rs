//! A session that only screens: the route, and what the resource policy refuses without knowing the caller.

use std::net::IpAddr;

use tollgate_runtime::{Head, Loaded, Phase, ResponseType, Scratch, Session, World};

const PROGRAM: &str = r#"
rest api Api {
  policy {
    allow anyone to invoke *
    deny anyone to invoke * unless { source.ip in cidr("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "203.0.113.0/24", "2001:db8::/32") }
    deny anyone to invoke /orders/* unless { source.vpce == "vpce-0123456789abcdef0" }
  }
  GET /orders/{id} { auth: none, integrate mock, respond 200 }
  GET /public/{proxy+} { auth: none, integrate mock, respond 200 }
}
stage s of Api {}
"#;

#[test]
fn what_the_policy_refuses_is_refused() {
    let (model, _) = tollgate_compiler::check_text(PROGRAM);
    let bytes = tollgate_compiler::emit::bundle(&model.unwrap()).unwrap();
    let bundle = Loaded::verify(bytes).unwrap();
    let site = bundle.view().stage(b"Api", b"s").unwrap();
    let endpoint = Some("vpce-0123456789abcdef0");
    for (peer, vpce, path, route, refused) in [
        ("10.1.2.3", endpoint, "/orders/17", Some(0), None),
        ("10.1.2.3", None, "/public/a", Some(1), None),
        ("203.0.113.9", None, "/public/a", Some(1), None),
        ("172.31.0.1", endpoint, "/orders/9", Some(0), None),
        ("192.168.9.9", endpoint, "/orders/9", Some(0), None),
        ("2001:db8::7", endpoint, "/orders/9", Some(0), None),
        (
            "10.1.2.3",
            None,
            "/orders/17",
            Some(0),
            Some(ResponseType::AccessDenied),
        ),
        (
            "10.1.2.3",
            Some("vpce-other"),
            "/orders/17",
            Some(0),
            Some(ResponseType::AccessDenied),
        ),
        (
            "198.51.100.1",
            endpoint,
            "/orders/17",
            Some(0),
            Some(ResponseType::AccessDenied),
        ),
        (
            "10.1.2.3",
            endpoint,
            "/nothing",
            None,
            Some(ResponseType::MissingAuthenticationToken),
        ),
    ] {
        let target = format!("/s{path}");
        let peer: IpAddr = peer.parse().unwrap();
        let head = Head {
            peer,
            vpce: vpce.map(str::as_bytes),
            ..Head::plain(b"GET", target.as_bytes())
        };
        let world = World::plain(bundle.view(), head);
        let mut scratch = Scratch::new(1 << 16);
        let decision = Session::begin(site.mapped(2)).screen(&world, &mut scratch);
        let name = format!("{peer} {vpce:?} {path}");
        assert_eq!(decision.response, refused, "{name}");
        assert_eq!(decision.route, route, "{name}");
        let phase = if route.is_some() {
            Phase::Policy
        } else {
            Phase::Route
        };
        assert_eq!(decision.phase, phase, "{name}");
    }
}
