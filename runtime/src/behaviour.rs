//! Dated behaviour: one table of named switches for every answer of the reference that is not certain.
//!
//! A bundle stores the values it was compiled with; a switch that the bundle does not name has its default.

/// What a switch accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Domain {
    /// One of these words; stored is the index.
    Words(&'static [&'static str]),
    /// Any number up to `u32::MAX`.
    Number,
}

macro_rules! switches {
    ($($(#[doc = $doc:literal])+ $variant:ident = $name:literal: $domain:expr, default $default:literal;)+) => {
        /// A named switch. The discriminant is its number in a bundle and is never reused.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        #[repr(u16)]
        pub enum Switch { $($(#[doc = $doc])+ $variant,)+ }

        impl Switch {
            /// All switches, in the order of their numbers.
            pub const ALL: &'static [Switch] = &[$(Switch::$variant),+];

            /// The name, as written in a project.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Switch::$variant => $name),+ }
            }

            /// What it accepts.
            #[must_use]
            pub const fn domain(self) -> Domain {
                match self { $(Switch::$variant => $domain),+ }
            }

            /// The value without a word in the project.
            #[must_use]
            pub const fn default_value(self) -> u32 {
                match self { $(Switch::$variant => $default),+ }
            }
        }
    };
}

switches! {
    /// The value of an unresolved template reference: `""`, or null.
    VtlUndefined = "vtl.undefined": Domain::Words(&["empty-text", "null"]), default 0;
    /// A loop of more than 1,000 items: ends without error, or is an error.
    VtlForeachLimit = "vtl.foreach-limit": Domain::Words(&["stop", "error"]), default 0;
    /// A mock without usable `statusCode`: 500, or its default response.
    MockNoStatus = "mock.no-status": Domain::Words(&["error", "default"]), default 0;
    /// Letter case of header sources, `$input.params` and required headers.
    HeaderNames = "header.names": Domain::Words(&["exact", "fold"]), default 0;
    /// Bytes of all header names, values and separators; over it 431.
    HeaderLimit = "header.limit": Domain::Number, default 10_240;
    /// Whether stage, method and account throttles are spent before the authorizer is asked.
    ThrottleBeforeAuthorizer = "throttle.before-authorizer": Domain::Words(&["off", "on"]), default 0;
    /// The first day of a quota's week.
    QuotaWeekStart = "quota.week-start": Domain::Words(&["sunday", "monday"]), default 0;
    /// Whether a backend's 4xx and 5xx answers are cached.
    CacheErrorStatuses = "cache.error-statuses": Domain::Words(&["on", "off"]), default 0;
    /// Whether `minItems` and `maxItems` of imported models hold.
    SchemaArrayLimits = "schema.array-limits": Domain::Words(&["on", "off"]), default 0;
    /// Cognito methods under a resource policy that says nothing.
    PolicyCognitoSilent = "policy.cognito-silent": Domain::Words(&["deny", "allow"]), default 0;
    /// Same-account callers named only by account id or root ARN.
    PolicyAccountPrincipal = "policy.account-principal": Domain::Words(&["delegate", "grant"]), default 0;
    /// Clients that do not hash the body they sign.
    SigV4UnsignedPayload = "sigv4.unsigned-payload": Domain::Words(&["refuse", "accept"]), default 0;
    /// The status of a timed-out HTTP API integration.
    HttpTimeoutStatus = "http.timeout-status": Domain::Words(&["by-integration", "503", "504"]), default 0;
}

impl Switch {
    /// The switch of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Switch> {
        Switch::ALL.iter().copied().find(|s| s.name() == name)
    }

    /// The stored form of a value as written in a project; `None` if the switch does not accept it.
    #[must_use]
    pub fn parse(self, value: &str) -> Option<u32> {
        match self.domain() {
            Domain::Words(words) => words
                .iter()
                .position(|w| *w == value)
                .and_then(|i| u32::try_from(i).ok()),
            Domain::Number => value.parse().ok(),
        }
    }
}

/// The value of every switch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Behaviour {
    values: [u32; Switch::ALL.len()],
}

impl Default for Behaviour {
    fn default() -> Behaviour {
        let mut values = [0; Switch::ALL.len()];
        for (slot, switch) in values.iter_mut().zip(Switch::ALL) {
            *slot = switch.default_value();
        }
        Behaviour { values }
    }
}

impl Behaviour {
    /// The value of `switch`: the word's index, or the number.
    #[must_use]
    pub fn get(&self, switch: Switch) -> u32 {
        self.values
            .get(switch as usize)
            .copied()
            .unwrap_or(switch.default_value())
    }

    /// Sets `switch`; `false` if it does not accept `value`.
    pub fn set(&mut self, switch: Switch, value: u32) -> bool {
        let accepted = match switch.domain() {
            Domain::Words(words) => (value as usize) < words.len(),
            Domain::Number => true,
        };
        match self.values.get_mut(switch as usize) {
            Some(slot) if accepted => {
                *slot = value;
                true
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_positions_and_names_are_unique() {
        for (i, s) in Switch::ALL.iter().enumerate() {
            assert_eq!(*s as usize, i);
            assert_eq!(Switch::named(s.name()), Some(*s));
        }
    }

    #[test]
    fn a_word_outside_the_domain_is_refused() {
        assert_eq!(Switch::VtlUndefined.parse("null"), Some(1));
        assert_eq!(Switch::VtlUndefined.parse("1"), None);
        assert_eq!(Switch::HeaderLimit.parse("20480"), Some(20_480));
        let mut b = Behaviour::default();
        assert!(!b.set(Switch::VtlUndefined, 2));
        assert!(b.set(Switch::MockNoStatus, 1));
        assert_eq!(b.get(Switch::MockNoStatus), 1);
        assert_eq!(b.get(Switch::HeaderLimit), 10_240);
    }
}
