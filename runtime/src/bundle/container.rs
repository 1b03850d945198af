//! Header and image table of a bundle, and how bundles are composed of images.

use alloc::vec::Vec;

use super::image::{Image, SECTIONS, Section, TABLE};
use super::records::{
    Api, Deployment, Header, ImageEntry, Item, Key, KeyDigest, Route, Stage, Variable,
};
use super::verify;
use super::view::ImageView;
use super::wire::{Field, Range, checksum, record};

/// Why bytes are not accepted as a bundle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused {
    offset: u32,
    reason: &'static str,
    number: Option<u32>,
}

impl Refused {
    pub(crate) const fn new(offset: u32, reason: &'static str) -> Refused {
        Refused {
            offset,
            reason,
            number: None,
        }
    }

    pub(crate) const fn numbered(offset: u32, reason: &'static str, number: u32) -> Refused {
        Refused {
            offset,
            reason,
            number: Some(number),
        }
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
        match self.number {
            Some(number) => write!(f, "{} {number} at byte {}", self.reason, self.offset),
            None => write!(f, "{} at byte {}", self.reason, self.offset),
        }
    }
}

impl core::error::Error for Refused {}

/// The format's version. A bundle of another version is refused.
pub const FORMAT: u16 = 1;

/// Names of the instruction features, by bit. A bundle that asks for another one is refused.
pub const FEATURES: [&str; 1] = ["core"];

/// How a bundle begins.
pub const MAGIC: [u8; 8] = *b"TOLLGATE";
const HEADER: usize = Header::SIZE;

/// The kinds of image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum ImageKind {
    /// Stages, variables, limits, plans, keys without values.
    Edge = 0,
    /// One API.
    Deployment = 1,
    /// Digests of API keys.
    Keyring = 2,
    /// Names and places for people.
    Debug = 3,
}

impl ImageKind {
    /// The kind of this number.
    fn numbered(number: u8) -> Option<ImageKind> {
        [
            ImageKind::Edge,
            ImageKind::Deployment,
            ImageKind::Keyring,
            ImageKind::Debug,
        ]
        .into_iter()
        .find(|kind| *kind as u8 == number)
    }
}

/// A bundle whose header was read. `B` is what holds the bytes: `&'static [u8]`, `Arc<[u8]>`, a mapping.
#[derive(Clone, Debug)]
pub struct Loaded<B> {
    bytes: B,
    directory: Directory,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Directory {
    identity: u64,
    images: u16,
    keyring: u16,
    debug: u16,
}

fn entry(bytes: &[u8], index: u16) -> Option<ImageEntry> {
    record(bytes.get(8 + HEADER..)?, u32::from(index))
}

fn image(bytes: &[u8], index: u16) -> Option<Image<'_>> {
    let ImageEntry { off, len, .. } = entry(bytes, index)?;
    Some(Image::new(Range { off, len }.within(bytes)?, off))
}

impl<B: AsRef<[u8]>> Loaded<B> {
    /// Reads the header and verifies every section. O(size).
    ///
    /// # Errors
    /// [`Refused`] with offset and reason.
    pub fn verify(bytes: B) -> Result<Self, Refused> {
        let loaded = Loaded::trusted(bytes)?;
        let b = loaded.bytes.as_ref();
        for index in 0..loaded.directory.images {
            let e = entry(b, index).ok_or(Refused::new(8, "the image table is cut off"))?;
            let image =
                image(b, index).ok_or(Refused::new(e.off, "an image lies outside the bundle"))?;
            let bytes = b
                .get(e.off as usize..)
                .and_then(|b| b.get(..e.len as usize))
                .unwrap_or(&[]);
            if checksum(bytes) != e.sum {
                return Err(Refused::new(e.off, "the image's checksum is wrong"));
            }
            verify::image(image, e.kind, e.off)?;
        }
        loaded.constants()?;
        Ok(loaded)
    }

