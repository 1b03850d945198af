//! What is measured: one answer each, as a gate program, and what it is beside peers.

/// One kind of answer.
pub(super) struct Work {
    pub(super) name: &'static str,
    /// The request's path; its first segment is the stage.
    pub(super) path: &'static str,
    /// The gate program.
    pub(super) gate: String,
    /// What the peers do for it.
    pub(super) peers: Peers,
}

/// What a peer does for the same answer.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Peers {
    /// Answer with a constant.
    Constant,
    /// Pass the request to the backend.
    Proxy,
}

/// What a client sends as its API key.
pub(super) const KEY: &str = "load-key-0000000000000000000000000000001";

pub(super) fn all(backend_port: u16) -> Vec<Work> {
    let plain = |route: &str| {
        format!("edition 2026\nrest api Load {{\n  {route}\n}}\nstage prod of Load {{}}\n")
    };
    vec![
        Work {
            name: "G1 mock",
            path: "/prod/orders/17",
            gate: plain("GET /orders/{id} { integrate mock, respond 200 { body = { ok: true } } }"),
            peers: Peers::Constant,
        },
        Work {
            name: "G1 mock, all checks",
            path: "/prod/orders/17",
            gate: GUARDED.to_string(),
            peers: Peers::Constant,
        },
        Work {
            name: "G1 template",
            path: "/prod/orders/17",
            gate: plain(TEMPLATE),
            peers: Peers::Constant,
        },
        Work {
            name: "G2 proxy",
            path: "/prod/orders/17",
            gate: plain(&format!(
                "GET /orders/{{id}} {{ integrate http \"http://127.0.0.1:{backend_port}/orders/{{id}}\" }}"
            )),
            peers: Peers::Proxy,
        },
    ]
}

/// Policy, key, limits and access log, all of them passed.
const GUARDED: &str = r#"edition 2026
rest api Load {
  policy {
    allow anyone to invoke *
    deny anyone to invoke /orders/* unless { source.ip in cidr("127.0.0.0/8", "10.0.0.0/8") }
  }
  GET /orders/{id} { api_key: required, integrate mock, respond 200 { body = { ok: true } } }
}
stage prod of Load {
  throttle 1000000/s burst 1000000
  log to stdout { requestId: context.requestId, ip: context.identity.sourceIp, status: context.status }
}
plan Basic { stages: [Load.prod], throttle 1000000/s burst 1000000, quota 1000000000/day }
key load for Basic { value: env("LOAD_KEY") }
"#;

const TEMPLATE: &str = r#"GET /orders/{id} {
    integrate mock
    respond 200 {
      body = vtl"""{"id": "$util.escapeJavaScript($input.params('id'))", "stage": "$context.stage"}"""
    }
  }"#;
