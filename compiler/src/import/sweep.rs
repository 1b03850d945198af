//! Naming what an import did not read.

use super::findings::{Finding, FindingKind, Severity};
use super::openapi::Import;
use crate::document::{Node, Reads};

/// Keys of OpenAPI and Swagger that the reference reads over, and why.
const UNUSED: &[(&[&str], &str)] = &[
    (
        &[
            "allowEmptyValue",
            "allowReserved",
            "collectionFormat",
            "content",
            "default",
            "enum",
            "example",
            "examples",
            "explode",
            "format",
            "items",
            "maxItems",
            "maxLength",
            "maximum",
            "minItems",
            "minLength",
            "minimum",
            "multipleOf",
            "pattern",
            "schema",
            "style",
            "type",
            "uniqueItems",
            "exclusiveMaximum",
            "exclusiveMinimum",
            "nullable",
        ],
        "of parameters and headers only name, place, presence and description count",
    ),
    (
        &[
            "callbacks",
            "contact",
            "deprecated",
            "encoding",
            "externalDocs",
            "flows",
            "host",
            "license",
            "links",
            "scheme",
            "schemes",
            "servers",
            "termsOfService",
            "webhooks",
            "jsonSchemaDialect",
            "bearerFormat",
            "openIdConnectUrl",
            "flow",
            "authorizationUrl",
            "tokenUrl",
            "scopes",
            "produces",
            "consumes",
            "headers",
            "description",
            "summary",
            "responses",
            "parameters",
            "required",
            "requestBodies",
            "schemas",
            "securitySchemes",
            "pathItems",
            "variables",
            "url",
        ],
        "",
    ),
];

impl<'d> Import<'d> {
    /// Names keys that stand twice.
    pub(super) fn name_duplicates(&mut self) {
        for (first, second) in self.document.duplicates() {
            let message = format!("`{}` stands twice; the last one counts", first.text());
            if self.findings.again(FindingKind::DuplicateKey, &message) {
                continue;
            }
            self.findings.push(Finding::new(
                FindingKind::DuplicateKey,
                second.span(),
                second.path(),
                message,
            ));
        }
    }

    /// Names every property that was not read, those of one name together.
    pub(super) fn name_unread(&mut self, reads: &Reads) {
        for (key, node) in reads.unread(self.document) {
            self.unread(key, node);
        }
    }

    fn unread(&mut self, key: Node<'_>, node: Node<'_>) {
        let name = key.text();
        let is_element = key.span() == node.span() && name.is_empty();
        let unused = UNUSED.iter().find(|(names, _)| names.contains(&name));
        let (kind, severity, message) = match unused {
            Some((_, "")) => (
                FindingKind::Unused,
                Severity::Note,
                format!("`{name}` is not used by the reference"),
            ),
            Some((_, why)) => (
                FindingKind::Unused,
                Severity::Note,
                format!("`{name}` is not used by the reference: {why}"),
            ),
            None if name.starts_with("x-amazon-apigateway-") => (
                FindingKind::UnknownProperty,
                Severity::Warning,
                format!("`{name}` is no extension of the reference, or stands in the wrong place"),
            ),
            None if name.starts_with("x-") => (
                FindingKind::Unused,
                Severity::Note,
                format!("`{name}` is an extension of others"),
            ),
            None if is_component(&key.path()) => (
                FindingKind::Unused,
                Severity::Note,
                "nothing uses this component".to_owned(),
            ),
            None if is_element => (
                FindingKind::UnknownProperty,
                Severity::Warning,
                "this is not known here".to_owned(),
            ),
            None => (
                FindingKind::UnknownProperty,
                Severity::Warning,
                format!("`{name}` is not known here"),
            ),
        };
        if self.findings.again(kind, &message) {
            return;
        }
        let finding = Finding::new(kind, key.span(), key.path(), message).severity(severity);
        let finding = match likely(name) {
            Some(known) if kind == FindingKind::UnknownProperty => {
                finding.help(format!("did you mean `{known}`?"))
            }
            _ => finding,
        };
        self.findings.push(finding);
    }
}

/// Whether a property is a parameter, response, … that the document keeps for reference.
fn is_component(path: &str) -> bool {
    path.starts_with("components.")
        || path.starts_with("parameters.")
        || path.starts_with("responses.")
}

/// Names that people write otherwise.
fn likely(name: &str) -> Option<&'static str> {
    const KNOWN: &[&str] = &[
        "passthroughBehavior",
        "requestTemplates",
        "requestParameters",
        "responseParameters",
        "responseTemplates",
        "httpMethod",
        "timeoutInMillis",
        "contentHandling",
        "connectionType",
        "connectionId",
        "cacheKeyParameters",
        "cacheNamespace",
        "credentials",
        "statusCode",
        "responses",
        "parameters",
        "x-amazon-apigateway-any-method",
        "identitySource",
        "authorizerUri",
        "authorizerResultTtlInSeconds",
        "providerARNs",
        "validateRequestBody",
        "validateRequestParameters",
    ];
    let fold = |text: &str| {
        let folded: String = text.chars().filter(char::is_ascii_alphanumeric).collect();
        folded.to_ascii_lowercase().replace("our", "or")
    };
    let folded = fold(name);
    let special = match name {
        "any" => Some("x-amazon-apigateway-any-method"),
        "integrationResponses" => Some("responses"),
        _ => None,
    };
    special.or_else(|| {
        KNOWN
            .iter()
            .copied()
            .find(|known| fold(known) == folded && *known != name)
    })
}