    /// Whether the edge image's constants are those that the deployments read.
    fn constants(&self) -> Result<(), Refused> {
        let b = self.bytes.as_ref();
        let edge = image(b, 0).unwrap_or_default();
        let api = |deployment: u16| -> Option<(u64, u16)> {
            let image = image(b, deployment.checked_add(1)?)?;
            let api: Api = image.record(Section::Api, 0)?;
            Some((api.slots, api.slot_count))
        };
        let differ = |index: u16| {
            let off = entry(b, index.saturating_add(1)).map_or(8, |e| e.off);
            Refused::new(
                off,
                "a deployment whose constants are not those of the edge image",
            )
        };
        for index in 0..self.directory.images {
            let Some(named) = edge.record::<Deployment>(Section::Deployments, u32::from(index))
            else {
                break;
            };
            if api(index).map(|(slots, _)| slots) != Some(named.slots) {
                return Err(differ(index));
            }
        }
        let mut index = 0;
        while let Some(stage) = edge.record::<Stage>(Section::Stages, index) {
            index += 1;
            for (deployment, constants) in [
                (stage.deployment, stage.constants),
                (stage.canary, stage.canary_constants),
            ] {
                let count = api(deployment).map(|(_, count)| u32::from(count));
                if count != Some(constants.len) {
                    return Err(differ(deployment));
                }
            }
        }
        Ok(())
    }

    /// Reads the header only: for bytes whose origin is trusted, as after a signature check. Still panic-free
    /// whatever the bytes are. O(images).
    ///
    /// # Errors
    /// [`Refused`] with offset and reason.
    pub fn trusted(bytes: B) -> Result<Self, Refused> {
        let b = bytes.as_ref();
        if b.first_chunk() != Some(&MAGIC) {
            return Err(Refused::new(0, "not a bundle: the magic is missing"));
        }
        let header: Header = b
            .get(8..)
            .and_then(Header::get)
            .ok_or(Refused::new(8, "the header is cut off"))?;
        if header.version > FORMAT {
            return Err(Refused::numbered(
                8,
                "a newer format than this runtime reads: version",
                u32::from(header.version),
            ));
        }
        if header.version != FORMAT {
            return Err(Refused::new(
                8,
                "a format version that this runtime does not read",
            ));
        }
        let unknown = header.features & !((1 << FEATURES.len()) - 1);
        if unknown != 0 {
            return Err(Refused::numbered(
                16,
                "unknown instruction feature: bit",
                unknown.trailing_zeros(),
            ));
        }
        if header.length as usize != b.len() {
            return Err(Refused::new(
                12,
                "the length in the header is not the bundle's",
            ));
        }
        let mut directory = Directory {
            identity: header.identity,
            images: header.images,
            keyring: u16::MAX,
            debug: u16::MAX,
        };
        let edge = image(b, 0).ok_or(Refused::new(8, "there is no image"))?;
        let mut deployments = 0;
        for index in 0..header.images {
            let at = 8 + (HEADER + usize::from(index) * ImageEntry::SIZE) as u32;
            let e = entry(b, index).ok_or(Refused::new(at, "the image table is cut off"))?;
            if image(b, index).is_none() {
                return Err(Refused::new(at, "an image lies outside the bundle"));
            }
            match (index, e.kind) {
                (0, 0) => {}
                (0, _) | (_, 0) => {
                    return Err(Refused::new(
                        at,
                        "the edge image must be the first, and only one",
                    ));
                }
                (_, 1) => {
                    let wanted: Option<Deployment> = edge.record(Section::Deployments, deployments);
                    if wanted.map(|d| d.digest) != Some(e.digest)
                        || u32::from(index) != deployments + 1
                    {
                        return Err(Refused::new(
                            at,
                            "a deployment that the edge image does not name here",
                        ));
                    }
                    deployments += 1;
                }
                (_, 2) => directory.keyring = index,
                (_, 3) => directory.debug = index,
                _ => return Err(Refused::new(at, "an unknown kind of image")),
            }
        }
        if edge
            .record::<Deployment>(Section::Deployments, deployments)
            .is_some()
        {
            return Err(Refused::new(
                8,
                "a deployment that the edge image names is missing",
            ));
        }
        Ok(Loaded { bytes, directory })
    }

    /// What sessions read.
    #[must_use]
    pub fn view(&self) -> Bundle<'_> {
        Bundle {
            bytes: self.bytes.as_ref(),
            directory: self.directory,
        }
    }
}

/// A loaded bundle, lent.
#[derive(Clone, Copy, Debug)]
pub struct Bundle<'b> {
    bytes: &'b [u8],
    directory: Directory,
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

    /// An HTTP API, but none of its stages; the session answers 404 `Not Found`.
    pub const NO_STAGE: Site = Site {
        stage: u16::MAX,
        prefix: 1,
    };

    /// The same stage, reached through a path of `bytes` bytes: a custom domain's mapping.
    #[must_use]
    pub fn mapped(self, bytes: u32) -> Site {
        Site {
            prefix: bytes,
            ..self
        }
    }
}

