//! What an API says as a whole and probably did not mean.

use tollgate_model::api::{Api, Endpoint};

use super::cx::Cx;
use crate::diagnostic::Finding;
use crate::diagnostic::codes::PrivateWithoutPolicy;

impl Cx<'_> {
    pub(crate) fn api_lints(&mut self, api: &Api) {
        if matches!(api.endpoint, Endpoint::Private(_)) && api.policy.is_none() {
            let span = self.until_block(self.tree_span(api.node));
            self.report(
                PrivateWithoutPolicy {
                    api: api.name.clone(),
                }
                .at(span),
            );
        }
    }
}
