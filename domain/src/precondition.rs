//! What a client saw before it commanded (`If-Match`): the command stands only if that is still so.

use crate::cycle::{file_tag, tag_text};
use crate::ids::{CycleId, SessionId};
use crate::refusal::{EntryRefused, Refusal};
use crate::stream::StreamId;
use crate::uscc::Uscc;
use crate::world::{Stop, World};

/// The version that the addressed resource must still have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Precondition {
    /// The version of a cycle's stream.
    Cycle(CycleId, u64),
    /// The tag of a file, which lives in two streams.
    Enrolment {
        /// The cycle.
        cycle: CycleId,
        /// The organisation, by any of its numbers.
        uscc: Uscc,
        /// The version of the file's own stream.
        enrolment: u64,
        /// The cycle's version at which the file's entry last changed.
        cycle_version: u64,
    },
    /// The version of a session's stream.
    Session(SessionId, u64),
    /// The files that entries of a batch rest on, each with the entry's place.
    Entries(Vec<(usize, Precondition)>),
}

impl Precondition {
    /// Refuses where the resource has changed since; what was checked is held until the append.
    pub fn check(&self, world: &World<'_>) -> Result<(), Stop> {
        let (given, current) = match self {
            Self::Cycle(cycle, seen) => (seen.to_string(), world.version(&StreamId::cycle(cycle))?.to_string()),
            Self::Session(session, seen) => {
                (seen.to_string(), world.version(&StreamId::session(*session))?.to_string())
            }
            Self::Enrolment { cycle, uscc, enrolment, cycle_version } => {
                let current = file_tag(world, cycle, &world.resolve(uscc)?)?;
                (tag_text((*enrolment, *cycle_version)), tag_text(current))
            }
            Self::Entries(entries) => return check_entries(entries, world),
        };
        if given == current { Ok(()) } else { Err(Refusal::StaleVersion { given, current }.into()) }
    }
}

/// Names every entry whose file has changed. What else is wrong with an entry, the command says.
fn check_entries(entries: &[(usize, Precondition)], world: &World<'_>) -> Result<(), Stop> {
    let mut stale = Vec::new();
    for (index, seen) in entries {
        match seen.check(world) {
            Err(missing @ Stop::Missing(_)) => return Err(missing),
            Err(Stop::Refused(refused)) if matches!(*refused.refusal, Refusal::StaleVersion { .. }) => {
                stale.push(EntryRefused { index: *index, refused });
            }
            Ok(()) | Err(Stop::Refused(_)) => {}
        }
    }
    if stale.is_empty() { Ok(()) } else { Err(Refusal::Batch(stale).into()) }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::cycle::testing::{Pool, cycle, organization, uscc};
    use crate::world::Streams;

    fn refuses(pool: &Pool, precondition: &Precondition) -> Option<Refusal> {
        match precondition.check(&World::new(pool)) {
            Ok(()) => None,
            Err(Stop::Refused(refused)) => Some(*refused.refusal),
            Err(Stop::Missing(stream)) => panic!("{stream} is missing"),
        }
    }

    fn stale(given: &str, current: &str) -> Refusal {
        Refusal::StaleVersion { given: given.to_owned(), current: current.to_owned() }
    }

    #[test]
    fn a_cycle_still_has_the_version_that_was_seen() {
        let mut pool = Pool::open();
        assert_eq!(refuses(&pool, &Precondition::Cycle(cycle(), 1)), None);
        pool.applicant(1);
        assert_eq!(refuses(&pool, &Precondition::Cycle(cycle(), 1)), Some(stale("1", "2")));
    }

    #[test]
    fn a_file_is_stale_when_its_own_stream_or_its_entry_changed_but_not_by_another_file() {
        let mut pool = Pool::open();
        pool.applicant(1);
        let seen = |enrolment, cycle_version| Precondition::Enrolment {
            cycle: cycle(),
            uscc: uscc(1),
            enrolment,
            cycle_version,
        };
        assert_eq!(refuses(&pool, &seen(1, 2)), None);
        pool.applicant(2);
        assert_eq!(refuses(&pool, &seen(1, 2)), None, "another file");
        assert_eq!(refuses(&pool, &seen(0, 2)), Some(stale("0.2", "1.2")));
        let nominated = crate::cycle::CycleEvent::OrganizationNominated {
            organization: organization(1),
            recommender: crate::cycle::testing::id("alpha"),
        };
        pool.happen(StreamId::cycle(&cycle()), nominated, "2026-02-01");
        assert_eq!(refuses(&pool, &seen(1, 2)), Some(stale("1.2", "1.4")));
    }

    #[test]
    fn entries_of_a_batch_that_are_stale_are_named_by_their_places_and_a_missing_file_is_left_to_the_command() {
        let mut pool = Pool::open();
        pool.applicant(1);
        pool.applicant(2);
        pool.organization(3).name = Some("无档案的公司".to_owned());
        let seen = |n, enrolment, cycle_version| Precondition::Enrolment {
            cycle: cycle(),
            uscc: uscc(n),
            enrolment,
            cycle_version,
        };
        let fresh = vec![(0, seen(1, 1, 2)), (1, seen(3, 1, 1)), (2, seen(2, 1, 3))];
        assert_eq!(refuses(&pool, &Precondition::Entries(fresh)), None);
        let one_stale = vec![(0, seen(1, 1, 2)), (2, seen(2, 1, 2))];
        let refused = EntryRefused { index: 2, refused: stale("1.2", "1.3").into() };
        assert_eq!(refuses(&pool, &Precondition::Entries(one_stale)), Some(Refusal::Batch(vec![refused])));
    }

    #[test]
    fn what_was_checked_is_held() {
        let session = SessionId::new(Uuid::from_u128(1));
        let mut pool = Pool::open();
        pool.happen(
            StreamId::session(session),
            crate::cycle::CycleEvent::SessionReleased { session_id: session },
            "2026-02-01",
        );
        assert_eq!(pool.find(&StreamId::session(session)).map(|(_, version)| version), Some(1));
        let world = World::new(&pool);
        assert_eq!(Precondition::Session(session, 1).check(&world), Ok(()));
        assert_eq!(world.held(), [(StreamId::session(session), 1)]);
        assert_eq!(refuses(&pool, &Precondition::Session(session, 2)), Some(stale("2", "1")));
    }
}
