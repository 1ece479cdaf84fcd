//! The operations, for an entry of any kind.

use domain::ids::ProgramId;
use domain::register::{AddEntry, ChangeEntry, CloseEntry, EntryId, MergeEntries, RegisterCommand};
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
    let view = api.app().view(reading.min_position).await?;
    let sort = if list.sort.field == "name" { RegisterSort::Name } else { RegisterSort::Id };
    let wanted = list.filter.wanted(program, kind);
    let rows = register::list(&view.db, &wanted, sort, list.direction(), &list.paging()?).await?;
    let mut items = Vec::with_capacity(rows.items.len());
    for row in rows.items {
        items.push(shown(api, row, reading.sight()).await?);
    }
    let page = projections::page::Page { items, next: rows.next, total: rows.total };
    // People's data changes without an event.
    Ok(list.found(page, view.position).hashed())
}

pub(super) async fn get(
    api: &Api,
    kind: EntryKind,
    key: &EntryKey,
    reading: &Reading,
) -> Result<Found<RegisterEntry>, Problem> {
    api.rulebook(&key.program)?;
    let view = api.app().view(reading.min_position).await?;
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
    let command = ChangeEntry {
        rulebook: api.rulebook(&key.program)?,
        entry: named(kind, key)?,
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
    let shown = standing(api, &api.after(&done).await?, program, entry, Sight::Person).await?;
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
    shown(api, row.ok_or_else(|| Problem::not_found(entry.kind()))?, sight).await
}
