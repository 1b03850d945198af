//! How policies of several kinds decide together.
//!
//! An explicit denial of any of them decides. Then every kind that bounds what others allow must allow itself, and
//! what is left is whether the resource's policy, the caller's own, or in another account both, allow.

/// What a policy is to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Kind {
    /// Of the caller: what is attached to user, group or role.
    Identity,
    /// The permissions boundary of the caller.
    Boundary,
    /// Given when the caller's session began.
    Session,
    /// Service control policies of the caller's organisation: each level must allow.
    ServiceControl,
    /// Resource control policies of the organisation that owns the resource. Besides what they say, each level
    /// allows everything.
    ResourceControl,
    /// Of the VPC endpoint that the request came through.
    Endpoint,
    /// Of the resource.
    Resource,
}

/// How many kinds there are.
const KINDS: usize = 7;

impl Kind {
    /// Every kind, in the order in which they are asked and named.
    pub const ALL: [Kind; KINDS] = [
        Kind::ResourceControl,
        Kind::ServiceControl,
        Kind::Endpoint,
        Kind::Resource,
        Kind::Identity,
        Kind::Boundary,
        Kind::Session,
    ];

    pub(crate) fn numbered(number: u8) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| *kind as u8 == number)
    }
}

/// A policy of one kind, IAM JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy<'v> {
    /// What it is to the request.
    pub kind: Kind,
    /// The level of the organisation, from its root on, of control policies; else 0. Policies of one kind and
    /// level are one set: any of them can allow.
    pub level: u8,
    /// The document.
    pub document: &'v [u8],
}

impl<'v> Policy<'v> {
    /// A policy of the caller's own.
    #[must_use]
    pub const fn identity(document: &'v [u8]) -> Policy<'v> {
        Policy {
            kind: Kind::Identity,
            level: 0,
            document,
        }
    }
}

/// What the policies of one kind say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Finding {
    /// There are none.
    #[default]
    Absent,
    /// They allow; of control policies, each level does.
    Allows,
    /// Nothing allows, and nothing denies.
    Silent,
    /// A denial could not be evaluated, which counts as one.
    Fails,
    /// They deny.
    Denies,
}

/// What the policies of every kind say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Findings([Finding; KINDS]);

impl Findings {
    /// What the policies of a kind say.
    #[must_use]
    pub fn of(&self, kind: Kind) -> Finding {
        self.0.get(kind as usize).copied().unwrap_or_default()
    }

    /// Adds what one set says: the levels of a kind all count.
    pub(crate) fn note(&mut self, kind: Kind, finding: Finding) {
        // What resource control policies leave unsaid is allowed.
        let finding = match (kind, finding) {
            (Kind::ResourceControl, Finding::Silent) => Finding::Allows,
            (_, finding) => finding,
        };
        if let Some(so_far) = self.0.get_mut(kind as usize) {
            *so_far = finding.max(*so_far);
        }
    }
}

/// How far the allowance of a resource's policy reaches within one account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Grant {
    /// It allows nothing.
    #[default]
    None,
    /// It leaves the decision to the caller's account.
    Account,
    /// It names the role of the caller's session: boundary and session policies still bound it.
    Role,
    /// It names the caller, or everybody.
    Caller,
}

/// Who calls, as far as it decides which policies count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Party {
    /// Nobody: no organisation and no account bounds it.
    Anonymous,
    /// The root of its account, who needs no policy of its own there.
    Root,
    /// Anybody else.
    Other,
}

/// Which policies keep a request out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Their kind.
    pub kind: Kind,
    /// What they say: [`Finding::Denies`], [`Finding::Fails`], or nothing that allows.
    pub finding: Finding,
}

impl Refusal {
    /// Whether something denies, rather than that nothing allows.
    #[must_use]
    pub fn is_explicit(self) -> bool {
        matches!(self.finding, Finding::Denies | Finding::Fails)
    }
}

