//! The caller whose signature was verified: what its record says, and whom policies mean by it.

use super::{Halt, Machine};
use crate::bundle::records as r;
use crate::bundle::wire::{Blob, Label, Range};
use crate::bundle::{Image, Section};
use crate::policy::{self, Findings, Kind, PROGRAMS, Program, Verdict};
use crate::value::Text;

/// What a route's `auth` says.
const IAM: u8 = 1;
const COGNITO: u8 = 3;
const JWT: u8 = 4;

/// Whether a name means the caller only by the role of its session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ByRole(pub(crate) bool);

/// Whether an ARN is a role's.
fn is_role(arn: &[u8]) -> bool {
    arn.splitn(6, |b| *b == b':')
        .nth(5)
        .is_some_and(|name| name.starts_with(b"role/"))
}

impl<'v> Machine<'_, 'v> {
    /// Whether callers of this route sign.
    pub(crate) fn signs(&self) -> bool {
        self.core.asked || self.route().is_some_and(|route| route.auth == IAM)
    }

    /// Whether callers of this route hold tokens.
    pub(crate) fn holds_tokens(&self) -> bool {
        self.route()
            .is_some_and(|route| matches!(route.auth, COGNITO | JWT))
    }

    /// What is known of a caller who signs, by the name of a condition key or of a member of
    /// `$context.identity`, whatever its letter case. Nobody else has any of it.
    pub(crate) fn principal(&self, name: &[u8]) -> Option<Text> {
        self.principal_values(name).next()
    }

    /// The same, all values of it.
    pub(super) fn principal_values<'n>(
        &self,
        name: &'n [u8],
    ) -> impl Iterator<Item = Text> + use<'n, 'v> {
        let all = Range {
            off: 0,
            len: u32::MAX,
        };
        let identity = self.identity().filter(|_| self.signs());
        identity.into_iter().flat_map(move |identity| {
            identity
                .records::<r::Variable>(Section::Variables, all)
                .filter(move |m| identity.bytes(m.name).eq_ignore_ascii_case(name))
                .map(move |m| identity.text(m.value))
        })
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

    /// Whether one of the texts means the caller, and if, whether only by the role of its session.
    pub(crate) fn is_principal(&self, image: Image<'v>, set: Blob) -> Option<ByRole> {
        let is = |name: Option<&[u8]>| name.is_some_and(|name| policy::in_texts(&image, set, name));
        let [account, own, role] = self.names();
        let of_role = own.is_some_and(is_role) || own != role && role.is_some_and(is_role);
        if is(account) || is(self.principal_bytes(b"principal")) {
            return Some(ByRole(false));
        }
        if is(own) {
            return Some(ByRole(own.is_some_and(is_role)));
        }
        let id = self
            .principal_bytes(b"caller")
            .and_then(|id| id.split(|b| *b == b':').next());
        (is(role) || is(id)).then_some(ByRole(of_role))
    }

    /// Whether the texts leave out a name of the caller. One without a name is left out, and so is whoever has a
    /// permissions boundary.
    pub(crate) fn is_beyond(&self, image: Image<'v>, set: Blob) -> bool {
        if self
            .programs()
            .any(|program| program.kind == Kind::Boundary)
        {
            return true;
        }
        let mut names = self.names().into_iter().flatten().peekable();
        names.peek().is_none() || names.any(|name| !policy::in_texts(&image, set, name))
    }

    /// The programs of the caller's record, by sets of policies.
    fn programs(&self) -> impl Iterator<Item = Program> + use<'v> {
        let table = self.identity().and_then(|identity| {
            let item: r::Item = identity.record(Section::Lists, PROGRAMS)?;
            Some(identity.bytes(item.text))
        });
        table
            .unwrap_or_default()
            .chunks_exact(Program::SIZE)
            .filter_map(Program::read)
    }

    /// What the policies of the caller's record say of the call, or of passing the cache by; and of a resource's
    /// policy among them, how it allows.
    pub(crate) fn findings(&mut self, fresh: bool) -> Result<(Findings, Option<Verdict>), Halt> {
        let identity = self.identity().ok_or(Halt::INTERNAL)?;
        let mut findings = Findings::default();
        let mut resource = None;
        for program in self.programs() {
            let at = if fresh { program.fresh } else { program.call };
            let said = self.verdict(identity, Label(at));
            let (verdict, failed) = said.unwrap_or((Verdict::Deny(0), true));
            if program.kind == Kind::Resource {
                resource = Some(verdict);
            }
            findings.note(program.kind, verdict.finding(failed));
        }
        Ok((findings, resource))
    }
}
