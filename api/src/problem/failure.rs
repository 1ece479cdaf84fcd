//! Why a use case failed, as a problem document.

use app::AppError;
use store::Outcome;

use super::{Code, FieldProblem, Problem};

/// Seconds after which a retry makes sense while the database is away.
const AWAY: u32 = 2;
/// Seconds after which a retry makes sense while something else has to finish first.
const SOON: u32 = 1;

impl From<AppError> for Problem {
    fn from(error: AppError) -> Self {
        match error {
            AppError::Refused(refused) => refused.into(),
            AppError::KeyInFlight => Self::of(Code::IdempotencyInFlight).retry_after(SOON),
            AppError::KeyReused => Self::of(Code::IdempotencyKeyReused),
            AppError::Erased => Self::of(Code::Erased),
            AppError::PersonalData { pointer } => Self::fields(vec![FieldProblem::personal_data(pointer)]),
            AppError::StoreUnavailable(outcome) => {
                let outcome = match outcome {
                    Outcome::None => "none",
                    Outcome::Unknown => "unknown",
                };
                Self::of(Code::StoreUnavailable).with("outcome", outcome).retry_after(AWAY)
            }
            AppError::ReadModelBehind(position) => {
                Self::of(Code::ReadModelBehind).with("position", position).retry_after(SOON)
            }
            AppError::PositionUnknown { given, head } => {
                Self::of(Code::PositionUnknown).with("actual", given).with("limit", head)
            }
            AppError::ShuttingDown => Self::of(Code::ShuttingDown).retry_after(AWAY),
            AppError::Internal => Self::of(Code::Internal),
        }
    }
}

impl From<store::StoreError> for Problem {
    fn from(error: store::StoreError) -> Self {
        AppError::from(error).into()
    }
}
