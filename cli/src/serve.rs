//! From a compiled program to what the gateway runs.

use std::path::Path;
use std::sync::Arc;

use tollgate_auth::{self as auth, apikey};
use tollgate_gateway::{Api, Function, StandIn};
use tollgate_model::text::{Piece, Text};
use tollgate_model::traffic::Secret;
use tollgate_model::{FunctionTarget, Program};
use tollgate_runtime::Loaded;

use crate::compile::Compiled;
use crate::failure::{Failure, plain};

/// What the gateway runs: the bundle, and who answers for what is not here.
pub(crate) fn program(
    compiled: &Compiled,
    root: &Path,
    stand_ins: &[(String, StandIn)],
) -> Result<tollgate_gateway::Program, Failure> {
    let model = &compiled.program;
    let mut program = of_bundle(&with_keys(compiled, root)?);
    for function in &model.functions {
        let target = match &function.target {
            FunctionTarget::Command(line) => Function::Command {
                line: line.clone(),
                folder: Some(root.to_owned()),
            },
            FunctionTarget::Url(url) => Function::Url(filled(url, compiled)?),
            // Only a stand-in answers for it.
            FunctionTarget::Arn(_) => continue,
        };
        program.functions.push((function.name.clone(), target));
    }
    for link in &model.vpc_links {
        let targets: Result<Vec<_>, _> = link.targets.iter().map(|t| filled(t, compiled)).collect();
        program.links.push((link.name.clone(), targets?));
    }
    program.stand_ins = stand_ins.to_vec();
    Ok(program)
}

/// A bundle alone: no functions, no links.
pub(crate) fn of_bundle(bundle: &Loaded<Arc<[u8]>>) -> tollgate_gateway::Program {
    let mut program = tollgate_gateway::Program::new(bundle.clone());
    for (id, name, _) in bundle.view().stages() {
        let api = Api {
            id: String::from_utf8_lossy(id).into_owned(),
            name: String::from_utf8_lossy(name).into_owned(),
        };
        if !program.apis.contains(&api) {
            program.apis.push(api);
        }
    }
    program
}

/// The bundle with the digests of its keys: every secret that the program names must be there before the first
/// request asks for it.
fn with_keys(compiled: &Compiled, root: &Path) -> Result<Loaded<Arc<[u8]>>, Failure> {
    let model = &compiled.program;
    if model.keys.is_empty() {
        return Ok(compiled.bundle.clone());
    }
    let mut keys = Vec::with_capacity(model.keys.len());
    for (index, key) in (0..).zip(&model.keys) {
        let value = secret(&key.value, root).map_err(|missing| {
            Failure::new(format!("the key `{}` has no value: {missing}", key.name))
                .help(format!("it is declared at {}", compiled.place(key.node)))
        })?;
        keys.push((value, index));
    }
    // The same for every build of a project, so that the same keys give the same bytes.
    let names: Vec<_> = model.apis.iter().map(|api| api.name.as_str()).collect();
    let project = format!("{}/{}", model.account.id, names.join("/"));
    apikey::with_keys(project.as_bytes(), &keys, compiled.bundle.view().bytes())
        .and_then(|bytes| Loaded::verify(Arc::from(bytes)))
        .map_err(|refused| Failure::new(format!("the keys do not fit the bundle: {refused}")))
}

/// A secret's value, or why it has none. A file's last newline is not part of it.
fn secret(secret: &Secret, root: &Path) -> Result<auth::Secret, String> {
    match secret {
        Secret::Env(name) => std::env::var(name)
            .map(auth::Secret::new)
            .map_err(|_| format!("the environment has no `{name}`")),
        Secret::File(name) => std::fs::read(root.join(name))
            .map(|mut bytes| {
                while bytes.last().is_some_and(|b| matches!(b, b'\n' | b'\r')) {
                    bytes.pop();
                }
                auth::Secret::new(bytes)
            })
            .map_err(|error| format!("cannot read `{name}`: {}", plain(&error))),
        Secret::Named(name) => Err(format!("no store of secrets holds `{name}`")),
        Secret::Clear(value) => Ok(auth::Secret::new(value.as_str())),
    }
}

/// A text whose only holes are parameters.
pub(crate) fn filled(text: &Text, compiled: &Compiled) -> Result<String, Failure> {
    let mut out = String::new();
    for piece in &text.pieces {
        match piece {
            Piece::Literal(literal) => out.push_str(literal),
            Piece::Param(name) => {
                out.push_str(&param(&compiled.program, name).ok_or_else(|| {
                    let declared = compiled.program.params.iter().find(|p| p.name == *name);
                    let place = compiled.place(declared.map_or(text.node, |p| p.node));
                    Failure::new(format!("the parameter `{name}` has no value")).help(format!(
                        "it is declared at {place}; give it with --param {name}=VALUE"
                    ))
                })?)
            }
            _ => {
                return Err(Failure::new(format!(
                    "{}: only parameters can be known here",
                    compiled.place(text.node)
                )));
            }
        }
    }
    Ok(out)
}

fn param(program: &Program, name: &str) -> Option<String> {
    let param = program.params.iter().find(|p| p.name == name)?;
    param.value.clone().or_else(|| param.default.clone())
}
