//! How an organisation stands in the cycle, as rows and filters show it.

use domain::cycle;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How an organisation stands in the cycle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// 申请组织: from the application until admission.
    Applicant,
    /// 孵化组织: admitted and not ended. The pool is the members.
    Member,
    /// No longer live.
    Former,
}

impl Standing {
    /// The standing that the domain's finer one belongs to.
    #[must_use]
    pub const fn of(standing: &cycle::Standing) -> Self {
        match standing {
            cycle::Standing::Applied | cycle::Standing::Nominated => Self::Applicant,
            cycle::Standing::Member => Self::Member,
            cycle::Standing::Former(_) => Self::Former,
        }
    }

    /// The name in columns and answers.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Applicant => "applicant",
            Self::Member => "member",
            Self::Former => "former",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::cycle::Outcome;

    #[test]
    fn standings_have_the_names_of_the_domain() {
        use cycle::Standing::{Applied, Former, Member, Nominated};
        for standing in [Applied, Nominated, Member, Former(Outcome::Removed)] {
            assert_eq!(Standing::of(&standing).name(), standing.name());
        }
    }
}