impl<'b> Bundle<'b> {
    /// No bundle: nothing in it resolves.
    pub(crate) const NOTHING: Bundle<'static> = Bundle {
        bytes: &[],
        directory: Directory {
            identity: 0,
            images: 0,
            keyring: u16::MAX,
            debug: u16::MAX,
        },
    };

    /// All bytes.
    #[must_use]
    pub fn bytes(self) -> &'b [u8] {
        self.bytes
    }

    /// Identifies the bundle: sessions begun with another one fail closed.
    #[must_use]
    pub fn identity(self) -> u64 {
        self.directory.identity
    }

    /// The behaviour date that the bundle was compiled for, as `yyyymm`.
    #[must_use]
    pub fn behaviour(self) -> u32 {
        let header: Option<Header> = self.bytes.get(8..).and_then(Header::get);
        header.map_or(0, |header| header.behaviour)
    }

    /// Its images, laid open for tools, in the order of the image table.
    pub fn images(self) -> impl Iterator<Item = ImageView<'b>> {
        (0..self.directory.images).filter_map(move |index| {
            let entry = entry(self.bytes, index)?;
            Some(ImageView::new(
                image(self.bytes, index)?,
                ImageKind::numbered(entry.kind)?,
                entry.len,
                entry.digest,
            ))
        })
    }

    pub(crate) fn edge(self) -> Image<'b> {
        image(self.bytes, 0).unwrap_or_default()
    }

    pub(crate) fn deployment(self, index: u16) -> Image<'b> {
        index
            .checked_add(1)
            .and_then(|i| image(self.bytes, i))
            .unwrap_or_default()
    }

    /// The digests of the API keys.
    #[must_use]
    pub fn keyring(self) -> Keyring<'b> {
        Keyring {
            image: image(self.bytes, self.directory.keyring).unwrap_or_default(),
        }
    }

    /// The names of the API keys, in the order of their indices: what a host resolves secrets by.
    pub fn keys(self) -> impl Iterator<Item = &'b [u8]> {
        let edge = self.edge();
        (0..u32::MAX)
            .map_while(move |i| Some(edge.bytes(edge.record::<Key>(Section::Keys, i)?.name)))
    }

    /// The place of a policy statement in its source, `file:line`, if the bundle has a debug image.
    #[must_use]
    pub fn statement_place(self, statement: u32) -> Option<&'b [u8]> {
        let debug = image(self.bytes, self.directory.debug)?;
        let item: Item = debug.record(Section::Places, statement)?;
        Some(debug.bytes(item.text))
    }

    /// The route `route` of the deployment `deployment`, for people: `API METHOD /path`, and its place in its
    /// source, `file:line`, if the bundle has a debug image. O(deployments).
    #[must_use]
    pub fn route_place(self, deployment: u16, route: u32) -> Option<(&'b [u8], &'b [u8])> {
        let debug = image(self.bytes, self.directory.debug)?;
        // The debug image lists the routes of all deployments, one after the other.
        let before = (0..deployment).try_fold(0_u32, |sum, index| {
            let routes = self.deployment(index).section(Section::Routes).len() / Route::SIZE;
            sum.checked_add(u32::try_from(routes).ok()?)
        })?;
        let place: Variable = debug.record(Section::Variables, before.checked_add(route)?)?;
        Some((debug.bytes(place.name), debug.bytes(place.value)))
    }

    /// The stages of the bundle: API id, API name, stage name.
    pub fn stages(self) -> impl Iterator<Item = (&'b [u8], &'b [u8], &'b [u8])> {
        let edge = self.edge();
        (0..u32::from(u16::MAX)).map_while(move |i| {
            let stage: Stage = edge.record(Section::Stages, i)?;
            let deployment: Deployment =
                edge.record(Section::Deployments, u32::from(stage.deployment))?;
            Some((
                edge.bytes(deployment.api_id),
                edge.bytes(deployment.api_name),
                edge.bytes(stage.name),
            ))
        })
    }

    /// The stage `stage` of the API `api` (its id, or its name in the program), with nothing of the target
    /// used up. O(stages).
    #[must_use]
    pub fn stage(self, api: &[u8], stage: &[u8]) -> Option<Site> {
        let index = self
            .stages()
            .position(|(id, name, s)| s == stage && (id == api || name == api))?;
        Some(Site {
            stage: u16::try_from(index).ok()?,
            prefix: 0,
        })
    }

    /// The site of a request to `{api}.execute-api…`: the first segment of `target` names the stage. Slashes
    /// before it collapse, as recorded from the reference. What names no stage of an HTTP API goes to its stage
    /// `$default`, whole.
    #[must_use]
    pub fn site(self, api: &[u8], target: &[u8]) -> Site {
        let slashes = target.iter().take_while(|b| **b == b'/').count();
        let rest = target.get(slashes..).unwrap_or(&[]);
        let end = rest
            .iter()
            .position(|b| matches!(b, b'/' | b'?' | b'#'))
            .unwrap_or(rest.len());
        let name = rest.get(..end).unwrap_or(&[]);
        match (self.stage(api, name), u32::try_from(slashes + end)) {
            // The stage at the root has no segment of its own.
            (Some(site), Ok(prefix)) if slashes > 0 && name != b"$default" => site.mapped(prefix),
            _ if !self.is_http(api) => Site::NOWHERE,
            _ => self.stage(api, b"$default").unwrap_or(Site::NO_STAGE),
        }
    }

    /// Whether a site is an HTTP API's: its functions and backends get a packed body (`Content-Encoding`) as it is,
    /// and its requests take no id of the client's. O(1).
    #[must_use]
    pub fn serves_http_api(self, site: Site) -> bool {
        let stage: Option<Stage> = self.edge().record(Section::Stages, u32::from(site.stage));
        let api: Option<Api> =
            stage.and_then(|stage| self.deployment(stage.deployment).record(Section::Api, 0));
        site == Site::NO_STAGE || api.is_some_and(|api| api.kind == 1)
    }

    /// Whether an API of this id or name is an HTTP API.
    fn is_http(self, api: &[u8]) -> bool {
        (0..self.directory.images)
            .map(|index| self.deployment(index))
            .filter_map(|image| Some((image, image.record::<Api>(Section::Api, 0)?)))
            .any(|(image, found)| {
                found.kind == 1 && (image.bytes(found.id) == api || image.bytes(found.name) == api)
            })
    }
}

