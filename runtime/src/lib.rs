//! Bundle and request to steps. No I/O, no_std, no panic.
