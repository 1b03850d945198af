//! Compile gate sources from a build script.