/// The digests of API keys, ordered, under one salt.
///
/// The host digests what a client sent and looks for it; how keys are digested is its own business, as long as it
/// made the keyring in the same way.
#[derive(Clone, Copy, Debug)]
pub struct Keyring<'b> {
    image: Image<'b>,
}

impl<'b> Keyring<'b> {
    /// What the digests are salted with.
    #[must_use]
    pub fn salt(self) -> &'b [u8] {
        self.image.section(Section::Strings)
    }

    /// The number of digests.
    #[must_use]
    pub fn len(self) -> usize {
        self.image.section(Section::Digests).len() / KeyDigest::SIZE
    }

    /// Whether there is no digest.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The digest at a position, and the index of its key: what [`Outcome::Key`](crate::Outcome::Key) carries.
    #[must_use]
    pub fn get(self, position: usize) -> Option<([u8; 32], u32)> {
        let entry: KeyDigest = self
            .image
            .record(Section::Digests, u32::try_from(position).ok()?)?;
        Some((entry.digest, entry.key))
    }
}

/// The bundle `rest` with a keyring of these digests and key indices.
///
/// # Errors
/// [`Refused`] if `rest` is not a bundle.
pub fn replace_keyring(
    salt: &[u8],
    digests: &[([u8; 32], u32)],
    rest: &[u8],
) -> Result<Vec<u8>, Refused> {
    let mut sorted = digests.to_vec();
    sorted.sort_unstable();
    let mut entries = Vec::new();
    for (digest, key) in sorted {
        KeyDigest { digest, key }.put(&mut entries);
    }
    let too_large = Refused::new(0, "the bundle would exceed 4 GiB");
    let mut ring = Vec::new();
    for (section, ..) in SECTIONS {
        let (off, len) = match section {
            Section::Strings => (TABLE, salt.len()),
            Section::Digests => (TABLE + salt.len(), entries.len()),
            _ => (0, 0),
        };
        let field = |n: usize| u32::try_from(n).map_err(|_| too_large);
        Range {
            off: field(off)?,
            len: field(len)?,
        }
        .put(&mut ring);
    }
    ring.extend_from_slice(salt);
    ring.extend_from_slice(&entries);
    let (behaviour, edge, mut images) = open(rest)?;
    images.retain(|(kind, ..)| *kind != ImageKind::Keyring);
    images.push((ImageKind::Keyring, &ring, [0; 32]));
    container(behaviour, edge, &images)
}

