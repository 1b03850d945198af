//! Resource policy and request parameters: who and what is let through.

use super::Next;
use crate::bundle::records as r;
use crate::machine::{Halt, Machine, Target, Waiting};
use crate::policy::Verdict;
use crate::response_type::ResponseType;
use crate::session::{BodyPlan, Phase};
use crate::value::Text;

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

    /// Limits are spent: on to the parameters.
    pub(crate) fn spent(&mut self) -> Result<Next, Halt> {
        let route = self.route().ok_or(Halt::INTERNAL)?;
        self.parameters(&route)?;
        self.need_body()
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

    /// Required parameters: names of headers, then of the path, then of the query, each sorted.
    fn parameters(&mut self, route: &r::Route) -> Result<(), Halt> {
        if !route.validate.is_some() {
            return Ok(());
        }
        self.enter(Phase::Validate);
        self.core.missing = None;
        self.run(self.image, route.validate, Target::Request)?;
        let Some(names) = self.core.missing else {
            return Ok(());
        };
        let start = self.scratch.text_len();
        self.scratch
            .append(b"Missing required request parameters: [")?;
        self.scratch.append_within(names.off, names.len)?;
        self.scratch.append(b"]")?;
        let message: Text = self.scratch.since(start);
        Err(Halt {
            detail: Some(names),
            ..Halt::new(ResponseType::BadRequestParameters).message(message)
        })
    }

    /// Reads the body first where something needs it whole.
    fn need_body(&mut self) -> Result<Next, Halt> {
        match self.core.body_plan {
            BodyPlan::Buffer(max) if self.world.body.is_none() => {
                self.core.waiting = Waiting::Body;
                Ok(Next::ReadBody(max))
            }
            _ => self.body_read(),
        }
    }

    /// The body is there, or nothing needs it.
    pub(crate) fn body_read(&mut self) -> Result<Next, Halt> {
        if let (BodyPlan::Buffer(max), Some(body)) = (self.core.body_plan, self.world.body)
            && body.len() > max as usize
        {
            return Err(Halt::new(ResponseType::RequestTooLarge));
        }
        self.integration_request()
    }
}
