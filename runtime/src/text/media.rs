//! Media types, as the gateway compares them: the first element of the header, without parameters.

fn trim(text: &[u8]) -> &[u8] {
    text.trim_ascii()
}

/// The first media type of a header's value, without parameters: of `text/html;q=1, */*` it is `text/html`.
pub(crate) fn first(value: &[u8]) -> &[u8] {
    let end = value
        .iter()
        .position(|b| matches!(b, b',' | b';'))
        .unwrap_or(value.len());
    trim(value.get(..end).unwrap_or(&[]))
}

/// Whether `entry` of the binary media types takes in `media`: exactly, as `type/*`, or as `*/*`. `*/sub` never
/// does, and a wildcard in `media` is only itself.
pub(crate) fn binary_entry(entry: &[u8], media: &[u8]) -> bool {
    let entry = first(entry);
    if entry == b"*/*" || entry.eq_ignore_ascii_case(media) {
        return true;
    }
    match entry.strip_suffix(b"*") {
        Some(head) if head.ends_with(b"/") && head != b"*/" => {
            media
                .get(..head.len())
                .is_some_and(|m| m.eq_ignore_ascii_case(head))
                && !media.ends_with(b"/*")
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_element_counts() {
        for (value, media) in [
            ("application/json; charset=UTF-8", "application/json"),
            (" text/html , image/png", "text/html"),
            ("", ""),
            ("image/png", "image/png"),
        ] {
            assert_eq!(first(value.as_bytes()), media.as_bytes());
        }
    }

    #[test]
    fn entries_take_in_exact_types_and_whole_families() {
        for (entry, media, want) in [
            ("image/png", "image/png", true),
            ("image/png", "Image/PNG", true),
            ("image/*", "image/png", true),
            ("image/*", "imagex/png", false),
            ("*/*", "image/png", true),
            ("*/*", "", true),
            ("*/png", "image/png", false),
            ("image/png", "image/*", false),
            ("image/png", "*/*", false),
        ] {
            assert_eq!(
                binary_entry(entry.as_bytes(), media.as_bytes()),
                want,
                "{entry} {media}"
            );
        }
    }
}
