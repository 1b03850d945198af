//! Plans and keys.
