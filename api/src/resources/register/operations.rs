//! The operations, for an entry of any kind.

use domain::ids::ProgramId;
use domain::register::{AddEntry, ChangeEntry, CloseEntry, EntryChange, EntryId, MergeEntries, RegisterCommand};
use domain::{Command, FieldCode, Refusal};
use projections::register::{self, EntryKind, RegisterSort};
use store::Db;
use store::persons::Person;

use super::bodies::{Changing, CloseEntryBody, MergeEntryBody, Registration};
use super::entry::{RegisterEntry, entry_id, shown};
use super::filters::Wanted;
use crate::answer::{Answered, Found};
use crate::headers::{Commanding, Reading};
use crate::keys::EntryKey;
use crate::page::{List, Page};
use crate::people::Sight;
use crate::problem::Problem;
use crate::state::{Api, Target, answered};

pub(super) async fn list<F: Wanted>(
    api: &Api,
    kind: EntryKind,
    program: &ProgramId,
    reading: &Reading,
    list: &List<F>,
) -> Result<Found<Page<RegisterEntry>>, Problem> {
    api.rulebook(program)?;
    let view = reading.view(api).await?;
    let sort = if list.sort.field == "name" { RegisterSort::Name } else { RegisterSort::Id };
    let wanted = list.filter.wanted(program, kind);
    let rows = register::list(&view.db, &wanted, sort, list.direction(), &list.paging()?).await?;
    let people = rows.items.iter().filter_map(|row| row.person).collect::<Vec<_>>();
    let people = api.people(people, reading.sight()).await?;
    // People's data changes without an event.
    Ok(list.found(rows.map(|row| shown(row, &people)), view.position).hashed())
}

pub(super) async fn get(
    api: &Api,
    kind: EntryKind,
    key: &EntryKey,
    reading: &Reading,
) -> Result<Found<RegisterEntry>, Problem> {
    api.rulebook(&key.program)?;
    let view = reading.view(api).await?;
    let entry = named(kind, key)?;
    let entry = standing(api, &view.db, &key.program, &entry, reading.sight()).await?;
    Ok(Found::projected(entry, view.position).hashed())
}

pub(super) async fn add(
    api: &Api,
    program: &ProgramId,
    commanding: Commanding,
    new: Registration,
) -> Result<Answered<RegisterEntry>, Problem> {
    let command = AddEntry {
        rulebook: api.rulebook(program)?,
        entry: new.entry.clone(),
        details: new.details,
        common: api.dated(new.occurred_on, &new.documents, None).await?,
    };
    run(api, program, &new.entry, commanding, RegisterCommand::Add(command), new.persons).await
}

pub(super) async fn change(
    api: &Api,
    kind: EntryKind,
    key: &EntryKey,
    commanding: Commanding,
    changing: Changing,
) -> Result<Answered<RegisterEntry>, Problem> {
    let entry = named(kind, key)?;
    let changing = in_place(api, &key.program, &entry, changing).await?;
    let command = ChangeEntry {
        rulebook: api.rulebook(&key.program)?,
        entry,
        change: changing.change,
        common: api.dated(changing.occurred_on, &changing.documents, None).await?,
    };
    let entry = command.entry.clone();
    run(api, &key.program, &entry, commanding, RegisterCommand::Change(command), changing.persons).await
}

pub(super) async fn merge(
    api: &Api,
    kind: EntryKind,
    key: &EntryKey,
    commanding: Commanding,
    body: MergeEntryBody,
) -> Result<Answered<RegisterEntry>, Problem> {
    let successor = entry_id(kind, &body.successor);
    let command = MergeEntries {
        rulebook: api.rulebook(&key.program)?,
        entry: named(kind, key)?,
        successor: successor.ok_or_else(|| Refusal::field("/successor", FieldCode::NotOneOf, ""))?,
        common: api.dated(body.occurred_on, &body.documents, None).await?,
    };
    let entry = command.entry.clone();
    run(api, &key.program, &entry, commanding, RegisterCommand::Merge(command), Vec::new()).await
}

pub(super) async fn close(
    api: &Api,
    kind: EntryKind,
    key: &EntryKey,
    commanding: Commanding,
    body: CloseEntryBody,
) -> Result<Answered<RegisterEntry>, Problem> {
    let command = CloseEntry {
        rulebook: api.rulebook(&key.program)?,
        entry: named(kind, key)?,
        reason: body.reason,
        common: api.dated(body.occurred_on, &body.documents, None).await?,
    };
    let entry = command.entry.clone();
    run(api, &key.program, &entry, commanding, RegisterCommand::Close(command), Vec::new()).await
}

/// The entry that a path names. What cannot be an id names nothing.
fn named(kind: EntryKind, key: &EntryKey) -> Result<EntryId, Problem> {
    entry_id(kind, &key.id).ok_or_else(|| Problem::not_found(kind.name()))
}

async fn run(
    api: &Api,
    program: &ProgramId,
    entry: &EntryId,
    commanding: Commanding,
    command: RegisterCommand,
    persons: Vec<Person>,
) -> Result<Answered<RegisterEntry>, Problem> {
    let done = api.run(commanding, &Target::Program(program.clone()), Command::Register(command), persons).await?;
    let shown = standing(api, &api.after(&done).await?, program, entry, Sight::Masked).await?;
    Ok(answered(&done, shown).hashed())
}

/// An entry as these read models show it.
async fn standing(
    api: &Api,
    db: &Db,
    program: &ProgramId,
    entry: &EntryId,
    sight: Sight,
) -> Result<RegisterEntry, Problem> {
    let row = register::get(db, program, entry).await?;
    let row = row.ok_or_else(|| Problem::not_found(entry.kind()))?;
    let people = api.people(row.person, sight).await?;
    Ok(shown(row, &people))
}

/// An expert is one person: another name, phone or address goes into the record that there is, unless it was erased.
async fn in_place(
    api: &Api,
    program: &ProgramId,
    entry: &EntryId,
    mut changing: Changing,
) -> Result<Changing, Problem> {
    if let EntryId::Expert(expert) = entry
        && let EntryChange::Describe { person: Some(refers), .. } = &mut changing.change
        && let Some(known) = api.app().record_of_expert(program, expert).await?
    {
        *refers = known;
        changing.persons.iter_mut().for_each(|person| person.person_id = known);
    }
    Ok(changing)
}
