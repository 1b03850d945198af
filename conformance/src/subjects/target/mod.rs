//! A gateway behind a URL as a subject: requests go over HTTP, and the runner plays the backends.
//!
//! Every deployment is handed to a *deployer*, with the addresses of its HTTP backends replaced by the runner's
//! own; who deploys (a command, a test) makes the gateway serve it and says where. What cannot be seen or brought
//! about over a socket is skipped by name: keys and plans, canaries, other peers' addresses, services of AWS, and
//! backends that fail before they answer.

mod backend;
mod document;
mod http;
mod trust;

use std::io;
use std::net::SocketAddr;
use std::process::{Command, Stdio};

use serde_json::Value as Json;
use tollgate_model::api::ApiKind;
use tollgate_reference::{Answer, BackendAnswer, Request};

use crate::engines::Engines;
use crate::subject::{Deployment, Exchanged, Script, Subject};
use crate::verdict::Missing;
use backend::Backends;
use document::Uses;
use trust::Trust;

pub use http::BadUrl;

/// What a deployer is given.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The OpenAPI document; its HTTP backends are the runner's.
    pub document: String,
    /// The stage's name.
    pub stage: String,
    /// The stage's variables.
    pub variables: Vec<(String, String)>,
    /// Where the runner answers for backends, and for functions by the Lambda Invoke API.
    pub backend: SocketAddr,
}

/// Makes a gateway serve a deployment: the base URL before `/stage/…`; none: the target's own.
///
/// # Errors
///
/// The gateway does not take it; why.
pub type Deployer = Box<dyn FnMut(&Wanted) -> Result<Option<String>, String>>;

/// A gateway behind a URL.
pub struct Target {
    name: String,
    base: http::Base,
    deployed: http::Base,
    deployer: Option<Deployer>,
    functions: bool,
    backends: Backends,
    trust: Trust,
}

impl Target {
    /// A gateway behind an `http` or `https` URL; the runner's backends listen at `listen` (port 0: any free one).
    ///
    /// # Errors
    ///
    /// The address cannot be listened on, or the URL is no such one.
    pub fn new(url: &str, listen: SocketAddr) -> io::Result<Target> {
        let base = http::Base::parse(url)
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error.to_string()))?;
        Ok(Target {
            name: url.to_owned(),
            deployed: base.clone(),
            base,
            deployer: None,
            functions: false,
            backends: Backends::listen(listen)?,
            trust: Trust::default(),
        })
    }

    /// Who deploys; without one the gateway serves what the cases are about already.
    #[must_use]
    pub fn with_deployer(mut self, deployer: Deployer) -> Target {
        self.deployer = Some(deployer);
        self
    }

    /// The gateway invokes functions at the runner's address.
    #[must_use]
    pub fn with_functions(mut self) -> Target {
        self.functions = true;
        self
    }

    /// Where the runner answers for backends.
    pub fn backend(&self) -> SocketAddr {
        self.backends.address()
    }
}

/// A deployer that runs a command of the shell: the document on its input; `STAGE`, `STAGE_VARIABLES` (a JSON
/// object) and `BACKEND` (host and port) in its environment. A URL as the last line of its output is the base of
/// the requests that follow; an exit code other than 0 refuses the deployment, with its error output as reason.
pub fn by_command(line: String) -> Deployer {
    Box::new(move |wanted| {
        let variables: serde_json::Map<String, Json> = wanted
            .variables
            .iter()
            .map(|(name, value)| (name.clone(), value.as_str().into()))
            .collect();
        let run = || -> io::Result<std::process::Output> {
            let mut child = Command::new("sh")
                .args(["-c", &line])
                .env("STAGE", &wanted.stage)
                .env("STAGE_VARIABLES", Json::Object(variables).to_string())
                .env("BACKEND", wanted.backend.to_string())
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()?;
            if let Some(mut input) = child.stdin.take() {
                // A command that does not read its input is none the worse for it.
                let _ = io::Write::write_all(&mut input, wanted.document.as_bytes());
            }
            child.wait_with_output()
        };
        let output = run().map_err(|error| format!("the deploying command: {error}"))?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            return Err(said
                .lines()
                .next_back()
                .unwrap_or("no reason given")
                .to_owned());
        }
        let said = String::from_utf8_lossy(&output.stdout);
        let last = said.lines().next_back().map(str::trim);
        Ok(last
            .filter(|line| line.starts_with("http"))
            .map(str::to_owned))
    })
}

impl Engines for Target {}

impl Subject for Target {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn deploy(&mut self, deployment: &Deployment) -> Result<(), Missing> {
        let program = &deployment.program;
        if !program.keys.is_empty() || !program.plans.is_empty() {
            return Err(Missing(
                "keys and usage plans of a gateway behind a URL".into(),
            ));
        }
        let stage = program
            .stages
            .iter()
            .find(|stage| stage.name == deployment.stage);
        let Some(stage) = stage else {
            return Err(Missing("a stage".into()));
        };
        if stage.canary.is_some() {
            return Err(Missing("canaries of a gateway behind a URL".into()));
        }
        if program
            .api(&deployment.api)
            .is_some_and(|api| api.kind != ApiKind::Rest)
        {
            return Err(Missing("HTTP APIs behind a URL".into()));
        }
        let Some(source) = &deployment.document else {
            return Err(Missing("a document to deploy".into()));
        };
        let variables = stage.variables.iter().map(|(name, value)| {
            let text = value.pieces.iter().map(|piece| match piece {
                tollgate_model::text::Piece::Literal(text) => text.as_str(),
                _ => "",
            });
            (name.clone(), text.collect())
        });
        let variables: Vec<(String, String)> = variables.collect();
        let (document, uses) = document::with_backends(source, self.backends.address(), &variables);
        match uses {
            Uses::Services => {
                return Err(Missing(
                    "services of AWS behind a gateway behind a URL".into(),
                ));
            }
            Uses::Nobody => {
                return Err(Missing("a host without a name, over a socket".into()));
            }
            Uses::Functions if !self.functions => {
                return Err(Missing("functions of a gateway behind a URL".into()));
            }
            Uses::Functions | Uses::Http => {}
        }
        self.deployed = self.base.clone();
        let Some(deployer) = &mut self.deployer else {
            return Ok(());
        };
        let wanted = Wanted {
            document,
            stage: deployment.stage.clone(),
            variables,
            backend: self.backends.address(),
        };
        let said = deployer(&wanted)
            .map_err(|why| Missing(format!("a gateway that takes this deployment: {why}")))?;
        if let Some(url) = said {
            self.deployed = http::Base::parse(&url)
                .map_err(|error| Missing(format!("the deployed gateway: {error}")))?;
        }
        Ok(())
    }

    fn exchange(&mut self, request: &Request, script: &Script) -> Result<Exchanged, Missing> {
        if request.source_ip != Request::new("GET", "/").source_ip {
            return Err(Missing("other peers' addresses over a socket".into()));
        }
        let answers = |answer: &Option<BackendAnswer>| match answer {
            None | Some(BackendAnswer::Answered { .. }) => Ok(()),
            Some(_) => Err(Missing(
                "backends that fail before they answer, over a socket".into(),
            )),
        };
        answers(&script.backend)?;
        answers(&script.authorizer)?;
        self.backends.play(script.clone());
        let received = self.deployed.send(request, &self.trust)?;
        let calls = self.backends.calls();
        Ok(Exchanged {
            answer: Answer {
                status: received.status,
                headers: received.headers,
                body: received.body,
                refusal: None,
            },
            integrations: calls,
            authorizers: Vec::new(),
        })
    }
}
