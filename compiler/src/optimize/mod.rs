//! IR → IR: what is known before any request is decided here.
//!
//! | pass | |
//! |---|---|
//! | [`fold`] | connectives over known values; proved by an exhaustive three-valued test |
//! | [`caller`] | what callers of a route never have |
//! | [`policy`] | statements partially evaluated against each route, residuals shared as policy classes |
//! | [`index`] | what statements of long residuals are filed under |

mod caller;
mod fold;
mod index;
mod policy;

use crate::ir::Bundle;

/// How far policies are worked out for each route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Specialization {
    /// What is left of a policy for all routes may together be this many times as large as the policy; past it,
    /// routes share the whole policy.
    pub times: usize,
    /// What is left for a route gets an index if it has at least so many statements.
    pub index_from: usize,
}

impl Default for Specialization {
    fn default() -> Specialization {
        Specialization {
            times: 64,
            index_from: 16,
        }
    }
}

/// Runs every pass, in place.
pub(crate) fn optimize(bundle: &mut Bundle, how: Specialization) {
    for deployment in &mut bundle.deployments {
        policy::specialize(deployment, how);
    }
}
