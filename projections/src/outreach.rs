//! The log of mobilisation of a cycle (广泛宣传，动员其积极参加, §三（二）, W-43).

use chrono::NaiveDate;
use domain::RecordedEvent;
use domain::cycle::CycleEvent;
use domain::event::Event;
use domain::forms::facts::Outreach;
use domain::ids::{CycleId, OutreachId};
use serde::{Deserialize, Serialize};
use store::{Column, Db, Poison, ReadModel, Rows, StoreError, TableDef, Touch, Value, Wall};
use utoipa::ToSchema;

use crate::facts::{Voiding, Voids};
use crate::page::{self, Direction, Order, Page, Paging};
use crate::trace::Trace;

/// One version of what was recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OutreachVersion {
    /// From 1.
    pub version: u32,
    /// What it said.
    pub outreach: Outreach,
    /// Why it replaced the version before.
    pub reason: Option<String>,
    /// Who recorded it, when, on which papers; the day is that of what was done.
    pub trace: Trace,
}

/// What was done to mobilise, with its history.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct OutreachRow {
    /// Its id.
    pub outreach_id: OutreachId,
    /// The cycle.
    pub cycle: CycleId,
    /// The day of the version in force.
    pub occurred_on: NaiveDate,
    /// The version in force, from 1.
    pub version: u32,
    /// What it says now.
    pub outreach: Outreach,
    /// Set once it no longer counts.
    pub voided: Option<Voiding>,
    /// Every version, the first first.
    pub history: Vec<OutreachVersion>,
}

impl OutreachRow {
    fn rewrite(&mut self, version: OutreachVersion) {
        self.version = version.version;
        self.occurred_on = version.trace.occurred_on;
        self.outreach = version.outreach.clone();
        self.history.push(version);
    }
}

/// The read model of mobilisation.
#[derive(Debug)]
pub struct OutreachLog;

impl ReadModel for OutreachLog {
    type Row = OutreachRow;

    const TABLE: TableDef = TableDef {
        name: "outreach",
        version: 1,
        columns: &[Column::text("cycle"), Column::text("occurred_on"), Column::int("voided")],
        indexes: &[&["cycle", "occurred_on", "key"]],
        wall: Wall::SCOPED,
    };

    fn columns(row: &OutreachRow) -> Vec<Value> {
        vec![row.cycle.as_str().into(), row.occurred_on.to_string().into(), i64::from(row.voided.is_some()).into()]
    }

    fn touches(event: &RecordedEvent) -> Vec<Touch> {
        let first = matches!(event.event, Event::Cycle(CycleEvent::OutreachRecorded(_)));
        let touch = if first { Touch::New } else { Touch::Key };
        named_by(event).map(|id| touch(id.to_string())).into_iter().collect()
    }

    fn fold(rows: &mut Rows<Self>, event: &RecordedEvent) -> Result<(), Poison> {
        let Event::Cycle(happened) = &event.event else { return Ok(()) };
        if let CycleEvent::OutreachRecorded(fact) = happened {
            let version = version(1, &fact.content, None, event);
            rows.put(fact.id.to_string(), first(fact.id, version, event)?);
        } else if let CycleEvent::OutreachCorrected(fact) = happened {
            let number = fact.replaces_version.saturating_add(1);
            let version = version(number, &fact.content, Some(&fact.reason), event);
            match rows.get_mut(&fact.id.to_string()) {
                Some(row) => row.rewrite(version),
                // A reader may be shown the log from a later day on.
                None => rows.put(fact.id.to_string(), first(fact.id, version, event)?),
            }
        } else if let CycleEvent::OutreachVoided(fact) = happened
            && let Some(row) = rows.get_mut(&fact.id.to_string())
        {
            row.voided = Some(Voiding { reason: fact.reason.clone(), trace: event.into() });
        }
        Ok(())
    }
}

fn version(version: u32, outreach: &Outreach, reason: Option<&str>, event: &RecordedEvent) -> OutreachVersion {
    let reason = reason.map(str::to_owned);
    OutreachVersion { version, outreach: outreach.clone(), reason, trace: event.into() }
}

