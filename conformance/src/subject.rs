//! What is put to the test: anything that can be given a deployment and sent requests.

use tollgate_model::Program;
use tollgate_reference::{
    Answer, BackendAnswer, Call, ControlPlane, Request, Signer, TestInvoke, TestInvoked,
};

use crate::engines::Engines;
use crate::verdict::Missing;

/// A deployment of a case.
#[derive(Clone, Debug)]
pub struct Deployment {
    /// The whole program: the API, its canary's, the stage, plans and keys.
    pub program: Program,
    /// The name of the API in the program.
    pub api: String,
    /// The name of the stage.
    pub stage: String,
    /// The API's OpenAPI document, where it was made from one without further options.
    pub document: Option<String>,
}

/// What the world answers during one exchange.
#[derive(Clone, Debug, Default)]
pub struct Script {
    /// The answer of the integration; none: a case that calls it shows an error of its own.
    pub backend: Option<BackendAnswer>,
    /// The answer of the authorizer's function.
    pub authorizer: Option<BackendAnswer>,
    /// Who signed the request.
    pub signer: Option<Signer>,
    /// What the caller's token claims, if its signature and times are good.
    pub claims: Option<serde_json::Map<String, serde_json::Value>>,
}

/// What was seen of one exchange.
#[derive(Clone, Debug)]
pub struct Exchanged {
    /// What the client got.
    pub answer: Answer,
    /// What the integration was sent, in order.
    pub integrations: Vec<Call>,
    /// What authorizers were sent, in order.
    pub authorizers: Vec<Call>,
}

/// Something that answers requests.
pub trait Subject: Engines {
    /// What it is, for reports.
    fn name(&self) -> String;

    /// Whether it serves HTTP APIs beside REST APIs.
    fn serves_http_apis(&self) -> bool {
        false
    }

    /// Takes a deployment. State of earlier ones (limits, caches) is gone afterwards.
    ///
    /// # Errors
    ///
    /// It cannot serve something that the deployment uses.
    fn deploy(&mut self, deployment: &Deployment) -> Result<(), Missing>;

    /// Sends a request to the deployment's stage; the world answers as scripted.
    ///
    /// # Errors
    ///
    /// It cannot do something that the request needs.
    fn exchange(&mut self, request: &Request, script: &Script) -> Result<Exchanged, Missing>;

    /// Invokes one method of the deployment's API for a test, with its execution log.
    ///
    /// # Errors
    ///
    /// It has no test invocations.
    fn test_invoke(&mut self, _: &TestInvoke, _: &Script) -> Result<TestInvoked, Missing> {
        Err(Missing("test invocations".into()))
    }

    /// A control plane of one API with these deployments.
    ///
    /// # Errors
    ///
    /// It has none.
    fn control_plane(&mut self, _deployments: &[&str]) -> Result<ControlPlane, Missing> {
        Err(Missing("control-plane steps".into()))
    }
}
