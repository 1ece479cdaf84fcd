//! A batch of one meeting: all entries or none, and every entry that fails is named.

use std::collections::BTreeSet;

use crate::cycle::tag::hold_tag;
use crate::cycle::{Cycle, Entry, Opened};
use crate::ids::OrganizationId;
use crate::refusal::{EntryRefused, Refusal};
use crate::uscc::Uscc;
use crate::world::{Stop, World};

/// What every entry of a batch names.
pub(super) trait BatchEntry {
    /// The organisation.
    fn uscc(&self) -> &Uscc;
    /// The tag of the file that the decision rests on, if the client gave it.
    fn seen(&self) -> Option<&str>;
}

/// Decides every entry on its own; refusals of entries are collected, with pointers relative to the entry.
pub(super) fn decide_each<E: BatchEntry, T>(
    entries: &[E],
    (cycle, opened): (&Cycle, &Opened),
    world: &World<'_>,
    decide: impl Fn(&E, &OrganizationId, &Entry) -> Result<T, Stop>,
) -> Result<Vec<T>, Stop> {
    let limit = opened.rulebook.batch_limit;
    if entries.is_empty() || entries.len() > limit {
        return Err(Refusal::BatchSize { limit, actual: entries.len() }.into());
    }
    let mut named = BTreeSet::new();
    let mut decided = Vec::with_capacity(entries.len());
    let mut refused = Vec::new();
    for (index, entry) in entries.iter().enumerate() {
        let organization = world.resolve(entry.uscc())?;
        let answer = if named.insert(organization.clone()) {
            known(cycle, &organization, entry.uscc()).map_err(Stop::from).and_then(|known| {
                hold_tag(world, &opened.cycle, &organization, entry.seen())?;
                decide(entry, &organization, known)
            })
        } else {
            Err(Refusal::DuplicateInBatch { organization: entry.uscc().clone() }.into())
        };
        match answer {
            Ok(one) => decided.push(one),
            Err(Stop::Refused(why)) => refused.push(EntryRefused { index, refused: why }),
            Err(missing @ Stop::Missing(_)) => return Err(missing),
        }
    }
    if refused.is_empty() { Ok(decided) } else { Err(Refusal::Batch(refused).into()) }
}

/// The organisation's entry: one that has no file here is a wrong reference in the body, not a wrong address.
fn known<'c>(cycle: &'c Cycle, organization: &OrganizationId, uscc: &Uscc) -> Result<&'c Entry, Refusal> {
    cycle.entries.get(organization).ok_or_else(|| Refusal::UnknownReference {
        pointer: "/uscc".to_owned(),
        kind: "enrolment",
        id: uscc.to_string(),
    })
}
