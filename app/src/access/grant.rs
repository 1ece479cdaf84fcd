//! What an account may act as: a role, for a unit, in a program.

use std::fmt;
use std::str::FromStr;

use domain::ids::ProgramId;
use domain::{Actor, Role as Acts};
use store::access::GrantRow;

/// A role. Six of them act and stand in events; three see or look after the system, and never command.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, strum::Display, strum::EnumString, strum::EnumIter,
)]
#[strum(serialize_all = "snake_case")]
pub enum Role {
    /// 市创奖办; its unit is the program.
    Office,
    /// A district's 质量发展委员会办公室; its unit is the district.
    District,
    /// 推荐单位; its unit is the recommender.
    Recommender,
    /// “一站式”服务站; its unit is the station.
    Station,
    /// An organisation; its unit is a USCC of it.
    Organization,
    /// An expert; its unit is the expert.
    Expert,
    /// Reads all, changes nothing; its unit is the program, or `all`.
    Auditor,
    /// Another system that reads; its unit is the program, or `all`.
    Integration,
    /// Looks after accounts, decides nothing; its unit is `all`.
    Administrator,
}

/// The word for any program.
pub const ALL: &str = "all";

/// Something that an account may act as.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Grant {
    /// The role.
    pub role: Role,
    /// The program that it is held in; none for any.
    pub program: Option<ProgramId>,
    /// The unit that it is held for.
    pub unit: String,
}

/// Why a grant cannot be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidGrant {
    /// No such role.
    #[error("no such role")]
    Role,
    /// A program is needed, or is no program's id.
    #[error("this role is held in one program, which must be named")]
    Program,
    /// The unit is not one that the role can be held for.
    #[error("this role cannot be held for that unit")]
    Unit,
}

impl Grant {
    /// A grant, checked: roles of a register are held in one program, an organisation's in any.
    ///
    /// # Errors
    /// What does not fit.
    pub fn checked(role: Role, program: Option<ProgramId>, unit: &str) -> Result<Self, InvalidGrant> {
        let whole = program.as_ref().map_or(ALL, ProgramId::as_str);
        let (needs_program, fits) = match role {
            Role::Office => (true, unit == whole),
            Role::District | Role::Recommender | Role::Station | Role::Expert => (true, plain(unit)),
            Role::Organization => (false, program.is_none() && unit.parse::<domain::Uscc>().is_ok()),
            Role::Auditor | Role::Integration => (false, unit == whole),
            Role::Administrator => (false, program.is_none() && unit == ALL),
        };
        if needs_program && program.is_none() {
            return Err(InvalidGrant::Program);
        }
        if !fits {
            return Err(InvalidGrant::Unit);
        }
        Ok(Self { role, program, unit: unit.to_owned() })
    }

    /// A grant as the database keeps it; none if a later version of the program wrote it.
    #[must_use]
    pub fn kept(row: &GrantRow) -> Option<Self> {
        let program = if row.program == ALL { None } else { Some(row.program.parse().ok()?) };
        Some(Self { role: row.role.parse().ok()?, program, unit: row.unit.clone() })
    }

    /// As the database keeps it.
    #[must_use]
    pub fn row(&self) -> GrantRow {
        let program = self.program.as_ref().map_or(ALL, ProgramId::as_str).to_owned();
        GrantRow { role: self.role.to_string(), program, unit: self.unit.clone() }
    }

    /// Who commands under it; none where it commands nothing.
    #[must_use]
    pub fn actor(&self, login: &str) -> Option<Actor> {
        let role = match self.role {
            Role::Office => Acts::Office,
            Role::District => Acts::District,
            Role::Recommender => Acts::Recommender,
            Role::Station => Acts::Station,
            Role::Organization => Acts::Organization,
            Role::Expert => Acts::Expert,
            Role::Auditor | Role::Integration | Role::Administrator => return None,
        };
        Some(Actor { role, unit: self.unit.clone(), person: login.to_owned() })
    }

    /// How the header `Hatchery-Actor` names it.
    #[must_use]
    pub fn office(&self) -> Office {
        Office { role: self.role, unit: self.unit.clone() }
    }
}

/// What a request wants to act as: `role/unit`, and the person, who must be the one signed in.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Office {
    /// The role.
    pub role: Role,
    /// The unit.
    pub unit: String,
}

/// What the header `Hatchery-Actor` says: `role/unit/person`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// What the request wants to act as.
    pub office: Office,
    /// The login.
    pub person: String,
}

/// A text that is not `role/unit/person`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an actor is written role/unit/person")]
pub struct InvalidClaim;

impl FromStr for Claim {
    type Err = InvalidClaim;

    fn from_str(text: &str) -> Result<Self, InvalidClaim> {
        let mut parts = text.splitn(3, '/');
        let (Some(role), Some(unit), Some(person)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(InvalidClaim);
        };
        if !plain(unit) || !plain(person) {
            return Err(InvalidClaim);
        }
        let role = role.parse().map_err(|_| InvalidClaim)?;
        Ok(Self { office: Office { role, unit: unit.to_owned() }, person: person.to_owned() })
    }
}

impl fmt::Display for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.office.role, self.office.unit, self.person)
    }
}

/// Whether a text may stand in events as a unit or person: 1 to 64 characters of letters, digits and `-_.@`.
#[must_use]
pub fn plain(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.@".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn program() -> ProgramId {
        "wuhu-incubation".parse().unwrap()
    }

    #[test]
    fn a_role_is_held_for_units_of_its_kind_only() {
        assert!(Grant::checked(Role::Office, Some(program()), "wuhu-incubation").is_ok());
        assert_eq!(Grant::checked(Role::Office, Some(program()), "elsewhere"), Err(InvalidGrant::Unit));
        assert_eq!(Grant::checked(Role::District, None, "jinghu"), Err(InvalidGrant::Program));
        assert!(Grant::checked(Role::Organization, None, "91350100M000100Y43").is_ok());
        assert_eq!(Grant::checked(Role::Organization, None, "91350100M000100Y44"), Err(InvalidGrant::Unit));
        assert!(Grant::checked(Role::Auditor, None, ALL).is_ok());
        assert_eq!(Grant::checked(Role::Administrator, Some(program()), ALL), Err(InvalidGrant::Unit));
    }

    #[test]
    fn a_grant_comes_back_from_the_database_as_it_was() {
        for grant in [
            Grant::checked(Role::Station, Some(program()), "jinghu-1").unwrap(),
            Grant::checked(Role::Integration, None, ALL).unwrap(),
        ] {
            assert_eq!(Grant::kept(&grant.row()), Some(grant));
        }
    }

    #[test]
    fn only_who_acts_has_an_actor() {
        let station = Grant::checked(Role::Station, Some(program()), "jinghu-1").unwrap();
        assert_eq!(station.actor("li").map(|a| a.to_string()), Some("station/jinghu-1/li".to_owned()));
        assert_eq!(Grant::checked(Role::Auditor, None, ALL).unwrap().actor("li"), None);
    }
}
