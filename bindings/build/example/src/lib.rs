//! A crate that carries a gateway: `api/library.gate` was compiled by `build.rs`.

/// The bundle, and types for its routes.
pub mod gateway {
    include!(concat!(env!("OUT_DIR"), "/tollgate.rs"));
}

#[cfg(test)]
mod tests {
    use super::gateway::{BUNDLE, library};

    #[test]
    fn the_bundle_loads() {
        tollgate_runtime::Loaded::verify(BUNDLE).expect("a sound bundle");
    }

    #[test]
    fn routes_have_names() {
        let keys: Vec<&str> = library::Route::ALL
            .iter()
            .map(|route| route.key())
            .collect();
        assert_eq!(
            keys,
            ["GET /books/{isbn}", "ANY /files/{path+}", "GET /health"]
        );
        assert_eq!(
            library::Route::from_index(2),
            Some(library::Route::GetHealth)
        );
    }

    #[test]
    fn paths_have_types() {
        assert_eq!(
            library::GetBooksIsbn { isbn: "978-3" }.to_string(),
            "/books/978-3"
        );
        assert_eq!(
            library::AnyFilesPath { path: "a/b" }.to_string(),
            "/files/a/b"
        );
    }
}
