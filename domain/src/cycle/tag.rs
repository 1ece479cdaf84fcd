//! The version of a file as others see it: two numbers, because a file lives in two streams.

use crate::ids::{CycleId, OrganizationId};
use crate::refusal::Refusal;
use crate::stream::StreamId;
use crate::world::{Stop, World};

/// The tag of a file: the version of its own stream, and the cycle's version at which its entry last changed.
pub fn file_tag(world: &World<'_>, cycle: &CycleId, organization: &OrganizationId) -> Result<(u64, u64), Stop> {
    let state = world.cycle(cycle)?;
    state.opened()?;
    let changed_at = state.entry(organization)?.changed_at;
    Ok((world.version(&StreamId::enrolment(cycle, organization))?, changed_at))
}

/// The tag as written in an `ETag`, without the quotes: `{enrolment version}.{entry version}`.
#[must_use]
pub fn tag_text(tag: (u64, u64)) -> String {
    format!("{}.{}", tag.0, tag.1)
}

/// Refuses a tag that is not the file's present one; quotes around it are forgiven.
pub(crate) fn hold_tag(
    world: &World<'_>,
    cycle: &CycleId,
    organization: &OrganizationId,
    seen: Option<&str>,
) -> Result<(), Stop> {
    let Some(seen) = seen else { return Ok(()) };
    let given = seen.trim().trim_matches('"');
    let current = tag_text(file_tag(world, cycle, organization)?);
    if given == current {
        return Ok(());
    }
    Err(Refusal::StaleVersion { given: given.to_owned(), current }.into())
}
