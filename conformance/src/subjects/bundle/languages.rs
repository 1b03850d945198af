//! The product's languages, each asked alone: the compiler's front end with the runtime's engine.

use serde_json::{Value as Json, json};
use tollgate_compiler::schema::{self, SchemaOptions};
use tollgate_runtime::json::{Heap, JsonError, Lent, Mode, Style, parse};
use tollgate_runtime::policy::Kind;
use tollgate_runtime::vtl::regex::{self, BadPattern, Flags};
use tollgate_runtime::{Scratch, Src, Text, jsonpath};

use super::template::SCRATCH;
use super::{Bundle, conditions, identity, policies, template};
use crate::engines::{
    CanonicalForm, CelInput, CelOutput, ConditionClause, Engines, PathOutput, PolicyDecision,
    PolicyDocument, PolicyRequest, PrincipalMatch, SignedRequest, TemplateInput, TemplateOutput,
};
use crate::verdict::Missing;

/// A document that values point into.
struct Document<'d>(&'d [u8]);

impl Lent for Document<'_> {
    fn lent(&self, text: Text) -> Option<&[u8]> {
        self.0.get(text.off as usize..)?.get(..text.len as usize)
    }
}

/// The work that one question may cost.
const WORK: u64 = 1 << 30;

impl Engines for Bundle {
    fn template(&mut self, input: &TemplateInput) -> Result<TemplateOutput, Missing> {
        template::run(input)
    }

    fn json_path(&mut self, document: &str, path: &str) -> Result<PathOutput, Missing> {
        let document = Document(document.as_bytes());
        let mut scratch = Scratch::new(SCRATCH);
        let mut heap = Heap::new(&document, &mut scratch, WORK);
        let whole = Text::whole(Src::Body, document.0);
        let value = match parse(&mut heap, whole, Mode::Lenient) {
            Ok(value) => value,
            Err(JsonError::Bound(bound)) => return Err(Missing(format!("the bound {bound:?}"))),
            Err(_) => return Ok(PathOutput::InvalidDocument),
        };
        let mut code = Vec::new();
        if let Err(error) = jsonpath::compile(path.as_bytes(), &mut code) {
            return Ok(PathOutput::InvalidPath(format!("{error:?}")));
        }
        Ok(match jsonpath::find(&mut heap, &code, value) {
            Ok(Some(found)) => {
                let text = heap.to_text(found, Style::Json);
                match text.map(|text| serde_json::from_slice(heap.bytes(text))) {
                    Ok(Ok(value)) => PathOutput::Value(value),
                    other => PathOutput::Other(format!("{other:?}")),
                }
            }
            Ok(None) => PathOutput::NotFound,
            // What a path can only meet while it runs, Jayway reports as a path that is none.
            Err(error) => PathOutput::InvalidPath(format!("{error:?}")),
        })
    }

    fn pattern_matches(&mut self, pattern: &str, text: &str) -> Result<Option<bool>, Missing> {
        let mut code = Vec::new();
        match regex::compile(pattern.as_bytes(), Flags::default(), &mut code) {
            Ok(()) => {}
            Err(BadPattern::Syntax(_)) => return Ok(None),
            Err(_) => {
                return Err(Missing(
                    "patterns that need backtracking or tables of Unicode".into(),
                ));
            }
        }
        let document = Document(text.as_bytes());
        let mut scratch = Scratch::new(SCRATCH);
        let mut heap = Heap::new(&document, &mut scratch, WORK);
        regex::whole(&mut heap, &code, Text::whole(Src::Body, document.0))
            .map(Some)
            .map_err(|error| Missing(format!("an answer within bounds: {error:?}")))
    }

    fn pattern_replace(
        &mut self,
        pattern: &str,
        text: &str,
        with: &str,
        all: bool,
    ) -> Result<Option<String>, Missing> {
        let method = if all { "replaceAll" } else { "replaceFirst" };
        let template = format!("$context.text.{method}($context.pattern, $context.with)");
        let context = json!({"text": text, "pattern": pattern, "with": with});
        call(&template, context)
    }