fn first(outreach_id: OutreachId, version: OutreachVersion, event: &RecordedEvent) -> Result<OutreachRow, Poison> {
    let poison = |_| Poison { position: event.position, reason: format!("{} is no cycle", event.stream.id()) };
    Ok(OutreachRow {
        outreach_id,
        cycle: event.stream.id().parse().map_err(poison)?,
        occurred_on: version.trace.occurred_on,
        version: version.version,
        outreach: version.outreach.clone(),
        voided: None,
        history: vec![version],
    })
}

/// The entry that an event records, corrects or voids, if it does.
#[must_use]
pub fn named_by(event: &RecordedEvent) -> Option<OutreachId> {
    let Event::Cycle(happened) = &event.event else { return None };
    if let CycleEvent::OutreachRecorded(fact) = happened {
        Some(fact.id)
    } else if let CycleEvent::OutreachCorrected(fact) = happened {
        Some(fact.id)
    } else if let CycleEvent::OutreachVoided(fact) = happened {
        Some(fact.id)
    } else {
        None
    }
}

/// One entry of the log, voided or not.
pub async fn get(db: &Db, outreach_id: OutreachId) -> Result<Option<OutreachRow>, StoreError> {
    page::get::<OutreachLog>(db, &outreach_id.to_string()).await
}

/// The log of a cycle by day.
pub async fn list(
    db: &Db,
    cycle: &CycleId,
    voids: Voids,
    direction: Direction,
    paging: &Paging,
) -> Result<Page<OutreachRow>, StoreError> {
    let narrow = |sql: &mut store::sql::Sql| {
        page::equals(sql, "cycle", Some(cycle.as_str()));
        if voids == Voids::Hidden {
            sql.push(" AND voided = 0");
        }
    };
    page::page::<OutreachLog>(db, narrow, Order { column: "occurred_on", direction }, paging).await
}

#[cfg(test)]
mod tests {
    use domain::fact::{Corrected, Recorded, Voided};
    use store::testing::TestDatabase;

    use super::*;
    use crate::fixtures::{CYCLE, Log, day, id, on_both_databases, showing};

    on_both_databases! {
        w43_the_log_is_listed_by_day_with_its_corrections_and_without_what_was_voided
    }

    fn outreach(title: &str) -> Outreach {
        Outreach {
            title: title.to_owned(),
            held_by: "市工业和信息化局".to_owned(),
            audience: None,
            description: None,
            organizations_reached: Some(60),
        }
    }

    fn nth(n: u128) -> OutreachId {
        OutreachId::new(uuid::Uuid::from_u128(n))
    }

    async fn w43_the_log_is_listed_by_day_with_its_corrections_and_without_what_was_voided(database: TestDatabase) {
        let mut log = Log::open();
        for (n, on) in [(1, "2026-02-03"), (2, "2026-02-01"), (3, "2026-02-02")] {
            log.cycle(on, CycleEvent::OutreachRecorded(Recorded { id: nth(n), content: outreach("宣讲会") }));
        }
        let corrected =
            Corrected { id: nth(2), replaces_version: 1, content: outreach("走访"), reason: "录错".to_owned() };
        log.cycle("2026-02-04", CycleEvent::OutreachCorrected(corrected));
        log.cycle("2026-02-05", CycleEvent::OutreachVoided(Voided { id: nth(3), reason: "未办".to_owned() }));
        let store = showing(&database, &log).await;
        let cycle: CycleId = id(CYCLE);
        let list = async |voids| {
            let page = list(store.db(), &cycle, voids, Direction::Ascending, &Paging::first(10)).await.unwrap();
            page.items.into_iter().map(|row| (row.outreach_id, row.occurred_on)).collect::<Vec<_>>()
        };
        let in_force = [(nth(1), day("2026-02-03")), (nth(2), day("2026-02-04"))];
        assert_eq!(list(Voids::Hidden).await, in_force);
        assert_eq!(list(Voids::Shown).await[0], (nth(3), day("2026-02-02")));
        let row = get(store.db(), nth(2)).await.unwrap().unwrap();
        let versions: Vec<_> = row.history.iter().map(|v| (v.version, v.outreach.title.as_str())).collect();
        assert_eq!((versions, row.outreach.title.as_str()), (vec![(1, "宣讲会"), (2, "走访")], "走访"));
        assert_eq!(get(store.db(), nth(3)).await.unwrap().unwrap().voided.unwrap().reason, "未办");
    }
}