/// Puts images together: `edge`, then the deployments that it names, then the others.
///
/// Each image comes with its digest. The order of `images` does not matter; a deployment that the edge image
/// does not name is left out, so that replacing the edge image alone is a rollout, and putting an older
/// deployment beside it a rollback.
///
/// # Errors
/// [`Refused`] if a deployment that the edge image names is not there, or the whole exceeds 4 GiB.
pub fn container(
    behaviour: u32,
    edge: (&[u8], [u8; 32]),
    images: &[(ImageKind, &[u8], [u8; 32])],
) -> Result<Vec<u8>, Refused> {
    let view = Image::new(edge.0, 0);
    let mut chosen: Vec<(ImageKind, &[u8], [u8; 32])> = Vec::new();
    chosen.push((ImageKind::Edge, edge.0, edge.1));
    let mut index = 0;
    while let Some(deployment) = view.record::<Deployment>(Section::Deployments, index) {
        let found = images
            .iter()
            .find(|(k, _, d)| *k == ImageKind::Deployment && *d == deployment.digest);
        chosen.push(*found.ok_or(Refused::new(
            0,
            "a deployment that the edge image names is missing",
        ))?);
        index += 1;
    }
    for kind in [ImageKind::Keyring, ImageKind::Debug] {
        chosen.extend(images.iter().filter(|(k, ..)| *k == kind).take(1));
    }
    let too_large = Refused::new(0, "the bundle would exceed 4 GiB");
    let count =
        u16::try_from(chosen.len()).map_err(|_| Refused::new(0, "more images than 65535"))?;
    let mut table = Vec::new();
    let mut at = 8 + HEADER + chosen.len() * ImageEntry::SIZE;
    for (kind, bytes, digest) in &chosen {
        let off = u32::try_from(at).map_err(|_| too_large)?;
        let len = u32::try_from(bytes.len()).map_err(|_| too_large)?;
        ImageEntry {
            kind: *kind as u8,
            off,
            len,
            sum: checksum(bytes),
            digest: *digest,
        }
        .put(&mut table);
        at += bytes.len();
    }
    let length = u32::try_from(at).map_err(|_| too_large)?;
    let mut out = Vec::with_capacity(at);
    out.extend_from_slice(&MAGIC);
    let identity = checksum(&table);
    Header {
        version: FORMAT,
        images: count,
        length,
        features: 1,
        behaviour,
        identity,
    }
    .put(&mut out);
    out.extend_from_slice(&table);
    for (_, bytes, _) in &chosen {
        out.extend_from_slice(bytes);
    }
    Ok(out)
}

/// The bundle `rest` with another edge image: a change of variables, limits or shares alone, or a rollback to a
/// deployment that `rest` still holds.
///
/// # Errors
/// As [`container`], and [`Refused`] if `rest` is not a bundle.
pub fn replace_edge(edge: (&[u8], [u8; 32]), rest: &[u8]) -> Result<Vec<u8>, Refused> {
    let (behaviour, _, images) = open(rest)?;
    container(behaviour, edge, &images)
}

type Edge<'b> = (&'b [u8], [u8; 32]);
type Images<'b> = Vec<(ImageKind, &'b [u8], [u8; 32])>;

/// The behaviour date, the edge image and the other images of a bundle.
fn open(bytes: &[u8]) -> Result<(u32, Edge<'_>, Images<'_>), Refused> {
    if bytes.first_chunk() != Some(&MAGIC) {
        return Err(Refused::new(0, "not a bundle: the magic is missing"));
    }
    let cut = Refused::new(8, "the header is cut off");
    let header: Header = bytes.get(8..).and_then(Header::get).ok_or(cut)?;
    let mut images = Vec::new();
    let mut edge = None;
    for index in 0..header.images {
        let e = entry(bytes, index).ok_or(cut)?;
        let body = bytes
            .get(e.off as usize..)
            .and_then(|b| b.get(..e.len as usize))
            .ok_or(cut)?;
        match e.kind {
            0 => edge = Some((body, e.digest)),
            1 => images.push((ImageKind::Deployment, body, e.digest)),
            2 => images.push((ImageKind::Keyring, body, e.digest)),
            3 => images.push((ImageKind::Debug, body, e.digest)),
            _ => {}
        }
    }
    let edge = edge.ok_or(Refused::new(8, "there is no edge image"))?;
    Ok((header.behaviour, edge, images))
}
