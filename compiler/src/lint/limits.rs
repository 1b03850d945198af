//! Limits above limits, keys that open nothing, canaries that change nothing.

use tollgate_grammar::Span;
use tollgate_model::traffic::Throttle;

use super::Lints;
use crate::diagnostic::Finding;
use crate::diagnostic::codes::{
    AboveAccount, CanaryWithoutChange, KeyOpensNothing, NoPlanForStage,
};

impl Lints<'_> {
    pub(super) fn limits(&mut self) {
        self.throttles();
        self.plans();
        for stage in &self.program.stages {
            if let Some(canary) = &stage.canary
                && canary.variables.is_empty()
                && canary.deployment.is_none()
            {
                let span = self.head(canary.node);
                self.report(CanaryWithoutChange {}.at(span));
            }
        }
    }

    fn throttles(&mut self) {
        let Some(account) = self.program.account.throttle else {
            return;
        };
        let mut above: Vec<Span> = Vec::new();
        let over = |throttle: Option<Throttle>| {
            throttle.is_some_and(|throttle| {
                throttle.rate_milli > account.rate_milli || throttle.burst > account.burst
            })
        };
        for stage in &self.program.stages {
            let own = stage.methods.iter().any(|(_, settings)| {
                settings.throttle != stage.settings.throttle && over(settings.throttle)
            });
            if over(stage.settings.throttle) || own {
                above.push(self.head(stage.node));
            }
        }
        for plan in &self.program.plans {
            let own = plan
                .stages
                .iter()
                .flat_map(|stage| &stage.methods)
                .any(|(_, throttle)| over(Some(*throttle)));
            if over(plan.throttle) || own {
                above.push(self.head(plan.node));
            }
        }
        for span in above {
            self.report(AboveAccount {}.at(span));
        }
    }

    fn plans(&mut self) {
        for stage in &self.program.stages {
            let Some(api) = self.program.api(&stage.api) else {
                continue;
            };
            let needs = api.routes.iter().any(|route| route.api_key);
            let opened = self.program.plans.iter().any(|plan| {
                plan.stages
                    .iter()
                    .any(|open| open.api == stage.api && open.stage == stage.name)
            });
            if needs && !opened {
                let span = self.head(stage.node);
                self.report(
                    NoPlanForStage {
                        stage: format!("{}.{}", stage.api, stage.name),
                    }
                    .at(span),
                );
            }
        }
        for key in &self.program.keys {
            let opens = key.plans.iter().any(|name| {
                self.program
                    .plans
                    .iter()
                    .any(|plan| plan.name == *name && !plan.stages.is_empty())
            });
            if !opens {
                let span = self.head(key.node);
                self.report(
                    KeyOpensNothing {
                        key: key.name.clone(),
                    }
                    .at(span),
                );
            }
        }
    }
}
