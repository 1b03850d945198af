//! From a compiled program to what the gateway runs.

use std::path::Path;

use tollgate_gateway::{Api, Function, StandIn};
use tollgate_model::text::{Piece, Text};
use tollgate_model::traffic::Secret;
use tollgate_model::{FunctionTarget, Program};

use crate::compile::Compiled;
use crate::failure::Failure;

/// What the gateway runs: the bundle, and who answers for what is not here.
pub(crate) fn program(
    compiled: &Compiled,
    root: &Path,
    stand_ins: &[(String, StandIn)],
) -> Result<tollgate_gateway::Program, Failure> {
    let model = &compiled.program;
    secrets(compiled)?;
    let mut program = of_bundle(&compiled.bundle);
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
pub(crate) fn of_bundle(
    bundle: &tollgate_runtime::Loaded<std::sync::Arc<[u8]>>,
) -> tollgate_gateway::Program {
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

/// Every secret that the program names must be there before the first request asks for it.
fn secrets(compiled: &Compiled) -> Result<(), Failure> {
    for key in &compiled.program.keys {
        let missing = match &key.value {
            Secret::Env(name) => std::env::var_os(name)
                .is_none()
                .then(|| format!("the environment has no `{name}`")),
            Secret::File(name) => std::fs::metadata(name)
                .is_err()
                .then(|| format!("there is no file `{name}`")),
            Secret::Named(name) => Some(format!("no store of secrets holds `{name}`")),
            Secret::Clear(_) => None,
        };
        if let Some(missing) = missing {
            return Err(
                Failure::new(format!("the key `{}` has no value: {missing}", key.name))
                    .help(format!("it is declared at {}", compiled.place(key.node))),
            );
        }
    }
    Ok(())
}

/// A text whose only holes are parameters.
fn filled(text: &Text, compiled: &Compiled) -> Result<String, Failure> {
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
