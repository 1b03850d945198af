//! IR → IR: what is known before any request is decided here.
//!
//! | pass | |
//! |---|---|
//! | [`fold`] | connectives over known values; proved by an exhaustive three-valued test |
//! | [`caller`] | what callers of a route never have |
//! | [`policy`] | statements partially evaluated against each route, residuals shared as policy classes |

mod caller;
mod fold;
mod policy;

use crate::ir::Bundle;

/// Runs every pass, in place.
pub(crate) fn optimize(bundle: &mut Bundle) {
    for deployment in &mut bundle.deployments {
        policy::specialize(deployment);
    }
}
