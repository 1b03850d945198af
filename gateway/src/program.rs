//! What a gateway runs: a loaded bundle, and who answers for what is not here.

use std::path::PathBuf;
use std::sync::Arc;

use tollgate_auth::apikey::Salt;
use tollgate_auth::jwks::KeySet;
use tollgate_auth::sigv4::CredentialStore;
use tollgate_runtime::Loaded;

/// A bundle with what the gateway must know beside it. A new one replaces it as a whole.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Program {
    bundle: Loaded<Arc<[u8]>>,
    /// Of the bundle's keyring.
    pub(crate) salt: Salt,
    /// The APIs of the bundle, in its order.
    pub apis: Vec<Api>,
    /// Functions by name.
    pub functions: Vec<(String, Function)>,
    /// The targets of VPC links, by the link's name or id: base URLs, tried in turn.
    pub links: Vec<(String, Vec<String>)>,
    /// Who stands in for a backend: by host (with or without port), function, link or service.
    pub stand_ins: Vec<(String, StandIn)>,
    /// Whose signatures and tokens are good.
    pub known: Known,
}

/// Whose signatures and tokens are good, beside what the bundle says.
#[derive(Clone, Default)]
pub struct Known {
    /// Where the keys of an issuer are, in place of where it says; `*` is every issuer.
    pub keys: Vec<(String, KeysAt)>,
    /// Who has which access key; none: nobody has one.
    pub credentials: Option<Arc<dyn CredentialStore + Send + Sync>>,
}

/// Where keys are.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum KeysAt {
    /// The URL of a key set.
    Url(String),
    /// Here.
    Set(Arc<KeySet>),
}

impl std::fmt::Debug for Known {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Known")
            .field("keys", &self.keys)
            .finish_non_exhaustive()
    }
}

/// How requests name an API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Api {
    /// Its name in the program, which may be the first segment of a path.
    pub name: String,
    /// Its id, which may be the first label of a host.
    pub id: String,
}

/// Who answers when a function is invoked.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Function {
    /// A command of the shell: the event on its input, the result on its output.
    Command {
        /// The command.
        line: String,
        /// Where it runs; none: where the gateway does.
        folder: Option<PathBuf>,
    },
    /// An endpoint of the Lambda Invoke API.
    Url(String),
}

/// Who answers in a backend's place.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StandIn {
    /// The built-in echo: answers with the request, as JSON.
    Echo,
    /// A base URL, `http` or `https`. A path of it comes before the request's.
    Url(String),
}

impl StandIn {
    /// Reads `echo` or a URL.
    ///
    /// # Errors
    /// A text that is neither.
    pub fn parse(text: &str) -> Result<StandIn, NotAStandIn> {
        match text {
            "echo" | "echo:" => Ok(StandIn::Echo),
            url if crate::backend::url::Url::parse(url.as_bytes()).is_some() => {
                Ok(StandIn::Url(url.to_owned()))
            }
            _ => Err(NotAStandIn),
        }
    }
}

/// A text is neither `echo` nor the URL of a backend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAStandIn;

impl std::fmt::Display for NotAStandIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("neither `echo` nor an `http` or `https` URL")
    }
}

impl std::error::Error for NotAStandIn {}

impl Program {
    /// A program of this bundle, in which nobody stands for anything yet.
    #[must_use]
    pub fn new(bundle: Loaded<Arc<[u8]>>) -> Program {
        Program {
            salt: Salt::derive(bundle.view().keyring().salt()),
            bundle,
            apis: Vec::new(),
            functions: Vec::new(),
            links: Vec::new(),
            stand_ins: Vec::new(),
            known: Known::default(),
        }
    }

    /// The bundle.
    #[must_use]
    pub fn bundle(&self) -> &Loaded<Arc<[u8]>> {
        &self.bundle
    }

    pub(crate) fn function(&self, name: &str) -> Option<&Function> {
        find(&self.functions, name)
    }

    pub(crate) fn link(&self, name: &str) -> Option<&[String]> {
        find(&self.links, name).map(Vec::as_slice)
    }

    pub(crate) fn stand_in(&self, name: &str) -> Option<&StandIn> {
        find(&self.stand_ins, name)
    }

    /// The API that a host names: `{api}.execute-api.…`, or `{api}-{endpoint}.execute-api.…` of a private one.
    pub(crate) fn api_of_host(&self, domain: &[u8]) -> Option<&Api> {
        let dot = domain.iter().position(|b| *b == b'.')?;
        let rest = domain.get(dot + 1..)?;
        if !rest.starts_with(b"execute-api.") && rest != b"execute-api" {
            return None;
        }
        let label = std::str::from_utf8(domain.get(..dot)?)
            .ok()?
            .to_ascii_lowercase();
        let id = label
            .split_once("-vpce-")
            .map_or(label.as_str(), |(id, _)| id);
        self.api_called(id.as_bytes())
    }

    /// Where the keys of an issuer are, if that was said.
    pub(crate) fn keys_of(&self, issuer: &str) -> Option<&KeysAt> {
        let keys = &self.known.keys;
        find(keys, issuer).or_else(|| find(keys, "*"))
    }

    /// The API with this id or name.
    pub(crate) fn api_called(&self, name: &[u8]) -> Option<&Api> {
        let called = |api: &&Api| api.id.as_bytes() == name || api.name.as_bytes() == name;
        self.apis.iter().find(called)
    }
}

/// Few entries as a rule: a list is the fastest map.
fn find<'a, T>(list: &'a [(String, T)], name: &str) -> Option<&'a T> {
    list.iter().find(|(n, _)| n == name).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_names_an_api() {
        let (model, _) = tollgate_compiler::check_text("");
        let bytes = tollgate_compiler::emit::bundle(&model.unwrap()).unwrap();
        let mut program = Program::new(Loaded::verify(Arc::<[u8]>::from(bytes)).unwrap());
        program.apis.push(Api {
            name: "Orders".into(),
            id: "a1b2c3d4e5".into(),
        });
        for (host, named) in [
            ("a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com", true),
            ("A1B2C3D4E5.execute-api.localhost", true),
            ("a1b2c3d4e5.execute-api", true),
            (
                "a1b2c3d4e5-vpce-0abc.execute-api.eu-west-1.amazonaws.com",
                true,
            ),
            ("other.execute-api.eu-west-1.amazonaws.com", false),
            ("a1b2c3d4e5.execute-apis.example", false),
            ("a1b2c3d4e5", false),
            ("127.0.0.1", false),
        ] {
            assert_eq!(
                program.api_of_host(host.as_bytes()).is_some(),
                named,
                "{host}"
            );
        }
    }
}
