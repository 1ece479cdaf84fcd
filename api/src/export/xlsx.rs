//! A workbook: one sheet with the rows, one that says what they are. Written row by row, so that it needs no more
//! memory than a page of them; the rest waits in a file without a name.

use chrono::{DateTime, NaiveDate, Utc};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, Worksheet, XlsxError};
use serde_json::Number;
use tokio::sync::mpsc::Receiver;

use super::cell::Cell;
use super::csv::formula;

/// The longest text of a cell, in UTF-16 units.
const TEXT_MAX: usize = 32_767;
/// What stands at the end of a text that was cut.
const CUT: &str = "…（内容过长，全文见 CSV）";
/// The largest whole number that a spreadsheet keeps.
const WHOLE_MAX: u64 = 1 << 53;
/// Widths of columns, in characters.
const WIDTH: (usize, usize) = (8, 48);
/// What the second sheet is called.
const NOTES: &str = "说明";

/// What the sheet is made of.
pub(super) enum Step {
    /// More rows.
    Rows(Vec<Vec<Cell>>),
    /// No more rows; what is to be said of them.
    Notes(Vec<(String, Cell)>),
}

/// Writes a workbook of what comes in. None if it broke off before its end.
pub(super) fn workbook(
    name: &str,
    headings: &[String],
    mut steps: Receiver<Step>,
    now: DateTime<Utc>,
) -> Result<Option<Vec<u8>>, XlsxError> {
    let mut workbook = Workbook::new();
    let created = ExcelDateTime::from_timestamp(now.timestamp())?;
    workbook.set_properties(&DocProperties::new().set_title(name).set_creation_datetime(&created));
    let formats = Formats::new();
    let sheet = workbook.add_worksheet_with_constant_memory()?;
    sheet.set_name(name)?.set_freeze_panes(1, 0)?;
    let mut widths = Widths::default();
    for (column, heading) in (0..).zip(headings) {
        sheet.write_string_with_format(0, column, heading, &formats.head)?;
        // Room for the button of the filter.
        widths.take(column, heading, 3);
    }
    let mut row = 0;
    let notes = loop {
        match steps.blocking_recv() {
            None => return Ok(None),
            Some(Step::Notes(notes)) => break notes,
            Some(Step::Rows(rows)) => {
                for cells in rows {
                    row += 1;
                    for (column, cell) in (0..).zip(&cells) {
                        formats.write(sheet, row, column, cell)?;
                        widths.take(column, &cell.written(), 1);
                    }
                }
            }
        }
    };
    if let Some(last) = u16::try_from(headings.len()).ok().and_then(|columns| columns.checked_sub(1)) {
        sheet.autofilter(0, 0, row.max(1), last)?;
    }
    widths.apply(sheet)?;
    told(workbook.add_worksheet(), &notes, &formats)?;
    workbook.save_to_buffer().map(Some)
}

/// The second sheet.
fn told(sheet: &mut Worksheet, notes: &[(String, Cell)], formats: &Formats) -> Result<(), XlsxError> {
    sheet.set_name(NOTES)?.set_column_width(0, 28)?.set_column_width(1, 60)?;
    for (row, (name, cell)) in (0..).zip(notes) {
        sheet.write_string_with_format(row, 0, name, &formats.head)?;
        formats.write(sheet, row, 1, cell)?;
    }
    Ok(())
}

struct Formats {
    head: Format,
    text: Format,
    /// Of a text that looks like a formula: it stays a text when the cell is edited.
    quoted: Format,
    whole: Format,
    day: Format,
    instant: Format,
}

impl Formats {
    fn new() -> Self {
        let text = Format::new().set_num_format("@");
        Self {
            head: Format::new().set_bold(),
            quoted: text.clone().set_quote_prefix(),
            text,
            whole: Format::new().set_num_format("0"),
            day: Format::new().set_num_format("yyyy-mm-dd"),
            instant: Format::new().set_num_format("yyyy-mm-dd hh:mm:ss"),
        }
    }

    fn write(&self, sheet: &mut Worksheet, row: u32, column: u16, cell: &Cell) -> Result<(), XlsxError> {
        match cell {
            Cell::Empty => Ok(sheet),
            Cell::Text(text) => self.text(sheet, row, column, text),
            Cell::Number(number) => match exact(number) {
                Some((value, true)) => sheet.write_number_with_format(row, column, value, &self.whole),
                Some((value, false)) => sheet.write_number(row, column, value),
                None => self.text(sheet, row, column, &number.to_string()),
            },
            Cell::Day(day) if *day >= FIRST_DAY => sheet.write_datetime_with_format(row, column, day, &self.day),
            Cell::Instant(instant) if instant.date_naive() >= FIRST_DAY => {
                sheet.write_datetime_with_format(row, column, instant.naive_utc(), &self.instant)
            }
            Cell::Day(_) | Cell::Instant(_) => self.text(sheet, row, column, &cell.written()),
        }
        .map(|_| ())
    }

    fn text<'s>(
        &self,
        sheet: &'s mut Worksheet,
        row: u32,
        column: u16,
        text: &str,
    ) -> Result<&'s mut Worksheet, XlsxError> {
        let format = if formula(text) { &self.quoted } else { &self.text };
        sheet.write_string_with_format(row, column, &*fitting(text), format)
    }
}

/// Spreadsheets have no days before 1900, and count those of its first two months wrongly.
const FIRST_DAY: NaiveDate = match NaiveDate::from_ymd_opt(1900, 3, 1) {
    Some(day) => day,
    None => NaiveDate::MIN,
};

/// A number as a spreadsheet keeps it, and whether it is whole; none if it would change.
fn exact(number: &Number) -> Option<(f64, bool)> {
    let whole = number.as_i64().map(i64::unsigned_abs).or_else(|| number.as_u64());
    match whole {
        Some(size) if size > WHOLE_MAX => None,
        whole => number.as_f64().filter(|value| value.is_finite()).map(|value| (value, whole.is_some())),
    }
}

/// As much of a text as a cell takes.
fn fitting(text: &str) -> std::borrow::Cow<'_, str> {
    // No character is fewer units than a quarter of its bytes.
    if text.len() <= TEXT_MAX || text.encode_utf16().count() <= TEXT_MAX {
        return text.into();
    }
    let mut left = TEXT_MAX - CUT.encode_utf16().count();
    let kept = text.chars().take_while(|c| {
        let fits = c.len_utf16() <= left;
        left = left.saturating_sub(c.len_utf16());
        fits
    });
    kept.chain(CUT.chars()).collect::<String>().into()
}

/// How wide columns have to be for what they hold.
#[derive(Default)]
struct Widths(Vec<usize>);

impl Widths {
    fn take(&mut self, column: u16, text: &str, beside: usize) {
        let column = usize::from(column);
        if self.0.len() <= column {
            self.0.resize(column + 1, WIDTH.0);
        }
        let wide = |c: char| if c.is_ascii() { 1 } else { 2 };
        let width = text.lines().next().unwrap_or_default().chars().take(WIDTH.1).map(wide).sum::<usize>() + beside;
        if let Some(known) = self.0.get_mut(column) {
            *known = width.clamp(*known, WIDTH.1);
        }
    }

    fn apply(&self, sheet: &mut Worksheet) -> Result<(), XlsxError> {
        for (column, width) in (0..).zip(&self.0) {
            sheet.set_column_width(column, u16::try_from(*width).map_or(0.0, f64::from))?;
        }
        Ok(())
    }
}
