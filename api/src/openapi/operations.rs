//! The operations of the document, and what layers know of the one that a request asks for.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{MatchedPath, Request};
use axum::http::Method;
use utoipa::openapi::OpenApi;
use utoipa::openapi::path::Operation;

/// Every operation with its path and method.
pub(super) fn operations(document: &OpenApi) -> impl Iterator<Item = (&str, Method, &Operation)> {
    document.paths.paths.iter().flat_map(|(path, item)| {
        let both = [(Method::GET, item.get.as_ref()), (Method::POST, item.post.as_ref())].into_iter();
        both.filter_map(|(method, operation)| Some((path.as_str(), method, operation?)))
    })
}

/// Every operation with its path and method, for other layers.
pub(crate) fn all(document: &OpenApi) -> impl Iterator<Item = (&str, Method, &Operation)> {
    operations(document)
}

/// Something that the document says of each operation. Cheap to clone.
#[derive(Debug)]
pub(crate) struct PerOperation<T>(Arc<HashMap<(String, Method), T>>);

// Derived, it would ask the same of `T`.
impl<T> Clone for PerOperation<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> PerOperation<T> {
    /// What `read` finds in each operation.
    pub(crate) fn of(document: &OpenApi, read: impl Fn(&Operation) -> T) -> Self {
        let all = operations(document);
        Self(Arc::new(all.map(|(path, method, operation)| ((path.to_owned(), method), read(operation))).collect()))
    }

    /// That of every operation, in no order.
    pub(crate) fn values(&self) -> impl Iterator<Item = &T> {
        self.0.values()
    }

    /// That of the operation that a request asks for; none beside the document.
    pub(crate) fn find(&self, request: &Request) -> Option<&T> {
        let path = request.extensions().get::<MatchedPath>()?.as_str().to_owned();
        let method = if request.method() == Method::HEAD { Method::GET } else { request.method().clone() };
        self.0.get(&(path, method))
    }
}
