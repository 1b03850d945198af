//! The pages that are made from tables in the sources.

use anyhow::Result;

use crate::sh;

/// Writes them: the tests that compare the pages also write them, when told to.
pub fn run() -> Result<()> {
    for (package, told) in [
        ("tollgate-compiler", "UPDATE_DOCS"),
        ("tollgate-runtime", "BLESS"),
    ] {
        let args = ["test", "--quiet", "--package", package, "--test", "docs"];
        sh::run_with("cargo", &args, &[(told, "1")])?;
    }
    Ok(())
}
