//! Resource policy and the policies of callers: who is let through.

use super::Next;
use crate::behaviour::Switch;
use crate::machine::{Halt, Machine, Waiting};
use crate::policy::{Grant, Kind, Party, Refusal, Verdict, grant, judge};
use crate::session::Phase;
use crate::value::Text;

const NONE: u8 = 0;
pub(super) const IAM: u8 = 1;
const LAMBDA: u8 = 2;
const COGNITO: u8 = 3;

/// Bytes that an ARN may have before it is compared with policies.
const MAX_ARN: usize = 1_600;

impl Machine<'_, '_> {
    pub(crate) fn admit(&mut self) -> Result<Next, Halt> {
        self.admissible()?;
        let auth = self.route().ok_or(Halt::INTERNAL)?.auth;
        if auth != NONE && !self.core.stage_charged && self.throttles_first() {
            self.core.stage_charged = true;
            if self.charge_stage()? {
                self.enter(Phase::Limits);
                self.core.waiting = Waiting::SpendFirst;
                return Ok(Next::Spend);
            }
        }
        match auth {
            NONE => {
                self.screen()?;
                self.authorized()
            }
            LAMBDA => {
                // A denial ends the request before the function is asked.
                self.core.resource = self.resource_policy()?;
                self.authorize_by_function()
            }
            IAM => self.authorize_by_signature(),
            _ => self.authorize_by_token(),
        }
    }

    /// What the resource policy refuses without knowing the caller.
    pub(crate) fn screen(&mut self) -> Result<(), Halt> {
        match self.resource_policy()? {
            // What no statement allows is denied, unless there is no policy at all.
            Some(Verdict::None) if self.route().is_none_or(|route| route.auth == NONE) => {
                Err(Halt::denied(false))
            }
            _ => Ok(()),
        }
    }

    /// A private API without a policy refuses everybody; an ARN that is too long cannot be judged.
    pub(crate) fn admissible(&mut self) -> Result<(), Halt> {
        let (Some(api), Some(route)) = (self.api(), self.route()) else {
            return Err(Halt::INTERNAL);
        };
        let (private, has_policy) = (api.flags & 1 != 0, self.core.has_policy);
        if private && !has_policy {
            self.enter(Phase::Policy);
            return Err(Halt::denied(false));
        }
        if (has_policy || route.auth != NONE) && self.arn_length() > MAX_ARN {
            self.enter(Phase::Policy);
            return Err(self.too_long());
        }
        Ok(())
    }

    /// The stage's and the account's limits are spent: on to who calls.
    pub(crate) fn spent_first(&mut self) -> Result<Next, Halt> {
        self.admit()
    }

    /// What the resource policy says, if there is one; a denial is the answer.
    fn resource_policy(&mut self) -> Result<Option<Verdict>, Halt> {
        if !self.core.has_policy {
            return Ok(None);
        }
        self.enter(Phase::Policy);
        // A condition that cannot be evaluated never lets through.
        let Some((verdict, failed)) = self.verdict(self.image, self.core.policy) else {
            return Err(Halt::denied(true));
        };
        match verdict {
            Verdict::Deny(statement) => {
                self.core.statement = Some(statement);
                self.core.refusal = Some(Refusal {
                    kind: Kind::Resource,
                    finding: verdict.finding(failed),
                });
                return Err(Halt::denied(true));
            }
            Verdict::Allow(statement) | Verdict::Role(statement) | Verdict::Delegate(statement) => {
                self.core.statement = Some(statement);
            }
            Verdict::None => {}
        }
        Ok(Some(verdict))
    }

    /// The token is good: the resource policy alone must let through, where there is one.
    pub(crate) fn admit_holder(&mut self) -> Result<Next, Halt> {
        let route = self.route().ok_or(Halt::INTERNAL)?;
        let silent_allows = route.auth == COGNITO && self.switch(Switch::PolicyCognitoSilent) == 1;
        match self.resource_policy()? {
            Some(Verdict::None) if !silent_allows => Err(Halt::denied(false)),
            _ => self.authorized(),
        }
    }