/// What the policies decide together; `same`: caller and resource are of one account.
pub(crate) fn judge(
    findings: &Findings,
    grant: Grant,
    party: Party,
    same: bool,
) -> Result<(), Refusal> {
    let refusal = |kind| Refusal {
        kind,
        finding: findings.of(kind),
    };
    let counts = |kind: &Kind| {
        party != Party::Anonymous
            || matches!(
                kind,
                Kind::Resource | Kind::ResourceControl | Kind::Endpoint
            )
    };
    for wanted in [Finding::Denies, Finding::Fails] {
        let found = Kind::ALL
            .into_iter()
            .filter(counts)
            .find(|kind| findings.of(*kind) == wanted);
        if let Some(kind) = found {
            return Err(refusal(kind));
        }
    }
    let bounded = |kinds: &[Kind]| {
        let silent = kinds
            .iter()
            .filter(|kind| counts(kind))
            .find(|kind| findings.of(**kind) == Finding::Silent);
        silent.map_or(Ok(()), |kind| Err(refusal(*kind)))
    };
    bounded(&[Kind::ServiceControl, Kind::Endpoint])?;
    let own = party == Party::Root || findings.of(Kind::Identity) == Finding::Allows;
    match (party, same, grant) {
        (Party::Anonymous, _, Grant::Caller)
        | (Party::Root | Party::Other, true, Grant::Caller) => {
            return Ok(());
        }
        (Party::Anonymous, ..) | (_, false, Grant::None) => return Err(refusal(Kind::Resource)),
        (_, true, Grant::Role) => {}
        (_, true, _) | (_, false, _) if own => {}
        _ => return Err(refusal(Kind::Identity)),
    }
    bounded(&[Kind::Boundary, Kind::Session])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(of: &[(Kind, Finding)]) -> Findings {
        let mut findings = Findings::default();
        for (kind, finding) in of {
            findings.note(*kind, *finding);
        }
        findings
    }

    #[test]
    fn policies_decide_together_as_the_guide_says() {
        use Finding::{Allows, Denies, Fails, Silent};
        use Kind::{Boundary, Identity, Resource, ResourceControl, ServiceControl, Session};
        use Party::{Anonymous, Other, Root};
        type Row<'t> = (
            &'t [(Kind, Finding)],
            Grant,
            Party,
            bool,
            Result<(), (Kind, Finding)>,
        );
        let rows: &[Row<'_>] = &[
            (&[(Identity, Allows)], Grant::None, Other, true, Ok(())),
            (
                &[(Identity, Allows)],
                Grant::None,
                Other,
                false,
                Err((Resource, Finding::Absent)),
            ),
            (&[(Identity, Allows)], Grant::Account, Other, false, Ok(())),
            (
                &[(Identity, Silent)],
                Grant::Caller,
                Other,
                false,
                Err((Identity, Silent)),
            ),
            (&[(Identity, Silent)], Grant::Caller, Other, true, Ok(())),
            (
                &[(Identity, Silent)],
                Grant::Account,
                Other,
                true,
                Err((Identity, Silent)),
            ),
            (&[], Grant::None, Root, true, Ok(())),
            (
                &[(ServiceControl, Silent)],
                Grant::Caller,
                Root,
                true,
                Err((ServiceControl, Silent)),
            ),
            (
                &[
                    (ServiceControl, Allows),
                    (ServiceControl, Silent),
                    (Identity, Allows),
                ],
                Grant::None,
                Other,
                true,
                Err((ServiceControl, Silent)),
            ),
            (
                &[(ResourceControl, Silent), (Identity, Allows)],
                Grant::None,
                Other,
                true,
                Ok(()),
            ),
            (&[(Boundary, Silent)], Grant::Caller, Other, true, Ok(())),
            (
                &[(Boundary, Silent)],
                Grant::Role,
                Other,
                true,
                Err((Boundary, Silent)),
            ),
            (
                &[(Session, Silent), (Boundary, Allows)],
                Grant::Role,
                Other,
                true,
                Err((Session, Silent)),
            ),
            (&[(Boundary, Allows)], Grant::Role, Other, true, Ok(())),
            (
                &[(Boundary, Silent), (Identity, Allows)],
                Grant::Caller,
                Other,
                false,
                Err((Boundary, Silent)),
            ),
            (
                &[(Session, Denies), (Boundary, Fails)],
                Grant::Caller,
                Other,
                true,
                Err((Session, Denies)),
            ),
            (
                &[(Boundary, Fails)],
                Grant::Caller,
                Other,
                true,
                Err((Boundary, Fails)),
            ),
            (
                &[(ServiceControl, Denies)],
                Grant::Caller,
                Anonymous,
                false,
                Ok(()),
            ),
            (
                &[],
                Grant::Account,
                Anonymous,
                true,
                Err((Resource, Finding::Absent)),
            ),
        ];
        for (found, grant, party, same, want) in rows {
            let got = judge(&findings(found), *grant, *party, *same);
            let want = want.map_err(|(kind, finding)| Refusal { kind, finding });
            assert_eq!(got, want, "{found:?} {grant:?} {party:?} {same}");
        }
    }
}
