//! `X-Amzn-Trace-Id`.

/// The trace id that backends see: the client's parts where it sent any, made-up parts else.
///
/// A client that names root and parent is taken to be sampled; in all other cases the trace
/// is not.
pub(crate) fn trace_id(sent: Option<&str>, now_ms: u64, seed: [u8; 20]) -> String {
    let part = |name: &str| {
        sent?
            .split(';')
            .find_map(|part| part.trim().strip_prefix(name)?.strip_prefix('='))
    };
    let hex = |bytes: &[u8]| bytes.iter().map(|b| format!("{b:02x}")).collect::<String>();
    let root = part("Root").map_or_else(
        || format!("1-{:08x}-{}", now_ms / 1000, hex(&seed[..12])),
        str::to_owned,
    );
    match part("Parent") {
        Some(parent) if part("Root").is_some() => {
            format!(
                "Root={root};Parent={parent};Sampled={}",
                part("Sampled").unwrap_or("1")
            )
        }
        _ => format!("Root={root};Parent={};Sampled=0", hex(&seed[12..])),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_gives_both_parts_or_gets_its_root_with_a_parent() {
        let seed = [0xab; 20];
        let made = "abababababababab";
        for (sent, expected) in [
            (
                None,
                format!(
                    "Root=1-00000001-{}{made};Parent={made};Sampled=0",
                    "abababab"
                ),
            ),
            (Some("Root=r;Parent=p"), "Root=r;Parent=p;Sampled=1".into()),
            (
                Some("Root=r;Parent=p;Sampled=0"),
                "Root=r;Parent=p;Sampled=0".into(),
            ),
            (Some("Root=r"), format!("Root=r;Parent={made};Sampled=0")),
        ] {
            assert_eq!(trace_id(sent, 1_999, seed), expected);
        }
    }
}