    /// The signature is good: resource policy and the policies that bound and allow the caller, together. In the
    /// API's own account either is enough, unless the resource policy only hands the decision to the account;
    /// from another account both must allow.
    pub(crate) fn admit_signer(&mut self) -> Result<Next, Halt> {
        let resource = self.resource_policy()?;
        self.enter(Phase::Authorize);
        let (mut findings, _) = self.findings(false)?;
        if let Some(verdict) = resource {
            findings.note(Kind::Resource, verdict.finding(false));
        }
        let same = self.is_of_own_account();
        let grant = match same {
            true => self.own_grant(resource),
            false => grant(resource),
        };
        match judge(&findings, grant, self.party(), same) {
            Ok(()) => self.authorized(),
            Err(refusal) => {
                self.core.refusal = Some(refusal);
                Err(Halt::denied(refusal.is_explicit()))
            }
        }
    }

    /// Whether the caller is of the account that owns the API.
    pub(super) fn is_of_own_account(&self) -> bool {
        let Some(api) = self.api() else { return false };
        let account = self.image.bytes(api.account);
        self.principal(b"accountId")
            .is_some_and(|id| self.lent(id) == account)
    }

    /// How the resource policy allows callers of the API's own account.
    pub(super) fn own_grant(&self, resource: Option<Verdict>) -> Grant {
        match grant(resource) {
            Grant::Account if self.switch(Switch::PolicyAccountPrincipal) == 1 => Grant::Role,
            grant => grant,
        }
    }

    /// Who signed, as far as policies go.
    pub(crate) fn party(&self) -> Party {
        let root = self
            .principal(b"userArn")
            .is_some_and(|arn| self.lent(arn).ends_with(b":root"));
        match root {
            true => Party::Root,
            false => Party::Other,
        }
    }

    /// `User: anonymous is not authorized …`, with the account masked to its last four digits.
    pub(super) fn denial(&mut self, explicit: bool) -> Result<Text, Halt> {
        let caller = self.principal(b"userArn");
        let start = self.scratch.text_len();
        self.scratch.append(b"User: ")?;
        match caller {
            Some(arn) => self.append(arn)?,
            None => self.scratch.append(b"anonymous")?,
        }
        self.scratch
            .append(b" is not authorized to perform: execute-api:Invoke on resource: ")?;
        self.append_arn(true)?;
        if explicit {
            self.scratch.append(b" with an explicit deny")?;
        }
        Ok(self.scratch.since(start))
    }

    /// Bytes of the method's ARN.
    fn arn_length(&self) -> usize {
        let (Some(api), Some(stage)) = (self.api(), self.stage()) else {
            return 0;
        };
        let parts = [
            api.partition.len,
            api.region.len,
            api.account.len,
            api.id.len,
            stage.name.len,
            self.core.method.len,
        ];
        let fixed = "arn::execute-api:::///".len();
        parts.iter().map(|len| *len as usize).sum::<usize>()
            + fixed
            + self.core.resource_path.len as usize
    }

    /// Appends the method's ARN: of the concrete request, not of the template.
    pub(crate) fn append_arn(&mut self, masked: bool) -> Result<(), Halt> {
        let api = self.api().ok_or(Halt::INTERNAL)?;
        let stage = self.stage().ok_or(Halt::INTERNAL)?;
        let account = self.image.bytes(api.account);
        self.scratch.append(b"arn:")?;
        self.scratch.append(self.image.bytes(api.partition))?;
        self.scratch.append(b":execute-api:")?;
        self.scratch.append(self.image.bytes(api.region))?;
        self.scratch.append(b":")?;
        if masked {
            self.scratch.append(b"********")?;
            self.scratch.append(
                account
                    .get(account.len().saturating_sub(4)..)
                    .unwrap_or(&[]),
            )?;
        } else {
            self.scratch.append(account)?;
        }
        self.scratch.append(b":")?;
        self.scratch.append(self.image.bytes(api.id))?;
        self.scratch.append(b"/")?;
        self.scratch.append(self.edge.bytes(stage.name))?;
        self.scratch.append(b"/")?;
        self.scratch.append(self.lent(self.core.method))?;
        self.scratch.append(b"/")?;
        self.append(self.core.resource_path)
    }
}
