//! How many stand how, and members per class: counted from the roster itself.

use std::collections::BTreeMap;

use domain::cycle::Counts;
use domain::ids::CycleId;
use serde::Serialize;
use store::sql::Sql;
use store::{Db, StoreError};
use utoipa::ToSchema;

use crate::roster::Standing;

/// The files of a cycle, counted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Census {
    /// Applicants.
    pub applicants: u32,
    /// Members.
    pub members: u32,
    /// Former ones.
    pub former: u32,
    /// Members per class; an answer lists every class of the rulebook.
    #[schema(value_type = BTreeMap<String, u32>)]
    pub classes: Counts,
}

const SELECT_COUNTS: &str =
    "SELECT cycle || '/' || standing || '/' || COALESCE(class, ''), count(*) FROM roster WHERE ";
const GROUPED: &str = " GROUP BY cycle, standing, class";

/// The census of one cycle.
pub async fn census(db: &Db, cycle: &CycleId) -> Result<Census, StoreError> {
    let mut all = censuses(db, std::slice::from_ref(cycle)).await?;
    Ok(all.remove(cycle).unwrap_or_default())
}

/// The census of each of these cycles that has a file.
pub async fn censuses(db: &Db, cycles: &[CycleId]) -> Result<BTreeMap<CycleId, Census>, StoreError> {
    let mut sql = Sql::new(SELECT_COUNTS);
    sql.is_in("cycle", cycles.iter().map(ToString::to_string)).push(GROUPED);
    Ok(tally(sql.counts(db).await?))
}

/// Adds up groups named `{cycle}/{standing}/{class}`; ids hold no slash.
fn tally(groups: Vec<(String, i64)>) -> BTreeMap<CycleId, Census> {
    let mut censuses: BTreeMap<CycleId, Census> = BTreeMap::new();
    for (group, files) in groups {
        let mut parts = group.splitn(3, '/');
        let (Some(cycle), Some(standing), Some(class)) = (parts.next(), parts.next(), parts.next()) else { continue };
        let Ok(cycle) = cycle.parse() else { continue };
        let files = u32::try_from(files).unwrap_or(u32::MAX);
        let census = censuses.entry(cycle).or_default();
        if standing == Standing::Applicant.name() {
            census.applicants += files;
        } else if standing == Standing::Member.name() {
            census.members += files;
            if let Ok(class) = class.parse() {
                *census.classes.entry(class).or_default() += files;
            }
        } else {
            census.former += files;
        }
    }
    censuses
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_members_count_in_their_class() {
        let groups = [
            ("x-1/member/C", 2),
            ("x-1/member/", 1),
            ("x-1/former/C", 4),
            ("x-1/former/", 1),
            ("x-1/applicant/", 3),
            ("x-2/member/D", 5),
        ];
        let censuses = tally(groups.map(|(group, files)| (group.to_owned(), files)).to_vec());
        let expected = Census { applicants: 3, members: 3, former: 5, classes: [("C".parse().unwrap(), 2)].into() };
        assert_eq!(censuses[&"x-1".parse().unwrap()], expected);
        assert_eq!(censuses[&"x-2".parse().unwrap()].members, 5);
    }
}
