//! Callers on this machine: access keys out of a file, and an identity of the project's own for development.

use std::path::Path;
use std::sync::Arc;

use ini::{Ini, Properties};
use tollgate_auth::Secret;
use tollgate_auth::dev::DevIdentity;
use tollgate_auth::jwks::KeySet;
use tollgate_auth::sigv4::{
    CallerPolicy, Credential, CredentialStore, Identity, PrincipalType, StoreFailed,
};
use tollgate_compiler::identity_policy;
use tollgate_gateway::{KeysAt, Known};
use tollgate_runtime::policy::Kind;

use crate::failure::{Failure, plain};

/// Where a project keeps what it makes for this machine only.
const FOLDER: &str = ".tollgate";
/// The seed of the development identity in it: whoever has it can issue tokens that a gateway with
/// `--dev-identity` takes.
const SEED: &str = "dev-identity";

/// The issuer that a development token names where nothing else is said.
const ISSUER: &str = "http://localhost/tollgate-dev";

/// The development identity of a project, made when it is first asked for: the same for `run` and `token`.
pub(crate) fn dev(root: &Path, account: &str) -> Result<DevIdentity, Failure> {
    DevIdentity::new(&seed(root)?, ISSUER, account)
        .map_err(|fault| Failure::new(format!("no development identity: {fault}")))
}

fn seed(root: &Path) -> Result<[u8; 32], Failure> {
    let folder = root.join(FOLDER);
    let path = folder.join(SEED);
    match std::fs::read(&path) {
        Ok(bytes) => <[u8; 32]>::try_from(bytes).map_err(|_| {
            Failure::new(format!("`{}` is no development identity", path.display()))
                .help("delete it: another one is made")
        }),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let seed =
                DevIdentity::seed().map_err(|_| Failure::new("no randomness is to be had"))?;
            std::fs::create_dir_all(&folder)
                .and_then(|()| std::fs::write(folder.join(".gitignore"), "*\n"))
                .and_then(|()| keep_private(&path, &seed))
                .map_err(|error| Failure::file("write", &path, &error))?;
            Ok(seed)
        }
        Err(error) => Err(Failure::file("read", &path, &error)),
    }
}

/// Writes a file that only its owner may read, from its first byte on.
fn keep_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    use std::io::Write;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(bytes)
}

/// What a gateway knows by the development identity: its access key, and its key for the tokens of every issuer.
pub(crate) fn known_by_dev(identity: DevIdentity) -> Result<Known, Failure> {
    let keys = KeySet::parse(identity.jwks().as_bytes())
        .map_err(|fault| Failure::new(format!("no development identity: {fault}")))?;
    let mut known = Known::default();
    known.keys.push(("*".into(), KeysAt::Set(Arc::new(keys))));
    known.credentials = Some(Arc::new(identity));
    Ok(known)
}

/// Access keys out of a file.
pub(crate) struct Credentials(Vec<(String, Arc<Credential>)>);

impl CredentialStore for Credentials {
    fn find(&self, access_key_id: &str) -> Result<Option<Arc<Credential>>, StoreFailed> {
        let found = self.0.iter().find(|(id, _)| id == access_key_id);
        Ok(found.map(|(_, credential)| credential.clone()))
    }
}

/// Reads a credentials file in AWS's own form: a section for each profile with `aws_access_key_id`,
/// `aws_secret_access_key` and perhaps `aws_session_token`. Each profile is a user of `account` by its name, or
/// `user_arn`, who may do what the IAM document in `policy` says, a file beside this one; without it, anything.
/// Further files bound it: see [`POLICIES`]. Several stand between commas, levels of an organisation between `>`.
pub(crate) fn credentials(path: &Path, account: &str) -> Result<Credentials, Failure> {
    let wrong = |why: String| {
        Failure::new(format!(
            "`{}` is no credentials file: {why}",
            path.display()
        ))
        .help("write [PROFILE], aws_access_key_id = … and aws_secret_access_key = …")
    };
    let text =
        std::fs::read_to_string(path).map_err(|error| Failure::file("read", path, &error))?;
    let ini = Ini::load_from_str(&text)
        // The parser's message repeats the line, which may hold a secret.
        .map_err(|error| wrong(format!("line {} cannot be read", error.line)))?;
    let mut all = Vec::new();
    for (profile, properties) in ini.iter() {
        let Some(profile) = profile else {
            if properties.is_empty() {
                continue;
            }
            return Err(wrong("something stands before the first profile".into()));
        };
        let (id, credential) = credential(path, account, profile, properties).map_err(wrong)?;
        all.push((id, Arc::new(credential)));
    }
    Ok(Credentials(all))
}

/// What a caller without a policy of its own may do.
const ANYTHING: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

/// The words of a profile that name files with policies.
const POLICIES: [(&str, Kind); 6] = [
    ("policy", Kind::Identity),
    ("boundary", Kind::Boundary),
    ("session_policy", Kind::Session),
    ("service_control", Kind::ServiceControl),
    ("resource_control", Kind::ResourceControl),
    ("endpoint_policy", Kind::Endpoint),
];

/// Refuses what IAM would not take as a policy of a caller.
fn taken(file: &str, document: &[u8]) -> Result<(), String> {
    let file = file.trim();
    let text = std::str::from_utf8(document).map_err(|_| format!("`{file}` is no UTF-8"))?;
    identity_policy::check(text).map_err(|fault| {
        let before = text.get(..fault.at.start as usize).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        format!("`{file}` is no policy: line {line}: {fault}")
    })
}

