//! The opaque cursor: which list, which filters, which order, and the key of the last row.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// The longest cursor that is read, in bytes.
const LENGTH_MAX: usize = 4096;

/// A place in a list. Clients take it as it is; it holds nothing that they could not see in the row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Cursor {
    /// Hash of path, filters and order.
    of: String,
    /// The key of the last row.
    key: Value,
}

/// A text that is no cursor.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct InvalidCursor;

impl Cursor {
    pub(super) fn new(path: &str, filters: &str, sort: &str, key: &impl Serialize) -> Self {
        Self { of: fingerprint(path, filters, sort), key: serde_json::to_value(key).unwrap_or(Value::Null) }
    }

    pub(super) fn belongs_to(&self, path: &str, filters: &str, sort: &str) -> bool {
        self.of == fingerprint(path, filters, sort)
    }

    pub(super) fn into_key(self) -> Value {
        self.key
    }
}

/// Half a SHA-256 is enough to tell lists apart. The parts hold no line feed, so none can pass for another.
fn fingerprint(path: &str, filters: &str, sort: &str) -> String {
    let hash = Sha256::digest(format!("{path}\n{filters}\n{sort}"));
    BASE64_URL_SAFE_NO_PAD.encode(&hash[..16])
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let json = serde_json::to_vec(self).map_err(|_| fmt::Error)?;
        f.write_str(&BASE64_URL_SAFE_NO_PAD.encode(json))
    }
}

impl FromStr for Cursor {
    type Err = InvalidCursor;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() > LENGTH_MAX {
            return Err(InvalidCursor);
        }
        let json = BASE64_URL_SAFE_NO_PAD.decode(text).map_err(|_| InvalidCursor)?;
        serde_json::from_slice(&json).map_err(|_| InvalidCursor)
    }
}
