//! Queries of pages, and of what they ask: pairs in order, repeated names allowed.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use crate::failure::Failure;

/// A query.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Query(Vec<(String, String)>);

impl Query {
    /// The first value of a name; none where it is empty.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// All values of a name that are not empty.
    pub(crate) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(found, value)| found == name && !value.is_empty()).map(|(_, value)| value.as_str())
    }

    /// Without a name.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.0.retain(|(found, _)| found != name);
        self
    }

    /// With one value of a name, in place of others.
    pub(crate) fn with(self, name: &str, value: impl Into<String>) -> Self {
        let mut query = self.without(name);
        query.0.push((name.to_owned(), value.into()));
        query
    }

    /// With one more value of a name.
    pub(crate) fn and(mut self, name: &str, value: impl Into<String>) -> Self {
        self.0.push((name.to_owned(), value.into()));
        self
    }

    /// Only these names, without empty values: what a page passes on is what it knows.
    pub(crate) fn only(mut self, names: &[&str]) -> Self {
        self.0.retain(|(found, value)| names.contains(&found.as_str()) && !value.trim().is_empty());
        self
    }

    /// After a path: `path?a=b`; the path alone where nothing is asked.
    pub(crate) fn after(&self, path: &str) -> String {
        if self.0.is_empty() {
            return path.to_owned();
        }
        let pairs = form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.0).finish();
        format!("{path}?{pairs}")
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Query {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Failure> {
        let query = parts.uri.query().unwrap_or_default();
        Ok(Self(form_urlencoded::parse(query.as_bytes()).into_owned().collect()))
    }
}

/// A part of a path, with everything encoded that is not plain.
pub(crate) fn segment(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}

/// A path of our own to go on to; the desk where a text is none.
pub(crate) fn local(text: Option<&str>) -> &str {
    let own = |text: &&str| text.starts_with('/') && !text.starts_with("//") && !text.contains(['\\', '\r', '\n']);
    text.filter(own).unwrap_or("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_changed_and_written() {
        let query = Query(vec![("a".into(), "1".into()), ("b".into(), "张 三".into()), ("a".into(), "2".into())]);
        assert_eq!(query.all("a").collect::<Vec<_>>(), ["1", "2"]);
        assert_eq!(query.clone().with("a", "3").after("/x"), "/x?b=%E5%BC%A0+%E4%B8%89&a=3");
        assert_eq!(query.without("a").only(&["c"]).after("/x"), "/x");
    }

    #[test]
    fn one_goes_on_to_paths_of_our_own_only() {
        assert_eq!(local(Some("/cycles?a=b")), "/cycles?a=b");
        for foreign in [None, Some("https://elsewhere"), Some("//elsewhere"), Some("/\\elsewhere"), Some("x")] {
            assert_eq!(local(foreign), "/");
        }
    }

    #[test]
    fn a_segment_is_encoded() {
        assert_eq!(segment("a b/张"), "a%20b%2F%E5%BC%A0");
    }
}
