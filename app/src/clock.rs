//! The clock: the system's, or one that a script sets.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};

/// Where instants come from. Cheap to clone; clones of a scripted clock move together.
#[derive(Debug, Clone, Default)]
pub enum Clock {
    /// The system's.
    #[default]
    System,
    /// Set by a script, for demo data and tests.
    Scripted(Arc<Mutex<DateTime<Utc>>>),
}

impl Clock {
    /// A clock that stands at `instant` until it is set.
    #[must_use]
    pub fn scripted(instant: DateTime<Utc>) -> Self {
        Self::Scripted(Arc::new(Mutex::new(instant)))
    }

    /// Now.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        match self {
            Self::System => Utc::now(),
            // An instant is whole whatever happened to the thread that set it.
            Self::Scripted(instant) => *instant.lock().unwrap_or_else(PoisonError::into_inner),
        }
    }

    /// Sets a scripted clock; the system's takes no orders.
    pub fn set(&self, to: DateTime<Utc>) {
        if let Self::Scripted(instant) = self {
            *instant.lock().unwrap_or_else(PoisonError::into_inner) = to;
        }
    }
}
