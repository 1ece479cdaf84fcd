//! Teaching sessions: plan in force, experts, attendance that counts, outcomes.

mod row;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use domain::RecordedEvent;
use domain::event::Event;
use domain::ids::{CycleId, OrganizationId, SessionId, TeachingKindId};
use domain::session::SessionEvent;
use store::{Column, Db, Poison, ReadModel, Rows, StoreError, TableDef, Touch, Value, Wall};

pub use row::{AttendanceInForce, Cancellation, Move, OutcomeInForce, Session, SessionState};

use crate::page::{self, Order, Page, Paging};
use crate::scope::Scope;

/// The read model of sessions.
#[derive(Debug)]
pub struct Sessions;

impl ReadModel for Sessions {
    type Row = Session;

    const TABLE: TableDef = TableDef {
        name: "sessions",
        version: 2,
        columns: &[
            Column::text("cycle"),
            Column::text("kind"),
            Column::text("held_on"),
            Column::text("state"),
            Column::text("experts"),
        ],
        indexes: &[&["cycle", "held_on", "key"]],
        wall: Wall::SCOPED,
    };

    fn columns(row: &Session) -> Vec<Value> {
        let experts = row.experts.iter().fold(String::new(), |all, expert| all + "|" + expert.as_str() + "|");
        vec![
            row.cycle.as_str().into(),
            row.kind.as_str().into(),
            row.on.to_string().into(),
            row.state.as_str().into(),
            experts.into(),
        ]
    }

    fn touches(event: &RecordedEvent) -> Vec<Touch> {
        match &event.event {
            Event::Session(_) => vec![Touch::Key(event.stream.id().to_owned())],
            Event::Register(_) | Event::Organization(_) | Event::Cycle(_) | Event::Enrolment(_) => Vec::new(),
        }
    }

    fn fold(rows: &mut Rows<Self>, event: &RecordedEvent) -> Result<(), Poison> {
        let Event::Session(happened) = &event.event else { return Ok(()) };
        let key = event.stream.id();
        if let SessionEvent::SessionScheduled { session_id, cycle, program, plan } = happened {
            rows.put(key, Session::scheduled(*session_id, cycle, program, plan, event));
        } else if let Some(session) = rows.get_mut(key) {
            session.change(happened, event);
        }
        Ok(())
    }
}

/// Which sessions of a cycle are listed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SessionFilter {
    /// Of any of these kinds.
    pub kinds: Vec<TeachingKindId>,
    /// Not before this day.
    pub from: Option<NaiveDate>,
    /// Not after this day.
    pub to: Option<NaiveDate>,
    /// In any of these states.
    pub states: Vec<SessionState>,
}

/// How sessions are sorted: by day, then id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionSort {
    /// The earliest first.
    On,
    /// The latest first.
    OnDescending,
}

/// The session.
pub async fn get(db: &Db, session: SessionId) -> Result<Option<Session>, StoreError> {
    page::get::<Sessions>(db, &session.to_string()).await
}

/// Sessions of a cycle: teaching is open to all who take part in it, but an expert sees what it is assigned to.
pub async fn list(
    db: &Db,
    cycle: &CycleId,
    scope: &Scope,
    filter: &SessionFilter,
    sort: SessionSort,
    paging: &Paging,
) -> Result<Page<Session>, StoreError> {
    let order = match sort {
        SessionSort::On => Order::up("held_on"),
        SessionSort::OnDescending => Order::down("held_on"),
    };
    let narrow = |sql: &mut store::sql::Sql| {
        page::equals(sql, "cycle", Some(cycle.as_str()));
        page::any_of(sql, "kind", &filter.kinds);
        if let Some(from) = filter.from {
            sql.push(" AND held_on >= ").bind(from.to_string());
        }
        if let Some(to) = filter.to {
            sql.push(" AND held_on <= ").bind(to.to_string());
        }
        let states: Vec<&str> = filter.states.iter().map(|state| state.as_str()).collect();
        page::any_of(sql, "state", &states);
        if let Some(expert) = scope.expert() {
            let assigned = page::containing(&format!("|{expert}|"));
            sql.push(" AND experts LIKE ").bind(assigned).push(" ESCAPE '!'");
        }
    };
    page::page::<Sessions>(db, narrow, order, paging).await
}

/// All sessions of a cycle, cancelled ones too.
pub(crate) async fn of_cycle(db: &Db, cycle: &CycleId) -> Result<Vec<Session>, StoreError> {
    page::all::<Sessions>(db, |sql| page::equals(sql, "cycle", Some(cycle.as_str()))).await
}

/// Sessions that an organisation attended as teaching owed to it, by kind: extras are guests' visits.
pub(crate) fn attended_by<'a>(
    sessions: &'a [Session],
    organization: &OrganizationId,
) -> BTreeMap<&'a TeachingKindId, Vec<&'a Session>> {
    let mut attended: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for session in sessions {
        if session.attendance.iter().any(|a| a.content.organization == *organization && !a.content.extra) {
            attended.entry(&session.kind).or_default().push(session);
        }
    }
    attended
}

#[cfg(test)]
mod tests;
