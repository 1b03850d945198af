//! A document whose HTTP backends are the runner's.

use std::net::SocketAddr;

use serde_json::Value as Json;

/// What the integrations of a document call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Uses {
    /// HTTP backends, or nothing.
    Http,
    /// Functions too.
    Functions,
    /// Other services of AWS, or what the runner cannot play.
    Services,
    /// A host that a stage variable without a value should fill.
    Nobody,
}

/// The segment behind which the runner's paths hold the address that was replaced.
pub(super) const MARK: &str = "/-backend/";

/// The document with every HTTP integration led to `backend`: `https://host/path` becomes
/// `http://BACKEND/-backend/https/host/path`.
pub(super) fn with_backends(
    source: &str,
    backend: SocketAddr,
    variables: &[(String, String)],
) -> (String, Uses) {
    let Ok(mut document) = serde_json::from_str(source) else {
        return (source.to_owned(), Uses::Http);
    };
    let mut replaced = Replaced {
        backend,
        variables,
        uses: Uses::Http,
    };
    replaced.walk(&mut document);
    (document.to_string(), replaced.uses)
}

struct Replaced<'v> {
    backend: SocketAddr,
    variables: &'v [(String, String)],
    uses: Uses,
}

impl Replaced<'_> {
    fn walk(&mut self, value: &mut Json) {
        match value {
            Json::Object(map) => {
                for (name, value) in map {
                    match name.as_str() {
                        "x-amazon-apigateway-integration" => self.integration(value),
                        // An authorizer is asked by way of a function.
                        "x-amazon-apigateway-authorizer" => self.found(Uses::Services),
                        _ => self.walk(value),
                    }
                }
            }
            Json::Array(items) => items.iter_mut().for_each(|item| self.walk(item)),
            _ => {}
        }
    }

    fn found(&mut self, uses: Uses) {
        self.uses = self.uses.max(uses);
    }

    fn integration(&mut self, integration: &mut Json) {
        let Some(uri) = integration["uri"].as_str() else {
            return;
        };
        if let Some((scheme, rest)) = uri.split_once("://") {
            let host = rest.split('/').next().unwrap_or_default();
            let nobody = host.split("${stageVariables.").skip(1).any(|hole| {
                let name = hole.split('}').next().unwrap_or_default();
                !self.variables.iter().any(|(other, _)| other == name)
            });
            if nobody {
                self.found(Uses::Nobody);
            }
            integration["uri"] = format!("http://{}{MARK}{scheme}/{rest}", self.backend).into();
        } else if uri.contains(":lambda:path/") {
            self.found(Uses::Functions);
        } else {
            self.found(Uses::Services);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn http_backends_are_replaced_and_remembered() {
        let document = r#"{"paths": {"/": {"get": {"x-amazon-apigateway-integration":
            {"type": "http", "uri": "https://${stageVariables.host}/pets/{id}"}}}}}"#;
        let backend = SocketAddr::from(([127, 0, 0, 1], 9));
        let host = [("host".to_owned(), "a.example.com".to_owned())];
        let (text, uses) = with_backends(document, backend, &host);
        let uri = "http://127.0.0.1:9/-backend/https/${stageVariables.host}/pets/{id}";
        assert!(text.contains(uri), "{text}");
        assert_eq!(uses, Uses::Http);
        assert_eq!(with_backends(document, backend, &[]).1, Uses::Nobody);
    }

    #[test]
    fn functions_and_services_are_named() {
        let of = |uri: &str| {
            let integration =
                format!(r#"{{"x-amazon-apigateway-integration": {{"uri": "{uri}"}}}}"#);
            with_backends(&integration, SocketAddr::from(([127, 0, 0, 1], 9)), &[]).1
        };
        let function =
            "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/f/invocations";
        assert_eq!(of(function), Uses::Functions);
        assert_eq!(
            of("arn:aws:apigateway:us-east-1:sqs:path/1/q"),
            Uses::Services
        );
    }
}
