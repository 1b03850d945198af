//! Signatures, tokens and keys, sans-IO.
