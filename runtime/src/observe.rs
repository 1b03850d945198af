//! Observation: phases and their inputs, for traces, test-invoke logs and data trace. Without an observer a phase
//! costs one test of a null.

use crate::session::Phase;

/// Something that an observer may note. Bytes are valid during the call only and may hold secrets.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Note<'v> {
    /// The session entered this phase.
    Phase(Phase),
    /// The integration request's body after mapping.
    IntegrationBody(&'v [u8]),
    /// The method response's body after mapping.
    ResponseBody(&'v [u8]),
}

/// Receives the inputs of phases as a session advances.
pub trait Observer {
    /// Called for each note, in order. Nothing by default.
    fn note(&mut self, note: Note<'_>) {
        let _ = note;
    }
}
