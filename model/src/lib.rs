//! The typed meaning of a program: what a gateway does, with every name resolved,
//! every unit converted, every default filled in. Types only; nothing here evaluates.
//!
//! The compiler makes a [`Program`] from syntax trees; the back end lowers it to a
//! bundle, and the reference answers requests from it directly. Both must be able to
//! rely on what a type says, so whatever a check can exclude, the types exclude.
//!
//! What is absent: text positions (nodes have ids; the compiler knows where they
//! stand), syntax (a `cors` has become routes and headers already), and anything
//! that only one backend needs.

pub mod api;
pub mod authorizer;
pub mod condition;
pub mod integration;
pub mod policy;
pub mod schema;
pub mod stage;
pub mod text;
pub mod traffic;

use std::net::IpAddr;

pub use tollgate_grammar::NodeId;
use tollgate_grammar::{FileId, Span};

/// A whole program: everything that the sources of one directory declare.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Program {
    /// Whose gateway it is.
    pub account: Account,
    /// The dated behaviour of the reference that it asks for: `2026-11`.
    pub behaviour: Option<String>,
    /// Switches of that behaviour that differ from their defaults: name and value, such as
    /// `header.names` and `fold`.
    pub switches: Vec<(String, String)>,
    /// Typed holes, in the order of their names.
    pub params: Vec<Param>,
    /// The APIs, in the order of their names.
    pub apis: Vec<api::Api>,
    /// Request and response models, in the order of their names.
    pub models: Vec<schema::Model>,
    /// The stages, ordered by API, then by name.
    pub stages: Vec<stage::Stage>,
    /// Usage plans, in the order of their names.
    pub plans: Vec<traffic::Plan>,
    /// API keys, in the order of their names.
    pub keys: Vec<traffic::Key>,
    /// Functions with a local stand-in, in the order of their names.
    pub functions: Vec<Function>,
    /// Links into private networks, in the order of their names.
    pub vpc_links: Vec<VpcLink>,
    /// Tests, in the order of files and lines.
    pub tests: Vec<Test>,
}

impl Program {
    /// The API with this name.
    pub fn api(&self, name: &str) -> Option<&api::Api> {
        self.apis.iter().find(|api| api.name == name)
    }

    /// The stage of an API.
    pub fn stage(&self, api: &str, name: &str) -> Option<&stage::Stage> {
        self.stages
            .iter()
            .find(|stage| stage.api == api && stage.name == name)
    }

    /// The model with this name.
    pub fn model(&self, name: &str) -> Option<&schema::Model> {
        self.models.iter().find(|model| model.name == name)
    }
}

/// The account and region that a gateway belongs to. Both appear in ARNs and answers.
#[derive(Clone, Debug, PartialEq)]
pub struct Account {
    /// Twelve digits.
    pub id: String,
    /// `eu-west-1`.
    pub region: String,
    /// `aws`, `aws-cn`, `aws-us-gov`; follows the region.
    pub partition: String,
    /// The account's throttle over all its stages in the region.
    pub throttle: Option<traffic::Throttle>,
}

impl Default for Account {
    fn default() -> Self {
        Account {
            id: "000000000000".into(),
            region: "us-east-1".into(),
            partition: "aws".into(),
            throttle: None,
        }
    }
}

/// A declared hole of the program, filled when a bundle is loaded or run.
#[derive(Clone, Debug, PartialEq)]
pub struct Param {
    /// Its name.
    pub name: String,
    /// Its type.
    pub ty: ScalarType,
    /// Its value if nobody gives one.
    pub default: Option<String>,
    /// The value given at build (a choice over it has been decided), if any.
    pub value: Option<String>,
    /// Where it is declared.
    pub node: NodeId,
}

/// Types of parameters, stage variables and request parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScalarType {
    /// Any text.
    String,
    /// A whole number.
    Int,
    /// Any number.
    Number,
    /// `true` or `false`.
    Bool,
    /// `http://…` or `https://…`.
    Url,
    /// `arn:…`.
    Arn,
    /// One of these texts.
    OneOf(Vec<String>),
}

/// A Lambda function that the program knows by name.
#[derive(Clone, Debug, PartialEq)]
pub struct Function {
    /// Its name.
    pub name: String,
    /// Who answers when it is invoked.
    pub target: FunctionTarget,
    /// Where it is declared.
    pub node: NodeId,
}

/// Who answers for a [`Function`].
#[derive(Clone, Debug, PartialEq)]
pub enum FunctionTarget {
    /// A function of the service, by ARN.
    Arn(text::Text),
    /// A local command: the event on its input, the result on its output.
    Command(String),
    /// An endpoint of the Lambda Invoke API.
    Url(text::Text),
}

