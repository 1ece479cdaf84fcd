//! Which records are of the same person: everybody gives their data again in every form.
//!
//! An expert is one person under all records that it ever had. Otherwise two records are of one person if they have
//! the same name, and the same phone or mail address, or files or honours of the same organisation name both.

use std::collections::{BTreeMap, BTreeSet};

use domain::event::Event;
use domain::ids::{ExpertId, OrganizationId, PersonId};
use domain::register::{Details, EntryId, RegisterEvent};
use domain::{RecordedEvent, StreamId, StreamKind};
use store::persons::{self, Person};
use store::{Store, StoreError};

/// All records of the person whose record this is, itself included.
pub(super) async fn records(store: &Store, person: &Person) -> Result<Vec<PersonId>, StoreError> {
    let mut same = as_expert(store, person.person_id).await?;
    same.insert(person.person_id);
    let Some(name) = &person.name else { return Ok(same.into_iter().collect()) };
    let mut namesakes = persons::named(store.db(), name).await?;
    namesakes.retain(|other| !same.contains(&other.person_id));
    let (reached_alike, others): (Vec<_>, Vec<_>) = namesakes.iter().partition(|other| {
        alike(person.phone.as_ref(), other.phone.as_ref()) || alike(person.email.as_ref(), other.email.as_ref())
    });
    same.extend(reached_alike.iter().map(|other| other.person_id));
    if !others.is_empty() {
        let ids: Vec<PersonId> = others.iter().map(|other| other.person_id).chain(same.iter().copied()).collect();
        let of = organizations(store, &ids).await?;
        let own: BTreeSet<_> = same.iter().filter_map(|id| of.get(id)).flatten().cloned().collect();
        let of_one = |id: &PersonId| of.get(id).is_some_and(|theirs| !own.is_disjoint(theirs));
        same.extend(others.iter().map(|other| other.person_id).filter(of_one));
    }
    Ok(same.into_iter().collect())
}

fn alike(one: Option<&String>, other: Option<&String>) -> bool {
    one.is_some() && one == other
}

/// The organisations whose files or honours name each of these people.
async fn organizations(
    store: &Store,
    ids: &[PersonId],
) -> Result<BTreeMap<PersonId, BTreeSet<OrganizationId>>, StoreError> {
    let kinds = [StreamKind::Enrolment, StreamKind::Organization];
    let mut found: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for (person, stream) in persons::streams_naming(store.db(), ids, &kinds).await? {
        let organization = stream.as_enrolment().map(|(_, of)| of).or_else(|| stream.as_organization());
        found.entry(person).or_default().extend(organization);
    }
    Ok(found)
}

/// All records that the expert ever had whose record this is; none if it is no expert's.
async fn as_expert(store: &Store, person: PersonId) -> Result<BTreeSet<PersonId>, StoreError> {
    let mut same = BTreeSet::new();
    for (_, register) in persons::streams_naming(store.db(), &[person], &[StreamKind::Register]).await? {
        let records = of_experts(store, &register).await?;
        same.extend(records.into_values().filter(|records| records.contains(&person)).flatten());
    }
    Ok(same)
}

async fn of_experts(store: &Store, register: &StreamId) -> Result<BTreeMap<ExpertId, BTreeSet<PersonId>>, StoreError> {
    let mut records: BTreeMap<ExpertId, BTreeSet<PersonId>> = BTreeMap::new();
    for RecordedEvent { event, .. } in store.feed().stream(register, 0).await? {
        let Event::Register(event) = event else { continue };
        if let RegisterEvent::Registered {
            entry: EntryId::Expert(expert),
            details: Details::Expert { person, .. },
            ..
        }
        | RegisterEvent::ExpertChanged { entry: expert, person, .. } = event
        {
            records.entry(expert).or_default().insert(person);
        }
    }
    Ok(records)
}
