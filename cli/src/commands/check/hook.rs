//! The programs that changed files belong to, for a hook that is given the files.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::failure::Failure;

/// What the document of an API holds, and other OpenAPI documents do not.
const MARK: &str = "x-amazon-apigateway-";

/// The keys that an OpenAPI or Swagger document has at its root.
const ROOTS: [&str; 2] = ["openapi", "swagger"];

/// What CloudFormation templates of gateways hold.
const TYPES: [&str; 2] = ["AWS::Serverless", "AWS::ApiGateway"];

/// What a JSON or YAML file is to a gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// An OpenAPI document with the reference's extensions.
    Api,
    /// A CloudFormation or SAM template with gateways.
    Template,
    /// Nothing.
    Other,
}

/// The programs: folders of gate files, and documents that describe an API. Sorted, each once.
pub(super) fn programs(files: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut programs = BTreeSet::new();
    for file in files {
        match file.extension().and_then(|e| e.to_str()) {
            Some("gate") => {
                programs.insert(folder_of(file));
            }
            Some("json" | "yaml" | "yml") => {
                let bytes = tollgate_project::read(file)
                    .map_err(|error| Failure::new(error.to_string()))?;
                match kind(&bytes) {
                    Kind::Api => {
                        programs.insert(file.clone());
                    }
                    // A hook that fails on what it cannot read yet would stop every commit.
                    Kind::Template => eprintln!(
                        "passed over `{}`: CloudFormation templates are not read yet",
                        file.display()
                    ),
                    Kind::Other => {}
                }
            }
            _ => {}
        }
    }
    Ok(programs.into_iter().collect())
}

fn kind(bytes: &[u8]) -> Kind {
    let text = String::from_utf8_lossy(bytes);
    let is_template = || TYPES.iter().any(|name| text.contains(name));
    // Templates carry such documents further down.
    match text.contains(MARK) && has_root(&text) {
        true => Kind::Api,
        false if is_template() => Kind::Template,
        false => Kind::Other,
    }
}

fn has_root(text: &str) -> bool {
    match serde_json::from_str::<serde_json::Value>(text) {
        Ok(document) => ROOTS.iter().any(|root| document.get(root).is_some()),
        Err(_) => text.lines().any(|line| {
            let key = line.split(':').next().unwrap_or_default();
            ROOTS.contains(&key.trim_end().trim_matches(['"', '\'']))
        }),
    }
}

/// The outermost folder above a gate file that has gate files itself: a folder is one program with all that is
/// below it.
fn folder_of(file: &Path) -> PathBuf {
    let own = match file.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    };
    let outer = own
        .ancestors()
        .filter(|folder| !folder.as_os_str().is_empty() && has_gate(folder))
        .last();
    // A file that was removed may have been the last one of its folder.
    outer.unwrap_or(own).to_owned()
}

fn has_gate(folder: &Path) -> bool {
    std::fs::read_dir(folder).is_ok_and(|entries| {
        entries
            .flatten()
            .any(|entry| entry.path().extension().is_some_and(|e| e == "gate"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_known_by_what_they_carry() {
        for (text, wanted) in [
            (
                "openapi: 3.0.1\nx-amazon-apigateway-policy: {}\n",
                Kind::Api,
            ),
            (
                "\"swagger\": '2.0'\nx: {x-amazon-apigateway-y: 1}\n",
                Kind::Api,
            ),
            (
                "{\"openapi\": \"3.0.1\", \"x-amazon-apigateway-cors\": {}}",
                Kind::Api,
            ),
            ("openapi: 3.0.1\npaths: {}\n", Kind::Other),
            (
                "Resources:\n  A:\n    Type: AWS::Serverless::Api\n    Body: {openapi: 3.0.1, x-amazon-apigateway-x: 1}\n",
                Kind::Template,
            ),
            ("{\"Type\": \"AWS::ApiGatewayV2::Api\"}", Kind::Template),
            ("{\"Type\": \"AWS::S3::Bucket\"}", Kind::Other),
            ("# x-amazon-apigateway-\nservices: {}\n", Kind::Other),
            ("", Kind::Other),
        ] {
            assert_eq!(kind(text.as_bytes()), wanted, "{text}");
        }
        assert_eq!(kind(b"\xff\xfe"), Kind::Other);
    }
}
