//! The document's base path, what it puts before each path, and the stage that it names.

use super::BasePath;
use super::openapi::{Import, Version};
use crate::document::{Cursor, Kind};

impl Import<'_> {
    /// The base path that the document names: `/a/b`, empty if there is none.
    pub(super) fn base_path(&mut self) -> String {
        let path = match self.version {
            Version::Swagger2 => self
                .root
                .get("basePath")
                .and_then(Cursor::scalar)
                .unwrap_or_default()
                .to_owned(),
            Version::OpenApi3 => self.server_path(),
        };
        let segments: Vec<&str> = path
            .split('/')
            .filter(|segment| !segment.is_empty())
            .collect();
        segments.iter().flat_map(|segment| ["/", segment]).collect()
    }

    fn server_path(&mut self) -> String {
        let Some(servers) = self
            .root
            .get("servers")
            .filter(|servers| servers.kind() == Kind::Sequence)
        else {
            return String::new();
        };
        for server in servers.elements() {
            let variable = server
                .get("variables")
                .and_then(|variables| variables.get("basePath"));
            if let Some(default) = variable
                .and_then(|variable| variable.get("default"))
                .and_then(Cursor::scalar)
            {
                return default.to_owned();
            }
        }
        for server in servers.elements() {
            let url = server
                .get("url")
                .and_then(Cursor::scalar)
                .unwrap_or_default();
            let path = match url.split_once("://") {
                Some((_, rest)) => rest
                    .find('/')
                    .and_then(|at| rest.get(at..))
                    .unwrap_or_default(),
                None => url,
            };
            if path.len() > 1 && path.starts_with('/') {
                return path.to_owned();
            }
        }
        String::new()
    }

    /// What stands before each path.
    pub(super) fn path_prefix(&mut self) -> String {
        let base = self.base_path();
        match self.options.base_path {
            BasePath::Ignore => String::new(),
            BasePath::Prepend => base,
            BasePath::Split => base
                .get(1..)
                .and_then(|rest| rest.find('/').and_then(|at| rest.get(at..)))
                .unwrap_or_default()
                .to_owned(),
        }
    }

    /// The stage that the base path names.
    pub(super) fn stage(&mut self) -> Option<String> {
        let base = self.base_path();
        let mut segments = base.split('/').skip(1);
        let first = segments.next()?.to_owned();
        let only = segments.next().is_none();
        let named = self.options.base_path == BasePath::Split
            || (self.options.base_path == BasePath::Ignore && only);
        let fits = !first.is_empty()
            && first
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
        (named && fits).then_some(first)
    }
}
