//! What stays true of an organisation across cycles: numbers, names, district, files, incidents, honours.
//!
//! A later number of an organisation has a row of its own, which points to it: old and new numbers both resolve.

mod row;

use std::collections::BTreeMap;

use domain::event::Event;
use domain::ids::{CycleId, IncidentId, OrganizationId};
use domain::organization::OrganizationEvent;
use domain::{RecordedEvent, Uscc};
use store::sql::Sql;
use store::{Column, Db, Poison, ReadModel, Rows, StoreError, TableDef, Touch, Value, Wall};

pub use row::{
    Brief, FileBrief, Gone, GoneKind, HonourBrief, IncidentBrief, IncidentStatus, NameHeld, NumberHeld, NumberOrigin,
    Organization, OrganizationRow,
};

use crate::page;

/// Numbers that are registered, and where each later one points to.
const SELECT_NUMBERS: &str = "SELECT key, CASE WHEN key LIKE 'alias/%' THEN body ELSE '' END FROM organizations WHERE ";

/// The read model of organisations.
#[derive(Debug)]
pub struct Organizations;

impl ReadModel for Organizations {
    type Row = OrganizationRow;

    const TABLE: TableDef = TableDef {
        name: "organizations",
        version: 1,
        columns: &[Column::text("name"), Column::text("uscc"), Column::text("district")],
        indexes: &[&["name", "key"]],
        wall: Wall::of_organization("key").but_for("alias/"),
    };

    fn columns(row: &OrganizationRow) -> Vec<Value> {
        match row {
            OrganizationRow::Organization(organization) => vec![
                organization.name.as_str().into(),
                organization.uscc.as_str().into(),
                organization.district.as_str().into(),
            ],
            OrganizationRow::Alias { .. } => vec![Value::Null; 3],
        }
    }

    fn touches(event: &RecordedEvent) -> Vec<Touch> {
        let Event::Organization(organization) = &event.event else { return Vec::new() };
        let Some(stream) = event.stream.as_organization() else { return Vec::new() };
        match organization {
            OrganizationEvent::NumberAssigned { .. } => vec![Touch::Key(alias_key(stream.first_uscc()))],
            OrganizationEvent::OrganizationRegistered { .. }
            | OrganizationEvent::OrganizationRenamed { .. }
            | OrganizationEvent::DistrictChanged { .. }
            | OrganizationEvent::UsccChanged { .. }
            | OrganizationEvent::UsccCorrected { .. }
            | OrganizationEvent::MergedInto { .. }
            | OrganizationEvent::Dissolved { .. }
            | OrganizationEvent::EnrolmentOpened { .. }
            | OrganizationEvent::EnrolmentEnded { .. }
            | OrganizationEvent::EnrolmentReopened { .. }
            | OrganizationEvent::IncidentReported(_)
            | OrganizationEvent::IncidentCorrected(_)
            | OrganizationEvent::IncidentVoided(_)
            | OrganizationEvent::IncidentDetermined { .. }
            | OrganizationEvent::IncidentDismissed { .. }
            | OrganizationEvent::HonourRecorded(_) => vec![Touch::Key(stream.to_string())],
        }
    }

    fn fold(rows: &mut Rows<Self>, event: &RecordedEvent) -> Result<(), Poison> {
        let Event::Organization(happened) = &event.event else { return Ok(()) };
        let Some(stream) = event.stream.as_organization() else { return Ok(()) };
        match happened {
            OrganizationEvent::NumberAssigned { organization } => {
                let alias = OrganizationRow::Alias { organization: organization.clone() };
                rows.put(alias_key(stream.first_uscc()), alias);
            }
            OrganizationEvent::OrganizationRegistered { uscc, name, district, program: _ } => {
                let key = stream.to_string();
                let on = event.meta.occurred_on;
                let registered = Organization::registered(stream, uscc, name, district, on);
                rows.put(key, OrganizationRow::Organization(Box::new(registered)));
            }
            OrganizationEvent::OrganizationRenamed { .. }
            | OrganizationEvent::DistrictChanged { .. }
            | OrganizationEvent::UsccChanged { .. }
            | OrganizationEvent::UsccCorrected { .. }
            | OrganizationEvent::MergedInto { .. }
            | OrganizationEvent::Dissolved { .. }
            | OrganizationEvent::EnrolmentOpened { .. }
            | OrganizationEvent::EnrolmentEnded { .. }
            | OrganizationEvent::EnrolmentReopened { .. }
            | OrganizationEvent::IncidentReported(_)
            | OrganizationEvent::IncidentCorrected(_)
            | OrganizationEvent::IncidentVoided(_)
            | OrganizationEvent::IncidentDetermined { .. }
            | OrganizationEvent::IncidentDismissed { .. }
            | OrganizationEvent::HonourRecorded(_) => {
                if let Some(OrganizationRow::Organization(known)) = rows.get_mut(stream.as_str()) {
                    known.change(happened, event);
                }
            }
        }
        Ok(())
    }
}

