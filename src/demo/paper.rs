//! Papers of the story: one page of PDF each, tiny but real.

use std::fmt::Write as _;

/// A page with a title and a few lines. The Chinese font is named, not embedded: readers bring their own.
pub(super) fn pdf(title: &str, lines: &[&str]) -> Vec<u8> {
    let page = page(title, lines);
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>"
            .to_owned(),
        format!("<< /Length {} >>\nstream\n{page}endstream", page.len()),
        "<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H /DescendantFonts [6 0 R] >>"
            .to_owned(),
        "<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /FontDescriptor 7 0 R \
         /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 2 >> >>"
            .to_owned(),
        "<< /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /FontBBox [-25 -254 1000 880] /ItalicAngle 0 \
         /Ascent 880 /Descent -120 /CapHeight 880 /StemV 93 >>"
            .to_owned(),
        format!("<< /Title <FEFF{}> >>", utf16(title)),
    ];
    file(&objects)
}

/// The content of the page: the title large, the lines below it.
fn page(title: &str, lines: &[&str]) -> String {
    let mut content = format!("BT\n/F1 18 Tf\n72 760 Td\n<{}> Tj\n/F1 10 Tf\n", utf16(title));
    for line in lines.iter().chain(&["（演示文件，内容均为虚构）"]) {
        // Writing into a string never fails.
        let _ = writeln!(content, "0 -28 Td\n<{}> Tj", utf16(line));
    }
    content.push_str("ET\n");
    content
}

/// Objects, numbered from 1, with the table that tells where each begins.
fn file(objects: &[String]) -> Vec<u8> {
    let mut text = "%PDF-1.4\n".to_owned();
    let mut table = String::new();
    for (number, object) in (1..).zip(objects) {
        let _ = writeln!(table, "{:010} 00000 n ", text.len());
        let _ = writeln!(text, "{number} 0 obj\n{object}\nendobj");
    }
    let (size, begins) = (objects.len() + 1, text.len());
    let info = objects.len();
    let _ = writeln!(
        text,
        "xref\n0 {size}\n0000000000 65535 f \n{table}trailer\n<< /Size {size} /Root 1 0 R /Info {info} 0 R >>\n\
         startxref\n{begins}\n%%EOF"
    );
    text.into_bytes()
}

/// UTF-16, most significant byte first, as hexadecimal digits.
fn utf16(text: &str) -> String {
    text.encode_utf16().fold(String::new(), |mut digits, unit| {
        let _ = write!(digits, "{unit:04X}");
        digits
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_of_the_table_points_to_its_object() {
        let content = String::from_utf8(pdf("申报表", &["第一行"])).unwrap();
        let begins: usize = content.lines().rev().nth(1).unwrap().parse().unwrap();
        let table = content[begins..].strip_prefix("xref\n0 9\n").unwrap();
        let places: Vec<usize> = table.lines().skip(1).take(8).map(|line| line[..10].parse().unwrap()).collect();
        for (number, place) in (1..).zip(&places) {
            assert!(content[*place..].starts_with(&format!("{number} 0 obj\n")), "object {number}");
        }
        assert_eq!(places.len(), 8);
    }

    #[test]
    fn the_title_is_on_the_page_and_in_the_information() {
        let content = String::from_utf8(pdf("申报表", &[])).unwrap();
        assert!(content.contains("<753362A58868> Tj"));
        assert!(content.contains("/Title <FEFF753362A58868>"));
    }
}
