//! Resource policy: who is let through.

use super::Next;
use crate::bundle::records as r;
use crate::machine::{Halt, Machine, Target};
use crate::policy::Verdict;
use crate::response_type::ResponseType;
use crate::session::Phase;

const IAM: u8 = 1;
const LAMBDA: u8 = 2;

impl Machine<'_, '_> {
    pub(crate) fn admit(&mut self, route: &r::Route) -> Result<Next, Halt> {
        self.resource_policy(route)?;
        match route.auth {
            0 => match self.core.resource {
                // What no statement allows is denied, unless there is no policy at all.
                Some(Verdict::None) => {
                    self.enter(Phase::Policy);
                    Err(self.denied(false)?)
                }
                _ => self.authorized(),
            },
            LAMBDA => self.authorize_by_function(route),
            IAM => {
                self.enter(Phase::Authorize);
                Err(Halt::new(ResponseType::MissingAuthenticationToken))
            }
            _ => {
                self.enter(Phase::Authorize);
                Err(Halt::new(ResponseType::Unauthorized))
            }
        }
    }

    /// The resource policy by itself. A denial ends the request before any authorizer is asked; a private API
    /// without a policy refuses everybody.
    fn resource_policy(&mut self, route: &r::Route) -> Result<(), Halt> {
        let api = self.api().ok_or(Halt::INTERNAL)?;
        let (private, has_policy) = (api.flags & 1 != 0, api.flags & 8 != 0);
        if !has_policy && !private {
            return Ok(());
        }
        self.enter(Phase::Policy);
        if !has_policy {
            return Err(self.denied(false)?);
        }
        // A condition that cannot be evaluated never lets through.
        let verdict = match self.run(self.image, route.policy, Target::Request) {
            Ok(ended) => ended.verdict,
            Err(_) => return Err(self.denied(true)?),
        };
        self.core.resource = Some(verdict);
        match verdict {
            Verdict::Deny(statement) => {
                self.core.statement = Some(statement);
                Err(self.denied(true)?)
            }
            Verdict::Allow(statement) => {
                self.core.statement = Some(statement);
                Ok(())
            }
            Verdict::None => Ok(()),
        }
    }

    /// `User: anonymous is not authorized …`, with the account masked to its last four digits.
    fn denied(&mut self, explicit: bool) -> Result<Halt, Halt> {
        let start = self.scratch.text_len();
        self.scratch.append(
            b"User: anonymous is not authorized to perform: execute-api:Invoke on resource: ",
        )?;
        self.append_arn(true)?;
        if explicit {
            self.scratch.append(b" with an explicit deny")?;
        }
        let message = self.scratch.since(start);
        Ok(Halt::new(ResponseType::AccessDenied).message(message))
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
        Ok(self.scratch.append(self.routed())?)
    }
}
