//! CSV as spreadsheets read it: UTF-8 with a byte order mark, every cell quoted, lines ended by CR LF (RFC 4180).
//!
//! The format has no types, so that a spreadsheet runs what looks like a formula, and shortens what looks like a
//! number. Before such a text stands an apostrophe: a reader takes one off where a cell begins with it.

use std::borrow::Cow;

use csv::{QuoteStyle, Terminator, WriterBuilder};

use super::cell::Cell;

/// What the file begins with.
pub(super) const BOM: &str = "\u{FEFF}";
/// What a formula begins with, in half and in full width.
const FORMULA: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];
/// What numbers, days and times are written with.
const FIGURES: &str = "0123456789 -/.:,%eE年月日时分秒";

/// The line of the headings.
pub(super) fn head<'h>(headings: impl Iterator<Item = &'h str>) -> Result<Vec<u8>, csv::Error> {
    lines(std::iter::once(headings.map(Cow::Borrowed).collect()))
}

/// The lines of some rows.
pub(super) fn rows(rows: &[Vec<Cell>]) -> Result<Vec<u8>, csv::Error> {
    lines(rows.iter().map(|row| row.iter().map(field).collect()))
}

fn lines<'f>(rows: impl Iterator<Item = Vec<Cow<'f, str>>>) -> Result<Vec<u8>, csv::Error> {
    let mut writer =
        WriterBuilder::new().quote_style(QuoteStyle::Always).terminator(Terminator::CRLF).from_writer(Vec::new());
    for row in rows {
        writer.write_record(row.iter().map(|field| field.as_bytes()))?;
    }
    writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))
}

fn field(cell: &Cell) -> Cow<'_, str> {
    match cell {
        Cell::Text(text) if guarded(text) => format!("'{text}").into(),
        Cell::Text(text) => text.into(),
        Cell::Empty | Cell::Number(_) | Cell::Day(_) | Cell::Instant(_) => cell.written().into(),
    }
}

/// Whether a spreadsheet would take a text for something else, or a reader would take off what belongs to it.
fn guarded(text: &str) -> bool {
    text.starts_with('\'') || formula(text) || figures(text)
}

fn figures(text: &str) -> bool {
    text.contains(|c: char| c.is_ascii_digit()) && text.chars().all(|c| FIGURES.contains(c))
}

/// Whether a text begins as a formula does.
pub(super) fn formula(text: &str) -> bool {
    text.starts_with(['\t', '\r', '\n']) || text.trim_start().starts_with(FORMULA)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_would_run_or_shorten_is_guarded() {
        for text in [
            "=1+1",
            "+86 553",
            "-1",
            "@SUM(A1)",
            "\t=1",
            "\rx",
            "\nx",
            " =HYPERLINK(\"http://x\")",
            "\u{a0}=1",
            "＝1",
            "－1",
            "'quoted",
            "914403001922038216",
            "13900000000",
            "0553-1234567",
            "007",
            "1E5",
            "91330100799655058E9",
            "2026-05",
            "3/4",
            "1,234",
            "2026年5月",
        ] {
            assert!(guarded(text), "{text:?}");
        }
        for text in ["91350100M000100Y43", "何某某", "A", "镜质办〔2026〕1号", "e", "a=b", "日", "2026—2027"]
        {
            assert!(!guarded(text), "{text:?}");
        }
    }

    #[test]
    fn a_guarded_text_gains_one_apostrophe_and_nothing_else() {
        let row = ["=1", "'=1", "a,\"b\"\nc", ""].map(|text| Cell::Text(text.to_owned()));
        let number = Cell::Number((-5).into());
        let line = rows(&[row.into_iter().chain([number, Cell::Empty]).collect()]).unwrap();
        assert_eq!(String::from_utf8(line).unwrap(), "\"'=1\",\"''=1\",\"a,\"\"b\"\"\nc\",\"\",\"-5\",\"\"\r\n");
    }
}
