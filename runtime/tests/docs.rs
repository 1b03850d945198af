//! `docs/bytecode.md` is what the tables say. `BLESS=1 cargo test -p tollgate-runtime --test docs` writes it.

use std::path::Path;

#[test]
fn the_documentation_of_the_bytecode_is_generated() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/bytecode.md");
    let text = tollgate_runtime::isa::markdown();
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == text,
        "docs/bytecode.md is stale: run this test with BLESS=1"
    );
}
