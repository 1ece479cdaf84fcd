//! Days as people write them (U8), and as pages show them.

use api::language::Language;
use chrono::{DateTime, FixedOffset, NaiveDate, Utc};

/// Reads a day: 2026-5-1, 2026年5月1日, 20260501; also with `/` or `.`, and in full-width digits.
pub(crate) fn parse(text: &str) -> Option<NaiveDate> {
    let half: String = text.trim().chars().map(half_width).collect();
    let parts: Vec<&str> = if half.len() == 8 && half.bytes().all(|b| b.is_ascii_digit()) {
        vec![&half[..4], &half[4..6], &half[6..]]
    } else {
        half.trim_end_matches('日').split(['-', '/', '.', '年', '月']).map(str::trim).collect()
    };
    let [year, month, day] = parts.as_slice() else { return None };
    let number = |text: &str| text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok()).flatten();
    if year.len() != 4 {
        return None;
    }
    NaiveDate::from_ymd_opt(year.parse().ok()?, number(month)?, number(day)?)
}

fn half_width(character: char) -> char {
    match character {
        '０'..='９' => char::from_u32(u32::from(character) - 0xFEE0).unwrap_or(character),
        '－' | '—' | '–' => '-',
        '．' | '。' => '.',
        '／' => '/',
        other => other,
    }
}

/// An instant in the program's time zone, to the minute.
pub(crate) fn instant(at: DateTime<Utc>, zone: FixedOffset) -> String {
    at.with_timezone(&zone).format("%Y-%m-%d %H:%M").to_string()
}

/// How a day that something is due on stands to today, in words (U3).
pub(crate) fn due(on: NaiveDate, today: NaiveDate, language: Language) -> String {
    let days = (on - today).num_days();
    match (language, days) {
        (Language::Chinese, 0) => "今天到期".to_owned(),
        (Language::English, 0) => "due today".to_owned(),
        (Language::Chinese, 1..) => format!("还有 {days} 天"),
        (Language::English, 1) => "due in 1 day".to_owned(),
        (Language::English, 2..) => format!("due in {days} days"),
        (Language::Chinese, _) => format!("逾期 {} 天", -days),
        (Language::English, -1) => "1 day overdue".to_owned(),
        (Language::English, _) => format!("{} days overdue", -days),
    }
}

/// So many days, in words.
pub(crate) fn days(days: i64, language: Language) -> String {
    match (language, days) {
        (Language::Chinese, _) => format!("{days} 天"),
        (Language::English, 1) => "1 day".to_owned(),
        (Language::English, _) => format!("{days} days"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn u8_a_day_is_read_as_people_write_it() {
        let first_of_may = NaiveDate::from_ymd_opt(2026, 5, 1);
        for text in [
            "2026-5-1",
            "2026-05-01",
            "2026年5月1日",
            "2026 年 5 月 1 日",
            "20260501",
            " 2026/5/1 ",
            "２０２６．５．１",
        ] {
            assert_eq!(parse(text), first_of_may, "{text}");
        }
        for text in
            ["", "2026-5", "26-5-1", "2026-13-1", "2026-2-30", "2026-5-1-1", "202605011", "五月一日", "2026-+5-1"]
        {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn u3_overdue_is_said_in_words() {
        let day = |d| NaiveDate::from_ymd_opt(2026, 5, d).unwrap();
        assert_eq!(due(day(1), day(4), Language::Chinese), "逾期 3 天");
        assert_eq!(due(day(4), day(4), Language::Chinese), "今天到期");
        assert_eq!(due(day(5), day(4), Language::Chinese), "还有 1 天");
        assert_eq!(due(day(3), day(4), Language::English), "1 day overdue");
        assert_eq!(due(day(9), day(4), Language::English), "due in 5 days");
    }
}
