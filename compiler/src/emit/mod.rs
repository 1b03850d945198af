//! IR → images.
//!
//! Bytes depend on nothing but the program: no clock, no hash seed, no order of files or threads.

mod assemble;
mod deployment;
mod edge;
mod image;
mod index;
mod pattern;
mod router;
#[cfg(test)]
pub(crate) mod tests;

use sha2::{Digest, Sha256};
use tollgate_model::{Places, Program as Model};
use tollgate_runtime::bundle::{ImageKind, container};

use crate::lower::{self, Unsupported};
pub use crate::optimize::Specialization;
use crate::optimize::optimize;

pub(crate) use pattern::search_table;

/// The edge image of a program, to replace the one of a bundle whose deployments are the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EdgeImage {
    /// The image.
    pub bytes: Vec<u8>,
    /// Its SHA-256.
    pub digest: [u8; 32],
}

/// The bundle of a program.
///
/// # Errors
/// Everything that cannot be expressed, in the order of the program.
pub fn bundle(model: &Model) -> Result<Vec<u8>, Vec<Unsupported>> {
    emit(model, None, Specialization::default())
}

/// As [`bundle`], with policies worked out for each route so far: for laws and measurements.
///
/// # Errors
/// As [`bundle`].
pub fn bundle_specialized(model: &Model, how: Specialization) -> Result<Vec<u8>, Vec<Unsupported>> {
    emit(model, None, how)
}

/// As [`bundle`], with a debug image: the places of statements and routes, for people.
///
/// # Errors
/// As [`bundle`].
pub fn bundle_with_places(model: &Model, places: &dyn Places) -> Result<Vec<u8>, Vec<Unsupported>> {
    emit(model, Some(places), Specialization::default())
}

/// The edge image of a program: stages, variables, constants, limits.
///
/// # Errors
/// As [`bundle`].
pub fn edge(model: &Model) -> Result<EdgeImage, Vec<Unsupported>> {
    let (edge, _, _, _) = images(model, Specialization::default())?;
    Ok(edge)
}

fn emit(
    model: &Model,
    places: Option<&dyn Places>,
    how: Specialization,
) -> Result<Vec<u8>, Vec<Unsupported>> {
    let (edge, deployments, behaviour, statements) = images(model, how)?;
    let mut images: Vec<(ImageKind, &[u8], [u8; 32])> = deployments
        .iter()
        .map(|(bytes, digest)| (ImageKind::Deployment, bytes.as_slice(), *digest))
        .collect();
    let debug = places.map(|places| edge::debug(model, &statements, places));
    if let Some(bytes) = &debug {
        images.push((ImageKind::Debug, bytes, digest(bytes)));
    }
    container(behaviour, (&edge.bytes, edge.digest), &images).map_err(|refused| {
        vec![Unsupported {
            message: refused.to_string(),
            node: Default::default(),
            part: None,
        }]
    })
}

type Images = (
    EdgeImage,
    Vec<(Vec<u8>, [u8; 32])>,
    u32,
    Vec<tollgate_model::NodeId>,
);

fn images(model: &Model, how: Specialization) -> Result<Images, Vec<Unsupported>> {
    let (mut bundle, statements) = lower::lower(model)?;
    optimize(&mut bundle, how);
    let mut deployments = Vec::new();
    let mut errors = Vec::new();
    for (ir, api) in bundle.deployments.iter().zip(&model.apis) {
        match deployment::image(ir, &bundle.switches) {
            Ok(bytes) => {
                let digest = digest(&bytes);
                deployments.push((bytes, digest));
            }
            Err(message) => errors.push(Unsupported {
                message,
                node: api.node,
                part: None,
            }),
        }
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    let digests: Vec<_> = deployments.iter().map(|(_, digest)| *digest).collect();
    let bytes = edge::image(&bundle, &digests).map_err(|message| {
        vec![Unsupported {
            message,
            node: Default::default(),
            part: None,
        }]
    })?;
    let digest = digest(&bytes);
    Ok((
        EdgeImage { bytes, digest },
        deployments,
        bundle.behaviour,
        statements,
    ))
}

fn digest(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// The name of a bucket that counts something over reloads: eight bytes of a digest of its parts.
pub(crate) fn bucket(parts: &[&str]) -> u64 {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    let digest: [u8; 32] = hash.finalize().into();
    u64::from_le_bytes(*digest.first_chunk().unwrap_or(&[0; 8]))
}