/// A link into a private network.
#[derive(Clone, Debug, PartialEq)]
pub struct VpcLink {
    /// Its name.
    pub name: String,
    /// Where its requests go, tried in turn.
    pub targets: Vec<text::Text>,
    /// Its subnets; carried, not used.
    pub subnets: Vec<String>,
    /// Where it is declared.
    pub node: NodeId,
}

/// A test of the program, as written: requests, scripted backends, expectations.
#[derive(Clone, Debug, PartialEq)]
pub struct Test {
    /// Its title.
    pub title: String,
    /// What holds before: time, variables, claims, keys.
    pub given: Given,
    /// The steps, in order.
    pub steps: Vec<TestStep>,
    /// Where it stands.
    pub node: NodeId,
}

/// The world of a [`Test`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Given {
    /// The clock, in milliseconds since 1970 UTC; fixed for the test.
    pub now_ms: Option<u64>,
    /// Stage variables that differ from the stage's.
    pub variables: Vec<(String, String)>,
    /// Claims of the caller's token, as JSON text.
    pub claims: Option<String>,
    /// API keys that the caller sends, by name.
    pub keys: Vec<String>,
}

/// One step of a [`Test`].
#[derive(Clone, Debug, PartialEq)]
pub enum TestStep {
    /// `send METHOD /path at Api.stage from "ip" { header.x = "…", body = … }`.
    Send {
        /// The verb.
        method: String,
        /// The path and query as sent, without the stage.
        target: String,
        /// The API and stage.
        api: String,
        /// The stage's name.
        stage: String,
        /// The client's address.
        from: Option<IpAddr>,
        /// Headers, in order.
        headers: Vec<(String, String)>,
        /// The body.
        body: Option<Vec<u8>>,
        /// Where it stands.
        node: NodeId,
    },
    /// `send vtl"…" { body = …, header.x = "…", context = { … } }`: a template alone, without a gateway.
    Render {
        /// The template.
        template: Box<integration::Template>,
        /// The payload.
        body: Vec<u8>,
        /// Headers.
        headers: Vec<(String, String)>,
        /// Path parameters.
        path: Vec<(String, String)>,
        /// Query parameters.
        query: Vec<(String, String)>,
        /// `$context`, as the text of a JSON object.
        context: Option<String>,
        /// Where it stands.
        node: NodeId,
    },
    /// `expect "…"`, `expect rendered { body: … }`: what a template renders.
    ExpectRendered {
        /// What the text must be.
        body: ExpectedBody,
        /// Where it stands.
        node: NodeId,
    },
    /// `backend STATUS { … }`: the scripted answer of the next integration call.
    Backend {
        /// The status.
        status: u16,
        /// Headers, in order.
        headers: Vec<(String, String)>,
        /// The body.
        body: Option<Vec<u8>>,
        /// Where it stands.
        node: NodeId,
    },
    /// `expect STATUS { … }`.
    Expect {
        /// The status.
        status: u16,
        /// Headers that must be there with these values.
        headers: Vec<(String, String)>,
        /// What the body must be.
        body: Option<ExpectedBody>,
        /// Where it stands.
        node: NodeId,
    },
    /// `expect backend METHOD "url" { … }`.
    ExpectBackend {
        /// The verb.
        method: String,
        /// The whole URL.
        url: String,
        /// Headers that must be there with these values.
        headers: Vec<(String, String)>,
        /// What the body must be.
        body: Option<ExpectedBody>,
        /// Where it stands.
        node: NodeId,
    },
}

impl TestStep {
    /// Where the step stands.
    pub fn node(&self) -> NodeId {
        match self {
            TestStep::Send { node, .. }
            | TestStep::Render { node, .. }
            | TestStep::ExpectRendered { node, .. }
            | TestStep::Backend { node, .. }
            | TestStep::Expect { node, .. }
            | TestStep::ExpectBackend { node, .. } => *node,
        }
    }
}

/// What a body is compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExpectedBody {
    /// Exactly this text.
    Text(String),
    /// JSON that equals this JSON text, order and blanks free.
    Json(String),
}

/// What the back end needs to know of texts to fill a debug image: names and places
/// for people. The compiler's source table implements it.
pub trait Places {
    /// The first place of a node.
    fn span(&self, node: NodeId) -> Option<Span>;
    /// `orders.gate:12`, as people write it.
    fn file_line(&self, node: NodeId) -> String;
    /// The name of a source.
    fn name(&self, file: FileId) -> &str;
}
