//! Why a use case was not carried out.

use domain::Refused;
use store::{ExecuteError, Outcome, StoreError};

/// Why a use case was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// A rule or form refuses it.
    #[error("{0}")]
    Refused(#[from] Refused),
    /// The same idempotency key is being worked on.
    #[error("the same idempotency key is being worked on")]
    KeyInFlight,
    /// The idempotency key was used with another payload.
    #[error("the idempotency key was used with another payload")]
    KeyReused,
    /// It concerns a person whose data was erased.
    #[error("the data of the person was erased")]
    Erased,
    /// A text that stays names a person.
    #[error("{pointer} holds personal data")]
    PersonalData {
        /// JSON pointer to the text.
        pointer: &'static str,
    },
    /// The database is away.
    #[error("the store is not available")]
    StoreUnavailable(Outcome),
    /// Read models did not come to the position in time.
    #[error("read models have not come to position {0} in time")]
    ReadModelBehind(u64),
    /// A position beyond the log: it is of another database.
    #[error("position {given} is beyond the log, which ends at {head}")]
    PositionUnknown {
        /// What was asked for.
        given: u64,
        /// The last position.
        head: u64,
    },
    /// The node is shutting down.
    #[error("shutting down")]
    ShuttingDown,
    /// Something that should not happen; details are in the log.
    #[error("internal error")]
    Internal,
}

impl From<ExecuteError> for AppError {
    fn from(error: ExecuteError) -> Self {
        match error {
            ExecuteError::Refused(refused) => Self::Refused(refused),
            ExecuteError::InFlight => Self::KeyInFlight,
            ExecuteError::KeyReused => Self::KeyReused,
            ExecuteError::Erased => Self::Erased,
            ExecuteError::Unavailable(outcome) => Self::StoreUnavailable(outcome),
            ExecuteError::ShuttingDown => Self::ShuttingDown,
            ExecuteError::Internal => Self::Internal,
        }
    }
}

impl From<StoreError> for AppError {
    fn from(error: StoreError) -> Self {
        if error.is_away() {
            tracing::warn!(%error, "the database does not answer");
            Self::StoreUnavailable(Outcome::None)
        } else {
            tracing::error!(%error, "the store failed");
            Self::Internal
        }
    }
}
