//! The two clocks of a question: `as_of` by the day things happened on, `known_at` by what was recorded (E11).

use app::{KnownAt, Moment};
use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::problem::Problem;

/// `as_of` and `known_at`; either, both or none.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct MomentParams {
    /// Only what had happened by this day, as known now.
    #[serde(default)]
    #[param(example = "2026-06-30")]
    pub as_of: Option<NaiveDate>,
    /// Only what had been recorded by this position or RFC 3339 instant.
    #[serde(default)]
    #[param(example = "120")]
    pub known_at: Option<String>,
}

impl MomentParams {
    /// The moment, if it can be read.
    pub fn moment(&self) -> Result<Moment, Problem> {
        let known_at = self.known_at.as_deref().map(known_at).transpose()?;
        Ok(Moment { as_of: self.as_of, known_at })
    }
}

fn known_at(text: &str) -> Result<KnownAt, Problem> {
    if let Some(position) = text.parse().ok().filter(|_| text.bytes().all(|b| b.is_ascii_digit())) {
        return Ok(KnownAt::Position(position));
    }
    // A plus sign in a query is read as a blank.
    let instant: Result<DateTime<Utc>, _> = text.replace(' ', "+").parse();
    instant.map(KnownAt::Instant).map_err(|_| {
        Problem::invalid_parameter(
            "known_at",
            "须为位置（整数）或 RFC 3339 时刻。",
            "a position or an RFC 3339 instant.",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_or_an_instant_is_read() {
        let at = |text: &str| MomentParams { as_of: None, known_at: Some(text.to_owned()) }.moment();
        assert_eq!(at("12").unwrap().known_at, Some(KnownAt::Position(12)));
        let instant = "2026-05-01T08:00:00Z".parse().unwrap();
        assert_eq!(at("2026-05-01T16:00:00 08:00").unwrap().known_at, Some(KnownAt::Instant(instant)));
        assert!(at("yesterday").is_err());
        assert!(at("-1").is_err());
    }
}
