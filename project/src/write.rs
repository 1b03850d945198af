//! Results are written whole, or not at all.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Writes a file aside and renames it, so that nobody ever sees half of it and a failure
/// leaves the old one as it was. A file that is replaced keeps its permissions.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let aside = aside(path);
    let written = fs::File::create(&aside).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()?;
        if let Ok(old) = fs::metadata(path) {
            file.set_permissions(old.permissions())?;
        }
        fs::rename(&aside, path)
    });
    if written.is_err() {
        let _ = fs::remove_file(&aside);
    }
    written
}

/// A name beside `path`, on the same file system, that no other process uses.
fn aside(path: &Path) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".{}", std::process::id()));
    path.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_write_leaves_the_old_file() {
        let folder = std::env::temp_dir().join(format!("tollgate-write-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join("out");
        write(&path, b"first").unwrap();
        fs::create_dir_all(folder.join("taken")).unwrap();
        assert!(
            write(&folder.join("taken"), b"no").is_err(),
            "a folder is no file"
        );
        write(&path, b"second").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"second");
        let left: Vec<_> = fs::read_dir(&folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        assert_eq!(
            left.len(),
            2,
            "nothing is left beside the results: {left:?}"
        );
        fs::remove_dir_all(&folder).unwrap();
    }
}