fn alias_key(uscc: &Uscc) -> String {
    format!("alias/{uscc}")
}

/// The organisation.
pub async fn get(db: &Db, organization: &OrganizationId) -> Result<Option<Organization>, StoreError> {
    Ok(match page::get::<Organizations>(db, organization.as_str()).await? {
        Some(OrganizationRow::Organization(found)) => Some(*found),
        Some(OrganizationRow::Alias { .. }) | None => None,
    })
}

/// Whose number this is, whether it is in force or was once; `None` where nobody is registered under it.
pub async fn resolve(db: &Db, uscc: &Uscc) -> Result<Option<OrganizationId>, StoreError> {
    let rows = page::all::<Organizations>(db, |sql| {
        sql.push(" AND ").is_in("key", [uscc.to_string(), alias_key(uscc)]);
    })
    .await?;
    Ok(rows.into_iter().next().map(|row| match row {
        OrganizationRow::Organization(organization) => organization.organization,
        OrganizationRow::Alias { organization } => organization,
    }))
}

/// Whose numbers these are, as [`resolve`] says of each; what nobody is registered under is left out.
pub async fn resolve_all(db: &Db, numbers: &[Uscc]) -> Result<BTreeMap<Uscc, OrganizationId>, StoreError> {
    let mut sql = Sql::new(SELECT_NUMBERS);
    sql.is_in("key", numbers.iter().flat_map(|number| [number.to_string(), alias_key(number)]));
    let found: BTreeMap<String, String> = sql.pairs(db).await?.into_iter().collect();
    let mut resolved = BTreeMap::new();
    for number in numbers {
        let organization = if found.contains_key(number.as_str()) {
            OrganizationId::first_registered(number.clone())
        } else if let Some(alias) = found.get(&alias_key(number)) {
            let OrganizationRow::Alias { organization } = serde_json::from_str(alias)? else { continue };
            organization
        } else {
            continue;
        };
        resolved.insert(number.clone(), organization);
    }
    Ok(resolved)
}

/// Present number, name and district of organisations: rows of other read models hold only their ids.
pub async fn briefs(
    db: &Db,
    organizations: impl IntoIterator<Item = OrganizationId>,
) -> Result<BTreeMap<OrganizationId, Brief>, StoreError> {
    let keys: std::collections::BTreeSet<String> = organizations.into_iter().map(|id| id.to_string()).collect();
    let mut briefs = BTreeMap::new();
    // Both databases bound the number of placeholders.
    for keys in keys.into_iter().collect::<Vec<_>>().chunks(500) {
        let rows = page::all::<Organizations>(db, |sql| page::any_of(sql, "key", keys)).await?;
        briefs.extend(rows.into_iter().filter_map(|row| match row {
            OrganizationRow::Organization(found) => Some((found.organization.clone(), found.brief())),
            OrganizationRow::Alias { .. } => None,
        }));
    }
    Ok(briefs)
}

/// A file and an incident are found again by what names them.
fn place<T>(items: &mut [T], is: impl Fn(&T) -> bool) -> Option<&mut T> {
    items.iter_mut().find(|item| is(item))
}

fn file_of<'a>(files: &'a mut [FileBrief], cycle: &CycleId) -> Option<&'a mut FileBrief> {
    place(files, |file| file.cycle == *cycle)
}

fn incident_of(incidents: &mut [IncidentBrief], id: IncidentId) -> Option<&mut IncidentBrief> {
    place(incidents, |incident| incident.incident_id == id)
}

#[cfg(test)]
mod tests;
