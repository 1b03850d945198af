//! `tollgate token`: what a caller of `run --dev-identity` shows.

use std::path::PathBuf;

use clap::Args;
use serde_json::{Map, Value, json};
use tollgate_auth::jwks::UserPool;
use tollgate_model::Program;
use tollgate_model::authorizer::AuthorizerKind;

use crate::Outcome;
use crate::compile::{self, Compilation, Compiled, Input};
use crate::failure::Failure;
use crate::{identity, serve, terminal};

/// Print a token, or an access key, that `tollgate run --dev-identity` takes.
#[derive(Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    input: Input,
    /// Whose token: an authorizer, or a user pool's id. Not needed if the program has one authorizer of tokens.
    #[arg(long, value_name = "AUTHORIZER|POOL")]
    pool: Option<String>,
    /// Claims: a file with a JSON object. They beat what would stand there.
    #[arg(long, value_name = "FILE")]
    claims: Option<PathBuf>,
    /// Who calls.
    #[arg(long, default_value = "dev")]
    subject: String,
    /// A scope of an access token. With none, it is an ID token.
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Vec<String>,
    /// Print the access key instead, as a shell reads it.
    #[arg(long, conflicts_with_all = ["pool", "claims", "scopes"])]
    access_key: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<Outcome, Failure> {
    let project = compile::open(&arguments.input.path)?;
    let Compilation::Done(compiled) = compile::compile(&project, &arguments.input)? else {
        return Ok(Outcome::Findings);
    };
    let program = &compiled.program;
    let identity = identity::dev(&project.root, &program.account.id)?;
    if arguments.access_key {
        terminal::print(&format!(
            "export AWS_ACCESS_KEY_ID={}\nexport AWS_SECRET_ACCESS_KEY={}\nunset AWS_SESSION_TOKEN\n",
            identity.access_key_id(),
            identity.reveal_secret_access_key()
        ));
        return Ok(Outcome::Fine);
    }
    let trusted = trusted(&compiled, arguments.pool.as_deref())?;
    let mut claims = base(arguments, &trusted);
    if let Some(path) = &arguments.claims {
        claims.extend(super::eval::object(path)?);
    }
    let token = identity
        .token(&claims, super::eval::present())
        .map_err(|fault| Failure::new(fault.to_string()))?;
    terminal::print(&format!("{token}\n"));
    Ok(Outcome::Fine)
}

/// Whose tokens an authorizer takes.
struct Trusted {
    names: Vec<String>,
    issuer: String,
    audience: String,
    cognito: bool,
}

fn trusted(compiled: &Compiled, wanted: Option<&str>) -> Result<Trusted, Failure> {
    let all = all(compiled)?;
    let fits = |t: &&Trusted| wanted.is_none_or(|wanted| t.names.iter().any(|n| n == wanted));
    let mut found = all.iter().filter(fits);
    let (first, second) = (found.next(), found.next());
    match (first, second, wanted) {
        (Some(_), None, _) => {}
        (Some(_), Some(_), Some(_)) => {}
        (None, _, Some(wanted)) => {
            return Err(
                Failure::new(format!("nothing takes tokens of `{wanted}`")).help(names(&all))
            );
        }
        (None, ..) => {
            return Err(Failure::new(
                "the program has no authorizer that takes tokens",
            ));
        }
        (Some(_), Some(_), None) => {
            return Err(
                Failure::new("the program has several authorizers that take tokens")
                    .help(names(&all)),
            );
        }
    }
    let at = all.iter().position(|t| fits(&t));
    at.and_then(|at| all.into_iter().nth(at))
        .ok_or_else(|| Failure::new("the program has no authorizer that takes tokens"))
}

fn names(all: &[Trusted]) -> String {
    let names: Vec<_> = all
        .iter()
        .filter_map(|t| t.names.first())
        .map(|name| format!("`{name}`"))
        .collect();
    format!("name one with --pool: {}", names.join(", "))
}

fn all(compiled: &Compiled) -> Result<Vec<Trusted>, Failure> {
    let program: &Program = &compiled.program;
    let mut all = Vec::new();
    for authorizer in program.apis.iter().flat_map(|api| &api.authorizers) {
        match &authorizer.kind {
            AuthorizerKind::Cognito { pools, .. } => {
                for pool in pools {
                    let arn = serve::filled(pool, compiled)?;
                    let Some(known) = UserPool::of_arn(&arn) else {
                        continue;
                    };
                    let id = arn.rsplit('/').next().unwrap_or_default().to_owned();
                    all.push(Trusted {
                        names: vec![authorizer.name.clone(), id, arn],
                        issuer: known.issuer,
                        audience: "dev-client".into(),
                        cognito: true,
                    });
                }
            }
            AuthorizerKind::Jwt {
                issuer, audience, ..
            } => {
                let issuer = serve::filled(issuer, compiled)?;
                let first = audience.first().map(|text| serve::filled(text, compiled));
                all.push(Trusted {
                    names: vec![authorizer.name.clone(), issuer.clone()],
                    issuer,
                    audience: first.transpose()?.unwrap_or_else(|| "dev-client".into()),
                    cognito: false,
                });
            }
            _ => {}
        }
    }
    Ok(all)
}

/// What the token says where nobody says otherwise.
fn base(arguments: &Arguments, trusted: &Trusted) -> Map<String, Value> {
    let subject = &arguments.subject;
    let claims = match (trusted.cognito, arguments.scopes.is_empty()) {
        (true, true) => json!({
            "sub": subject, "token_use": "id", "aud": trusted.audience, "cognito:username": subject,
        }),
        (true, false) => json!({
            "sub": subject, "token_use": "access", "client_id": trusted.audience, "username": subject,
            "scope": arguments.scopes.join(" "),
        }),
        (false, true) => json!({ "sub": subject, "aud": trusted.audience }),
        (false, false) => json!({
            "sub": subject, "aud": trusted.audience, "scope": arguments.scopes.join(" "),
        }),
    };
    let mut claims = match claims {
        Value::Object(claims) => claims,
        _ => Map::new(),
    };
    claims.insert("iss".into(), trusted.issuer.as_str().into());
    claims
}