    fn pattern_split(
        &mut self,
        pattern: &str,
        text: &str,
        limit: i32,
    ) -> Result<Option<Vec<String>>, Missing> {
        let context = json!({"text": text, "pattern": pattern, "limit": limit});
        let parts = "$context.text.split($context.pattern, $context.limit)";
        let Some(size) = call(&format!("{parts}.size()"), context.clone())? else {
            return Ok(None);
        };
        let size: usize = size
            .parse()
            .map_err(|_| Missing("the number of parts of a split".into()))?;
        (0..size)
            .map(|at| call(&format!("{parts}.get({at})"), context.clone()))
            .collect()
    }

    fn schema_accepts(&mut self, schema: &Json, document: &Json) -> Result<bool, Missing> {
        let code = schema::compile(schema, &SchemaOptions::default()).map_err(|errors| {
            let texts: Vec<String> = errors.iter().map(|error| error.message.clone()).collect();
            Missing(format!("this schema: {}", texts.join("; ")))
        })?;
        let text = document.to_string();
        let document = Document(text.as_bytes());
        let mut scratch = Scratch::new(SCRATCH);
        let mut heap = Heap::new(&document, &mut scratch, WORK);
        let whole = Text::whole(Src::Body, document.0);
        tollgate_runtime::schema::judge(&mut heap, &code, whole)
            .map(|violated| violated.is_none())
            .map_err(|error| Missing(format!("an answer to this document: {error:?}")))
    }

    fn condition_holds(
        &mut self,
        clauses: &[ConditionClause],
        request: &PolicyRequest,
    ) -> Result<Option<bool>, Missing> {
        let asked = policies::hold(clauses, request)?;
        // Where an API can ask the same, both compilers of policies must say the same.
        match conditions::deployed(self, clauses, request) {
            Ok(deployed) if deployed != asked => Ok(None),
            _ => Ok(asked),
        }
    }

    fn element_matches(
        &mut self,
        element: &str,
        value: &Json,
        kind: Kind,
        request: &PolicyRequest,
    ) -> Result<bool, Missing> {
        policies::element(element, value, kind, request)
    }

    fn principal_matches(
        &mut self,
        element: &str,
        value: &Json,
        request: &PolicyRequest,
    ) -> Result<PrincipalMatch, Missing> {
        policies::principal(element, value, request)
    }

    fn policies_decide(
        &mut self,
        policies: &[PolicyDocument],
        request: &PolicyRequest,
    ) -> Result<PolicyDecision, Missing> {
        policies::decide(policies, request)
    }

    fn identity_policy_reads(&mut self, text: &str) -> Result<Result<(), String>, Missing> {
        Ok(tollgate_compiler::identity_policy::check(text).map_err(|fault| fault.why))
    }

    fn arn_patterns_overlap(&mut self, one: &str, other: &str) -> Result<bool, Missing> {
        Ok(tollgate_compiler::arn::overlap(one, other))
    }

    fn cel(&mut self, input: &CelInput) -> Result<CelOutput, Missing> {
        super::expression::evaluate(input)
    }

    fn signature_verifies(
        &mut self,
        request: &SignedRequest,
    ) -> Result<Result<(), String>, Missing> {
        Ok(identity::verify(request))
    }

    fn canonical_forms(
        &mut self,
        request: &SignedRequest,
    ) -> Result<Result<Vec<CanonicalForm>, String>, Missing> {
        Ok(identity::canonical(request))
    }

    fn token_verifies(
        &mut self,
        token: &str,
        detached: Option<&[u8]>,
        key: &Json,
    ) -> Result<Result<(), String>, Missing> {
        Ok(identity::token(token, detached, key))
    }

    fn key_reads(&mut self, key: &Json) -> Result<Result<(), String>, Missing> {
        Ok(identity::key(key))
    }
}

/// What a method of a template's texts gives; none where it throws.
fn call(template: &str, context: Json) -> Result<Option<String>, Missing> {
    let input = TemplateInput {
        template: template.to_owned(),
        context,
        ..TemplateInput::default()
    };
    match template::run(&input)? {
        TemplateOutput::Rendered { text, .. } => Ok(Some(text)),
        TemplateOutput::ParseError(_) | TemplateOutput::RuntimeError(_) => Ok(None),
    }
}
