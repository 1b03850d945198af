//! What an API says as a whole and probably did not mean, where that shows in its text only.

use tollgate_model::api::{Api, Endpoint, Method, RouteKey};
use tollgate_model::authorizer::Auth;

use super::cx::Cx;
use super::route::CheckedRoute;
use crate::diagnostic::Finding;
use crate::diagnostic::codes::{OpenRoute, PrivateWithoutPolicy};

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

    /// Routes that say nothing of authorization beside routes that ask for it. A foreign
    /// document cannot say "none" in so many words.
    pub(crate) fn open_routes(&mut self, routes: &[CheckedRoute]) {
        if self.is_foreign() || routes.iter().all(|route| route.route.auth == Auth::None) {
            return;
        }
        for checked in routes {
            // A preflight has no credentials.
            let preflight = matches!(
                checked.route.key,
                RouteKey::Http {
                    method: Method::Options,
                    ..
                }
            );
            if checked.route.auth == Auth::None && !checked.says_auth && !preflight {
                self.report(
                    OpenRoute {
                        route: checked.route.key.display(),
                    }
                    .at(checked.path_span),
                );
            }
        }
    }
}
