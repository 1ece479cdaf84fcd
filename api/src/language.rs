//! The two languages of titles and details, and how a request picks one.

use axum::http::{HeaderMap, header};

/// A language that answers are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// `zh-CN`, the language of the sources; used where a request asks for nothing that we have.
    #[default]
    Chinese,
    /// `en`.
    English,
}

impl Language {
    /// The tag for `Content-Language`.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Chinese => "zh-CN",
            Self::English => "en",
        }
    }

    /// The language that `Accept-Language` prefers, by q-value, then by order (RFC 9110 §12.5.4).
    #[must_use]
    pub fn preferred(headers: &HeaderMap) -> Self {
        let ranges = headers.get_all(header::ACCEPT_LANGUAGE).iter().filter_map(|v| v.to_str().ok());
        let mut best = (Self::default(), 0.0);
        for range in ranges.flat_map(|v| v.split(',')) {
            let (tag, quality) = weighted(range);
            let primary = tag.split('-').next().unwrap_or_default().to_ascii_lowercase();
            let language = match primary.as_str() {
                "zh" | "*" => Self::Chinese,
                "en" => Self::English,
                _ => continue,
            };
            if quality > best.1 {
                best = (language, quality);
            }
        }
        best.0
    }
}

/// One element of an `Accept…` header: its value, and its q-value (1 where none is given, 0 where unreadable).
pub(crate) fn weighted(element: &str) -> (&str, f32) {
    let mut parts = element.split(';').map(str::trim);
    let value = parts.next().unwrap_or_default();
    let quality = parts
        .find_map(|p| p.strip_prefix("q=").or_else(|| p.strip_prefix("Q=")))
        .map_or(1.0, |q| q.trim().parse::<f32>().ok().filter(|q| (0.0..=1.0).contains(q)).unwrap_or(0.0));
    (value, quality)
}

/// A text in both languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Text<S = String> {
    /// Chinese; decides.
    pub zh: S,
    /// English.
    pub en: S,
}

impl Text {
    /// A text in both languages.
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { zh: zh.into(), en: en.into() }
    }
}

impl<S: AsRef<str>> Text<S> {
    /// The text in one language.
    pub fn in_language(&self, language: Language) -> &str {
        match language {
            Language::Chinese => self.zh.as_ref(),
            Language::English => self.en.as_ref(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn preferred(accept: &str) -> Language {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_LANGUAGE, accept.parse().unwrap());
        Language::preferred(&headers)
    }

    #[test]
    fn chinese_is_the_default() {
        assert_eq!(Language::preferred(&HeaderMap::new()), Language::Chinese);
        assert_eq!(preferred("fr, de;q=0.5"), Language::Chinese);
        assert_eq!(preferred("*"), Language::Chinese);
    }

    #[test]
    fn the_highest_q_value_wins_and_order_decides_between_equals() {
        assert_eq!(preferred("en-GB"), Language::English);
        assert_eq!(preferred("zh-CN;q=0.7, en;q=0.8"), Language::English);
        assert_eq!(preferred("zh, en"), Language::Chinese);
        assert_eq!(preferred("en, zh"), Language::English);
        assert_eq!(preferred("fr, en;q=0.2"), Language::English);
    }

    #[test]
    fn a_language_refused_with_q_0_or_an_unreadable_q_is_not_taken() {
        assert_eq!(preferred("en;q=0"), Language::Chinese);
        assert_eq!(preferred("en;q=two, zh;q=0.1"), Language::Chinese);
    }
}
