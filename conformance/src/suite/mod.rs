//! Third-party suites, one reader each. A suite is known by the folder that holds its files.

mod apigw;
mod cache;
mod cel;
mod cors;
mod iam;
mod java_regex;
mod json_schema;
mod jsonpath;
mod jws;
mod sigv4;
mod vtl;
mod vtl_oracle;

use std::path::Path;

use serde_json::Value as Json;

use crate::subject::Subject;
use crate::verdict::{Missing, Outcome, Verdict};

/// A suite's reader.
pub(crate) trait Suite {
    /// Runs one case of the file `name` (without its ending).
    fn run(
        &mut self,
        name: &str,
        case: &Json,
        subject: &mut dyn Subject,
    ) -> Result<Outcome, Missing>;

    /// Looks at all cases of a file before any of them runs.
    fn begin(&mut self, _cases: &[Json]) {}

    /// Whether cases run that the suite itself would skip for this reason.
    fn runs_though(&self, _reason: &str) -> bool {
        false
    }

    /// What the case is about, where it is not the file that says so.
    fn area(&self, name: &str, _case: &Json) -> String {
        name.to_owned()
    }
}

/// The reader of the suite that a file belongs to.
pub(crate) fn of(path: &Path) -> Option<Box<dyn Suite>> {
    path.ancestors().find_map(|folder| {
        Some(match folder.file_name()?.to_str()? {
            "vtl-oracle" => Box::new(vtl_oracle::VtlOracle) as Box<dyn Suite>,
            "apigw" => Box::new(apigw::ApiGateway),
            "cache" => Box::<cache::Cache>::default(),
            "cel" => Box::new(cel::Cel),
            "cors" => Box::new(cors::Cors),
            "sigv4" => Box::new(sigv4::SigV4),
            "jws" => Box::new(jws::Jws),
            "vtl" => Box::new(vtl::Vtl),
            "jsonpath" => Box::new(jsonpath::JsonPath),
            "iam" => Box::new(iam::Iam),
            "java-regex" => Box::new(java_regex::JavaRegex),
            "jsonschema-draft4" => Box::new(json_schema::JsonSchema),
            _ => return None,
        })
    })
}

/// The cases of a suite's file: a JSON line each, or the list `cases` of one document.
///
/// # Errors
///
/// The file is neither.
pub(crate) fn cases(path: &Path, text: &str) -> Result<Vec<Json>, String> {
    let lines = path.extension().is_some_and(|ending| ending == "jsonl");
    if lines {
        return text
            .lines()
            .filter(|line| !line.trim().is_empty())
            .map(|line| serde_json::from_str(line).map_err(|error| error.to_string()))
            .collect();
    }
    let document: Json = serde_json::from_str(text).map_err(|error| error.to_string())?;
    match document {
        Json::Object(mut head) => match head.remove("cases") {
            Some(Json::Array(cases)) => Ok(cases),
            _ => Ok(Vec::new()),
        },
        _ => Ok(Vec::new()),
    }
}

/// Runs one case of a suite.
pub(crate) fn run(
    suite: &mut dyn Suite,
    name: &str,
    case: &Json,
    subject: &mut dyn Subject,
) -> Verdict {
    let skippable = case.get("skippable").and_then(Json::as_str);
    let outcome = match skippable {
        Some(reason) if !suite.runs_though(reason) => Outcome::Skipped(reason.to_owned()),
        _ => suite.run(name, case, subject).unwrap_or_else(Outcome::from),
    };
    Verdict {
        id: text(case, "id").to_owned(),
        area: suite.area(name, case),
        title: String::new(),
        outcome,
    }
}

/// A member that is a text; empty if it is none.
pub(crate) fn text<'a>(case: &'a Json, name: &str) -> &'a str {
    case.get(name).and_then(Json::as_str).unwrap_or_default()
}

/// The members of an object, in order.
pub(crate) fn members(value: Option<&Json>) -> Vec<(String, Json)> {
    match value {
        Some(Json::Object(map)) => map
            .iter()
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests;
