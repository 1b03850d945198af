//! Performs a session's steps for real: sockets, backends, logs.
