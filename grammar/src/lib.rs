//! Text to syntax tree and back, for gate and VTL. No meaning.
