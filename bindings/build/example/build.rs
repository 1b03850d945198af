//! Compiles `api/` into the bundle that the crate carries.

fn main() {
    tollgate_build::compile("api/");
}
