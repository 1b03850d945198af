//! The condition keys that the gateway knows.

/// What a key holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum KeyType {
    Text,
    Number,
    Moment,
    Bool,
    Address,
    Arn,
}

impl KeyType {
    /// As a sentence has it: `aws:SourceIp` is …
    pub(super) fn what(self) -> &'static str {
        match self {
            KeyType::Text => "a text",
            KeyType::Number => "a number",
            KeyType::Moment => "a moment",
            KeyType::Bool => "true or false",
            KeyType::Address => "an address",
            KeyType::Arn => "an ARN",
        }
    }
}

/// A condition key.
pub(super) struct Key {
    /// Its name; one that ends in `/` is followed by another.
    pub(super) name: &'static str,
    pub(super) ty: KeyType,
    /// Whether a request may have several values of it.
    pub(super) many: bool,
    /// Whether every request has it.
    pub(super) always: bool,
}

const fn key(name: &'static str, ty: KeyType) -> Key {
    Key {
        name,
        ty,
        many: false,
        always: false,
    }
}

const fn many(name: &'static str) -> Key {
    Key {
        many: true,
        ..key(name, KeyType::Text)
    }
}

const fn always(name: &'static str, ty: KeyType) -> Key {
    Key {
        always: true,
        ..key(name, ty)
    }
}

/// All of them.
pub(super) const KEYS: [Key; 30] = [
    always("aws:CurrentTime", KeyType::Moment),
    always("aws:EpochTime", KeyType::Moment),
    always("aws:SecureTransport", KeyType::Bool),
    key("aws:SourceArn", KeyType::Arn),
    key("aws:SourceIp", KeyType::Address),
    key("aws:VpcSourceIp", KeyType::Address),
    key("aws:SourceVpc", KeyType::Text),
    key("aws:SourceVpce", KeyType::Text),
    key("aws:Referer", KeyType::Text),
    key("aws:UserAgent", KeyType::Text),
    key("aws:TokenIssueTime", KeyType::Moment),
    key("aws:MultiFactorAuthPresent", KeyType::Bool),
    key("aws:MultiFactorAuthAge", KeyType::Number),
    key("aws:PrincipalAccount", KeyType::Text),
    key("aws:PrincipalArn", KeyType::Arn),
    key("aws:PrincipalType", KeyType::Text),
    key("aws:PrincipalOrgID", KeyType::Text),
    many("aws:PrincipalOrgPaths"),
    key("aws:PrincipalTag/", KeyType::Text),
    key("aws:userid", KeyType::Text),
    key("aws:username", KeyType::Text),
    key("aws:RequestedRegion", KeyType::Text),
    key("aws:ViaAWSService", KeyType::Bool),
    key("aws:PrincipalIsAWSService", KeyType::Bool),
    key("aws:ResourceAccount", KeyType::Text),
    key("aws:SourceAccount", KeyType::Text),
    many("aws:CalledVia"),
    key("aws:PrincipalServiceName", KeyType::Text),
    many("aws:PrincipalServiceNamesList"),
    key("aws:SourceOrgID", KeyType::Text),
];

/// The key that a policy names, in any letter case.
pub(super) fn known(written: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| match key.name.strip_suffix('/') {
        Some(prefix) => written
            .get(..=prefix.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(key.name)),
        None => written.eq_ignore_ascii_case(key.name),
    })
}
