//! Generators, laws and the case runner that hold Tollgate to the reference.
