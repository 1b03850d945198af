//! The caller whose signature was verified: what its record says, and whom policies mean by it.

use super::Machine;
use crate::bundle::records as r;
use crate::bundle::wire::{Blob, Range};
use crate::bundle::{Image, Section};
use crate::policy;
use crate::value::Text;

/// What a route's `auth` says.
const IAM: u8 = 1;
const COGNITO: u8 = 3;
const JWT: u8 = 4;

impl<'v> Machine<'_, 'v> {
    /// Whether callers of this route sign.
    pub(crate) fn signs(&self) -> bool {
        self.route().is_some_and(|route| route.auth == IAM)
    }

    /// Whether callers of this route hold tokens.
    pub(crate) fn holds_tokens(&self) -> bool {
        self.route()
            .is_some_and(|route| matches!(route.auth, COGNITO | JWT))
    }

    /// What is known of a caller who signs, by the name of a condition key or of a member of
    /// `$context.identity`, whatever its letter case. Nobody else has any of it.
    pub(crate) fn principal(&self, name: &[u8]) -> Option<Text> {
        if !self.signs() {
            return None;
        }
        let identity = self.identity()?;
        let all = Range {
            off: 0,
            len: u32::MAX,
        };
        identity
            .records::<r::Variable>(Section::Variables, all)
            .find(|m| identity.bytes(m.name).eq_ignore_ascii_case(name))
            .map(|m| identity.text(m.value))
    }

    fn principal_bytes(&self, name: &[u8]) -> Option<&'v [u8]> {
        self.principal(name).map(|text| self.lent(text))
    }

    /// Account, user or session, and role of the caller: what an ARN of a policy can mean by it.
    fn names(&self) -> [Option<&'v [u8]>; 3] {
        [
            self.principal_bytes(b"accountId"),
            self.principal_bytes(b"userArn"),
            self.principal_bytes(b"aws:PrincipalArn"),
        ]
    }

    /// Whether one of the texts means the caller.
    pub(crate) fn is_principal(&self, image: Image<'v>, set: Blob) -> bool {
        let id = self
            .principal_bytes(b"caller")
            .and_then(|id| id.split(|b| *b == b':').next());
        self.names()
            .into_iter()
            .chain([id])
            .flatten()
            .any(|name| policy::in_texts(image, set, name, false))
    }

    /// Whether the texts leave out a name of the caller. One without a name is left out.
    pub(crate) fn is_beyond(&self, image: Image<'v>, set: Blob) -> bool {
        let mut names = self.names().into_iter().flatten().peekable();
        names.peek().is_none() || names.any(|name| !policy::in_texts(image, set, name, false))
    }
}
