//! Who acts: a role, the unit that the role is held for, and the person.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::ids::{DistrictId, ProgramId, RecommenderId, StationId};
use crate::refusal::{Refusal, Refused};
use crate::uscc::Uscc;

/// What an actor acts as.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumString,
    strum::EnumIter,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Role {
    /// 市创奖办; its unit is the program.
    Office,
    /// A district's 质量发展委员会办公室; its unit is the district.
    District,
    /// 推荐单位; its unit is the recommender's id in the register.
    Recommender,
    /// “一站式”服务站; its unit is the station's id in the register.
    Station,
    /// An organisation; its unit is a USCC of it.
    Organization,
    /// An expert; its unit is the expert's id in the register.
    Expert,
}

/// The one who gave a command. Recorded with every event.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Actor {
    /// What the actor acts as.
    pub role: Role,
    /// The unit that the role is held for.
    pub unit: String,
    /// The account of the person, never a name.
    pub person: String,
}

/// A text that is not `role/unit/person`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "an actor is written role/unit/person, with role one of office, district, recommender, station, organization, expert"
)]
pub struct InvalidActor;

impl FromStr for Actor {
    type Err = InvalidActor;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = text.splitn(3, '/');
        let (Some(role), Some(unit), Some(person)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(InvalidActor);
        };
        let plain = |part: &str| {
            !part.is_empty()
                && part.len() <= 64
                && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.@".contains(&b))
        };
        if !plain(unit) || !plain(person) {
            return Err(InvalidActor);
        }
        Ok(Self { role: role.parse().map_err(|_| InvalidActor)?, unit: unit.to_owned(), person: person.to_owned() })
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.role, self.unit, self.person)
    }
}

impl Actor {
    /// Whether this is the award office of `program`.
    #[must_use]
    pub fn is_office(&self, program: &ProgramId) -> bool {
        self.role == Role::Office && self.unit == program.as_str()
    }

    /// Whether this is the office of `district`.
    #[must_use]
    pub fn is_district(&self, district: &DistrictId) -> bool {
        self.role == Role::District && self.unit == district.as_str()
    }

    /// Whether this is `station`.
    #[must_use]
    pub fn is_station(&self, station: &StationId) -> bool {
        self.role == Role::Station && self.unit == station.as_str()
    }

    /// Whether this is `recommender`.
    #[must_use]
    pub fn is_recommender(&self, recommender: &RecommenderId) -> bool {
        self.role == Role::Recommender && self.unit == recommender.as_str()
    }

    /// Whether this is the organisation that holds one of `numbers`.
    pub fn is_organization<'a>(&self, mut numbers: impl Iterator<Item = &'a Uscc>) -> bool {
        self.role == Role::Organization && numbers.any(|n| self.unit.eq_ignore_ascii_case(n.as_str()))
    }

    /// Accepts if `allowed`, else refuses as *known, but not allowed*.
    pub fn permit(&self, allowed: bool) -> Result<(), Refused> {
        if allowed { Ok(()) } else { Err(Refusal::NotPermitted { role: self.role }.into()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_actor_is_read_and_written_alike() {
        let text = "station/jinghu-1/li";
        assert_eq!(text.parse::<Actor>().map(|a| a.to_string()), Ok(text.to_owned()));
    }

    #[test]
    fn an_unknown_role_or_a_missing_part_is_refused() {
        for text in ["king/a/b", "office/wuhu", "office//b", "", "station/a/b c"] {
            assert_eq!(text.parse::<Actor>(), Err(InvalidActor), "{text}");
        }
    }
}
