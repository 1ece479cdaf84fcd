//! Papers: known by their content, not by what they are called (S9).

/// The most bytes of a paper.
pub const LIMIT: usize = 20 * 1024 * 1024;

/// The media type found in some content; `None` for what is not taken.
///
/// Taken are PDF, JPEG, PNG, Word (docx) and Excel (xlsx).
#[must_use]
pub fn media_type(content: &[u8]) -> Option<&'static str> {
    const DOCX: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
    const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    let holds = |name: &[u8]| content.windows(name.len()).any(|window| window == name);
    if content.starts_with(b"%PDF-") {
        Some("application/pdf")
    } else if content.starts_with(&[0xFF, 0xD8, 0xFF]) {
        Some("image/jpeg")
    } else if content.starts_with(b"\x89PNG\r\n\x1a\n") {
        Some("image/png")
    } else if content.starts_with(b"PK\x03\x04") && holds(b"word/document.xml") {
        Some(DOCX)
    } else if content.starts_with(b"PK\x03\x04") && holds(b"xl/workbook.xml") {
        Some(XLSX)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_decides_and_not_the_name() {
        assert_eq!(media_type(b"%PDF-1.7 ..."), Some("application/pdf"));
        assert_eq!(media_type(b"\x89PNG\r\n\x1a\n...."), Some("image/png"));
        assert_eq!(media_type(b"PK\x03\x04....word/document.xml...."), media_type(b"PK\x03\x04 word/document.xml"));
        for refused in [&b"MZ\x90"[..], b"<html>", b"", b"PK\x03\x04 something/else"] {
            assert_eq!(media_type(refused), None);
        }
    }
}