/// Makes an identity the principal of an ARN, in the ARN's account. The role of a session is taken to have no
/// path.
fn named(identity: &mut Identity, arn: &str) {
    identity.user_arn = arn.to_owned();
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let [_, partition, _, _, account, name] = parts.as_slice() else {
        return;
    };
    let (account, name) = (*account, *name);
    if !account.is_empty() {
        identity.account_id = account.to_owned();
    }
    let session = name.strip_prefix("assumed-role/");
    if let Some((role, session)) = session.and_then(|name| name.split_once('/')) {
        identity.principal_type = PrincipalType::AssumedRole;
        identity.principal_arn = Some(format!("arn:{partition}:iam::{account}:role/{role}"));
        identity.user_id = format!("AROA{role}:{session}");
        identity.user_name = None;
    } else if name == "root" {
        identity.principal_type = PrincipalType::Account;
        identity.user_id = account.to_owned();
        identity.user_name = None;
    }
}

fn credential(
    path: &Path,
    account: &str,
    profile: &str,
    properties: &Properties,
) -> Result<(String, Credential), String> {
    let needed = |name: &str| {
        properties
            .get(name)
            .ok_or_else(|| format!("the profile `{profile}` has no `{name}`"))
    };
    let id = needed("aws_access_key_id")?.to_owned();
    let secret = Secret::new(needed("aws_secret_access_key")?);
    let read = |file: &str| {
        let file = path.with_file_name(file.trim());
        std::fs::read(&file)
            .map_err(|error| format!("cannot read `{}`: {}", file.display(), plain(&error)))
    };
    let mut policies = Vec::new();
    for (name, kind) in POLICIES {
        let Some(files) = properties.get(name) else {
            continue;
        };
        let levels = matches!(kind, Kind::ServiceControl | Kind::ResourceControl);
        for (level, files) in (0..).zip(files.split('>')) {
            if level > 0 && !levels {
                return Err(format!("`{name}` of `{profile}` has no levels"));
            }
            for file in files.split(',') {
                let document = read(file)?;
                // The others name principals, which these must not.
                if !matches!(kind, Kind::ResourceControl | Kind::Endpoint) {
                    taken(file, &document)?;
                }
                policies.push(CallerPolicy {
                    kind,
                    level,
                    document,
                });
            }
        }
    }
    if properties.get("policy").is_none() {
        policies.push(CallerPolicy::identity(ANYTHING));
    }
    let mut identity = Identity::user(account, profile, &format!("AIDA{profile}"));
    if let Some(arn) = properties.get("user_arn") {
        named(&mut identity, arn);
    }
    if let Some(arn) = properties.get("role_arn") {
        identity.principal_arn = Some(arn.to_owned());
    }
    let credential = Credential {
        secret_access_key: secret,
        session_token: properties.get("aws_session_token").map(Secret::new),
        expires_ms: None,
        identity,
        policies,
    };
    Ok((id, credential))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Credentials, Failure> {
        let file = std::env::temp_dir().join(format!(
            "tollgate-credentials-{}-{:?}",
            std::process::id(),
            std::thread::current().id()
        ));
        std::fs::write(&file, text).unwrap();
        let read = credentials(&file, "111122223333");
        std::fs::remove_file(&file).unwrap();
        read
    }

    #[test]
    fn profiles_are_users_of_the_account() {
        let store = read(
            "[alice]\naws_access_key_id = AKIAALICE\naws_secret_access_key = s1\n\n\
             [bob]\naws_access_key_id=AKIABOB\naws_secret_access_key=s2\naws_session_token=t\n\
             user_arn=arn:aws:sts::111122223333:assumed-role/r/bob\n",
        )
        .unwrap();
        let arn = |id| store.find(id).unwrap().map(|c| c.identity.user_arn.clone());
        assert_eq!(
            arn("AKIAALICE").as_deref(),
            Some("arn:aws:iam::111122223333:user/alice")
        );
        assert_eq!(
            arn("AKIABOB").as_deref(),
            Some("arn:aws:sts::111122223333:assumed-role/r/bob")
        );
        assert_eq!(arn("AKIANOBODY"), None);
    }

    #[test]
    fn sessions_have_a_role_and_an_account_of_their_own() {
        let store = read(
            "[s]\naws_access_key_id = A\naws_secret_access_key = s\n\
             user_arn=arn:aws:sts::999999999999:assumed-role/r/s\n",
        )
        .unwrap();
        let found = store.find("A").unwrap().unwrap();
        let identity = &found.identity;
        assert_eq!(identity.account_id, "999999999999");
        assert_eq!(
            identity.principal_arn.as_deref(),
            Some("arn:aws:iam::999999999999:role/r")
        );
        assert_eq!(identity.principal_type, PrincipalType::AssumedRole);
        assert_eq!(found.policies, [CallerPolicy::identity(ANYTHING)]);
    }

    #[test]
    fn what_iam_would_not_take_is_refused_with_its_line() {
        let none = taken("p.json", b"{\n \"Version\": \"2008-10-17\"\n}").unwrap_err();
        assert!(none.contains("`p.json` is no policy: line 2"), "{none}");
        assert_eq!(taken("p.json", ANYTHING.as_bytes()), Ok(()));
    }

    #[test]
    fn a_mistake_is_told_without_the_secret() {
        for text in [
            "aws_access_key_id = A\n",
            "[a]\naws_secret_access_key = hunter2\n",
            "[a]\naws_access_key_id = A\nhunter2\n",
        ] {
            let failure = read(text).err().unwrap();
            assert!(!format!("{failure:?}").contains("hunter2"), "{text}");
        }
    }
}
