//! URLs of backends, as far as a gateway needs to know them.

/// An absolute `http` or `https` URL, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Url<'a> {
    pub(crate) secure: bool,
    /// Host and port as written, for the `Host` header.
    pub(crate) authority: &'a str,
    /// The host, without the brackets of an IPv6 address.
    pub(crate) host: &'a str,
    pub(crate) port: u16,
    /// Path and query; empty, or begins with `/` or `?`.
    pub(crate) target: &'a str,
}

impl<'a> Url<'a> {
    /// `None` if this is no URL of a backend: another scheme, no host, user information, blanks or control
    /// characters anywhere.
    pub(crate) fn parse(text: &'a [u8]) -> Option<Url<'a>> {
        let text = std::str::from_utf8(text).ok()?;
        if text.bytes().any(|b| b <= b' ' || b == 0x7f) {
            return None;
        }
        let (scheme, rest) = text.split_once("://")?;
        let secure = match scheme {
            s if s.eq_ignore_ascii_case("https") => true,
            s if s.eq_ignore_ascii_case("http") => false,
            _ => return None,
        };
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, target) = rest.split_at(end);
        let target = target.split('#').next().unwrap_or_default();
        let (host, port) = match authority.strip_prefix('[') {
            Some(v6) => {
                let (host, port) = v6.split_once(']')?;
                host.parse::<std::net::Ipv6Addr>().ok()?;
                (
                    host,
                    port.strip_prefix(':')
                        .or_else(|| port.is_empty().then_some(""))?,
                )
            }
            None => match authority.split_once(':') {
                Some((host, port)) => (host, port),
                None => (authority, ""),
            },
        };
        let port = match port {
            "" if secure => 443,
            "" => 80,
            port if port.bytes().all(|b| b.is_ascii_digit()) => port.parse().ok()?,
            _ => return None,
        };
        if host.is_empty()
            || authority.contains(['@', '\\', '"', '<', '>', '{', '}', '|', '^', '`'])
            || port == 0
        {
            return None;
        }
        Some(Url {
            secure,
            authority,
            host,
            port,
            target,
        })
    }

    /// The URL with another one's scheme, host and port, and with that one's path before its own.
    pub(crate) fn moved_to<'b>(&'b self, base: &'b Url<'b>) -> (Url<'b>, &'b str) {
        let prefix = base.target.split('?').next().unwrap_or_default();
        (
            Url {
                target: self.target,
                ..*base
            },
            prefix.trim_end_matches('/'),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_taken_apart() {
        for (text, wanted) in [
            ("http://h/a?b=c#d", Some((false, "h", "h", 80, "/a?b=c"))),
            ("HTTPS://h", Some((true, "h", "h", 443, ""))),
            ("http://h:8080?x", Some((false, "h:8080", "h", 8080, "?x"))),
            ("http://[::1]:9/", Some((false, "[::1]:9", "::1", 9, "/"))),
            ("https://[::1]", Some((true, "[::1]", "::1", 443, ""))),
            ("http://h:", Some((false, "h:", "h", 80, ""))),
            ("http:///a", None),
            ("http://:80/", None),
            ("ftp://h/", None),
            ("h/a", None),
            ("http://u:p@h/", None),
            ("http://h:99999/", None),
            ("http://h:+80/", None),
            ("http://h:0/", None),
            ("http://[::1]x/", None),
            ("http://[x]/", None),
            ("http://h/a b", None),
            ("http://h/a\r\nX: y", None),
            ("http://h\u{0}/", None),
            ("http://{id}/", None),
        ] {
            let got = Url::parse(text.as_bytes());
            let got = got.map(|u| (u.secure, u.authority, u.host, u.port, u.target));
            assert_eq!(got, wanted, "{text}");
        }
    }
}
