//! A form as it was sent: read within bounds, its token looked at before anything is done with it.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse as _;

use super::{RESTORE, TOKEN, VERSION};
use crate::failure::Failure;
use crate::visitor::{User, Visitor};

/// Fields that are never kept for later.
const SECRET: &str = "password";

/// What was typed, in the order of the form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Fields(Vec<(String, String)>);

impl Fields {
    #[cfg(test)]
    pub(crate) fn of<const N: usize>(fields: [(&str, &str); N]) -> Self {
        Self(fields.map(|(name, value)| (name.to_owned(), value.to_owned())).into())
    }

    /// What was typed into a field.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// The same without blanks around it; none where nothing is left.
    pub(crate) fn filled(&self, name: &str) -> Option<&str> {
        self.get(name).map(str::trim).filter(|value| !value.is_empty())
    }

    /// The text of a field, as it was typed but for the blanks around it.
    pub(crate) fn text(&self, name: &str) -> String {
        self.filled(name).unwrap_or_default().to_owned()
    }

    /// The version that the form was made for.
    pub(crate) fn version(&self) -> Option<&str> {
        self.filled(VERSION)
    }

    /// What may be kept until somebody has signed in again: no password, no token.
    pub(crate) fn to_keep(&self) -> impl Iterator<Item = (&str, &str)> {
        let may = |name: &str| !name.contains(SECRET) && name != TOKEN && name != RESTORE;
        self.0.iter().filter(move |(name, _)| may(name)).map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// A file that came with a form.
#[derive(Debug, Clone)]
pub(crate) struct Upload {
    pub(crate) file_name: String,
    pub(crate) content: Bytes,
}

/// What was sent, by whom it may be, its token found right.
#[derive(Debug)]
pub(crate) struct Posted {
    pub(crate) fields: Fields,
    pub(crate) file: Option<Upload>,
}

impl Posted {
    /// Whether what was typed is only to be shown again.
    pub(crate) fn is_restored(&self) -> bool {
        self.fields.get(RESTORE).is_some()
    }
}

impl<S: Send + Sync> FromRequest<S> for Posted {
    type Rejection = Failure;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Failure> {
        let visitor: Arc<Visitor> =
            request.extensions().get().cloned().ok_or_else(|| Failure::internal("a request without its visitor"))?;
        // A browser that says that another site sends the form is believed.
        if request.headers().get("sec-fetch-site").is_some_and(|site| site != "same-origin" && site != "none") {
            return Err(Failure::Unreadable(StatusCode::FORBIDDEN));
        }
        let posted = read(request).await?;
        if visitor.holds(posted.fields.get(TOKEN).unwrap_or_default()) {
            Ok(posted)
        } else if visitor.has_cookie() {
            Err(Failure::FormExpired(posted.fields))
        } else {
            Err(Failure::SignedOutInForm(posted.fields))
        }
    }
}

/// What somebody sent who is signed in. Who no longer is finds what he typed again, once he has signed in.
#[derive(Debug)]
pub(crate) struct Submission {
    pub(crate) user: User,
    pub(crate) fields: Fields,
    pub(crate) file: Option<Upload>,
    pub(crate) restored: bool,
}

impl<S: Send + Sync> FromRequest<S> for Submission {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        let visitor: Option<Arc<Visitor>> = request.extensions().get().cloned();
        let visitor = visitor.ok_or_else(|| Failure::internal("a request without its visitor"))?;
        let posted = Posted::from_request(request, state).await?;
        let restored = posted.is_restored();
        let Posted { fields, file } = posted;
        match User::of(visitor).await {
            Ok(user) => Ok(Self { user, fields, file, restored }),
            Err(failure) if failure.status() == StatusCode::UNAUTHORIZED => Err(Failure::SignedOutInForm(fields)),
            Err(failure) => Err(failure),
        }
    }
}

async fn read(request: Request) -> Result<Posted, Failure> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if kind.starts_with("multipart/form-data") {
        return read_parts(request).await;
    }
    if !kind.starts_with("application/x-www-form-urlencoded") {
        return Err(Failure::Unreadable(StatusCode::UNSUPPORTED_MEDIA_TYPE));
    }
    let body = Bytes::from_request(request, &()).await;
    let body = body.map_err(|refused| Failure::Unreadable(refused.into_response().status()))?;
    let fields = form_urlencoded::parse(&body).into_owned().collect();
    Ok(Posted { fields: Fields(fields), file: None })
}

async fn read_parts(request: Request) -> Result<Posted, Failure> {
    let form = Multipart::from_request(request, &()).await;
    let mut form = form.map_err(|refused| Failure::Unreadable(refused.into_response().status()))?;
    let (mut fields, mut file) = (Vec::new(), None);
    while let Some(part) = form.next_field().await.map_err(|error| Failure::Unreadable(error.status()))? {
        let name = part.name().unwrap_or_default().to_owned();
        let file_name = part.file_name().map(ToOwned::to_owned);
        let content = part.bytes().await.map_err(|error| Failure::Unreadable(error.status()))?;
        match file_name {
            // A browser sends a file that was not chosen as an empty one.
            Some(file_name) if !content.is_empty() => file = Some(Upload { file_name, content }),
            Some(_) => {}
            None => fields.push((name, String::from_utf8_lossy(&content).into_owned())),
        }
    }
    Ok(Posted { fields: Fields(fields), file })
}
