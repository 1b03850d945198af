//! The typed meaning of a Tollgate program. Types only.
