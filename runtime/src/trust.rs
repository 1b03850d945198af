//! What a token is held to, for the host that verifies it.

use crate::bundle::records as r;
use crate::bundle::wire::{Range, Str};
use crate::bundle::{Image, Section};
use crate::json::{Bound, Heap};
use crate::scratch::Scratch;
use crate::text::pattern;
use crate::vtl::Limits;
use crate::world::World;

/// The kinds of authorizer that take tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenKind {
    /// Tokens of Cognito user pools.
    Cognito,
    /// Tokens of one OpenID provider.
    Jwt,
}

/// Whose tokens an authorizer takes, and for whom.
#[derive(Clone, Copy)]
pub struct Trust<'v> {
    pub(crate) world: &'v World<'v>,
    pub(crate) deployment: u16,
    pub(crate) stage: u16,
    pub(crate) canary: bool,
    pub(crate) route: Option<u32>,
    pub(crate) authorizer: u16,
}

impl<'v> Trust<'v> {
    fn image(self) -> Image<'v> {
        self.world.bundle.deployment(self.deployment)
    }

    fn record(self) -> Option<r::Authorizer> {
        self.image()
            .record(Section::Authorizers, u32::from(self.authorizer))
    }

    /// The kind of authorizer.
    #[must_use]
    pub fn kind(self) -> TokenKind {
        match self.record() {
            Some(a) if a.kind == 2 => TokenKind::Cognito,
            _ => TokenKind::Jwt,
        }
    }

    /// Of Cognito the ARNs of the user pools; of a JWT authorizer the issuer, then its audiences.
    pub fn names(self) -> impl Iterator<Item = &'v [u8]> {
        let range = self.record().map_or(Range::NONE, |a| a.trust);
        let edge = self.world.bundle.edge();
        let stage: Option<r::Stage> = edge.record(Section::Stages, u32::from(self.stage));
        let constants = match stage {
            Some(stage) if self.canary => stage.canary_constants,
            Some(stage) => stage.constants,
            None => Range::NONE,
        };
        self.image()
            .records::<u16>(Section::Numbers, range)
            .filter(move |slot| u32::from(*slot) < constants.len)
            .filter_map(move |slot| {
                let at = constants.off.checked_add(u32::from(slot))?;
                Some(edge.bytes(edge.record::<Str>(Section::Constants, at)?))
            })
    }

    /// The scopes of the method, of which a token must hold one; none: any token.
    pub fn scopes(self) -> impl Iterator<Item = &'v [u8]> {
        let image = self.image();
        let route: Option<r::Route> = self
            .route
            .and_then(|route| image.record(Section::Routes, route));
        let range = route.map_or(Range::NONE, |route| route.scopes);
        image
            .records::<r::Item>(Section::Lists, range)
            .map(move |item| image.bytes(item.text))
    }

    /// Whether `aud` fits the authorizer's expression; `None`: it has none. An expression that looks around takes a
    /// scratch of its own, of up to 1 MiB, and does not fit where that is not enough.
    #[must_use]
    pub fn audience(self, aud: &[u8]) -> Option<bool> {
        let validation = self.record()?.validation;
        if validation.is_empty() {
            return None;
        }
        let expression = self.image().bytes(validation);
        if !pattern::is_program(expression) {
            return Some(pattern::fits(expression, aud));
        }
        let mut scratch = Scratch::new(1 << 20);
        let mut heap = Heap::new(self.world, &mut scratch, Limits::default().work);
        let fits = heap
            .scratch
            .push(aud)
            .map_err(Bound::from)
            .and_then(|aud| pattern::fits_in(&mut heap, expression, aud));
        Some(fits.unwrap_or(false))
    }
}

impl core::fmt::Debug for Trust<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Trust").field("kind", &self.kind()).finish()
    }
}
