//! What each paper was given for: whoever may see that may read the paper.

use domain::event::Event;
use domain::ids::{CycleId, DocumentId, OrganizationId, ProgramId};
use domain::organization::OrganizationEvent;
use domain::session::SessionEvent;
use domain::{RecordedEvent, StreamKind};
use serde::{Deserialize, Serialize};
use store::{Column, Db, Poison, ReadModel, Rows, StoreError, TableDef, Touch, Value, Wall};

use crate::page;
use crate::timeline::Concern;

/// What a paper was given for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Use {
    /// The paper.
    pub document_id: DocumentId,
    /// The program whose register it changed.
    pub program: Option<ProgramId>,
    /// The cycle that it was given in.
    pub cycle: Option<CycleId>,
    /// The organisation that it is about.
    pub organization: Option<OrganizationId>,
    /// Whether an incident rests on it.
    pub incident: bool,
}

/// The read model of papers.
#[derive(Debug)]
pub struct Papers;

impl ReadModel for Papers {
    type Row = Use;

    const TABLE: TableDef = TableDef {
        name: "papers",
        version: 1,
        columns: &[Column::text("document")],
        indexes: &[&["document"]],
        wall: Wall::CLOSED,
    };

    fn columns(row: &Use) -> Vec<Value> {
        vec![row.document_id.to_string().into()]
    }

    fn touches(event: &RecordedEvent) -> Vec<Touch> {
        uses(event).iter().map(|given| Touch::Key(key(given))).collect()
    }

    fn fold(rows: &mut Rows<Self>, event: &RecordedEvent) -> Result<(), Poison> {
        for given in uses(event) {
            rows.put(key(&given), given);
        }
        Ok(())
    }
}

fn key(given: &Use) -> String {
    let Use { document_id, program, cycle, organization, incident } = given;
    let text = |id: Option<&str>| id.unwrap_or("-").to_owned();
    let [program, cycle, organization] = [
        text(program.as_ref().map(ProgramId::as_str)),
        text(cycle.as_ref().map(CycleId::as_str)),
        text(organization.as_ref().map(OrganizationId::as_str)),
    ];
    format!("{document_id}/{program}/{cycle}/{organization}/{}", u8::from(*incident))
}

/// What an event gives papers for: the organisations that it concerns, else its cycle or register.
fn uses(event: &RecordedEvent) -> Vec<Use> {
    let waiver = event.meta.waiver.as_ref().and_then(|waiver| waiver.document.as_ref());
    let mut papers = event.meta.documents.iter().chain(waiver).map(|paper| paper.document_id).peekable();
    if papers.peek().is_none() {
        return Vec::new();
    }
    let concern = Concern::of(event);
    let program = match event.stream.kind() {
        StreamKind::Register => event.stream.id().parse().ok(),
        StreamKind::Organization | StreamKind::Cycle | StreamKind::Enrolment | StreamKind::Session => None,
    };
    let program = program.or_else(|| {
        let Event::Session(SessionEvent::SessionScheduled { program, .. }) = &event.event else { return None };
        Some(program.clone())
    });
    let incident = matches!(
        &event.event,
        Event::Organization(
            OrganizationEvent::IncidentReported(_)
                | OrganizationEvent::IncidentCorrected(_)
                | OrganizationEvent::IncidentVoided(_)
                | OrganizationEvent::IncidentDetermined { .. }
                | OrganizationEvent::IncidentDismissed { .. }
        )
    );
    let about: Vec<Option<OrganizationId>> = if concern.organizations.is_empty() {
        vec![None]
    } else {
        concern.organizations.into_iter().map(Some).collect()
    };
    let given = |document_id| {
        let (program, cycle) = (program.clone(), concern.cycle.clone());
        about.iter().map(move |organization| Use {
            document_id,
            program: program.clone(),
            cycle: cycle.clone(),
            organization: organization.clone(),
            incident,
        })
    };
    papers.flat_map(given).collect()
}

/// All that a paper was given for.
pub async fn uses_of(db: &Db, document_id: DocumentId) -> Result<Vec<Use>, StoreError> {
    page::all::<Papers>(db, |sql| page::equals(sql, "document", Some(&document_id.to_string()))).await
}

#[cfg(test)]
mod tests {
    use domain::enrolment::EnrolmentEvent;
    use domain::forms::facts::Incident;
    use domain::ids::IncidentId;

    use super::*;
    use crate::testing::{ACME, BOLT, Log, cycle, id, nth, org, recorded, visit, visit_id};

    #[tokio::test]
    async fn a_paper_is_known_by_all_that_it_was_given_for() {
        let mut log = Log::opened();
        log.on("2026-06-01").by("station/jinghu-1/li");
        for (n, organization) in [(1, ACME), (2, BOLT)] {
            log.with_paper("回访记录");
            log.file(organization, EnrolmentEvent::VisitRecorded(recorded(visit_id(n), visit("jinghu-1", "良好"))));
        }
        log.file(ACME, EnrolmentEvent::VisitRecorded(recorded(visit_id(3), visit("jinghu-1", "良好"))));
        let incident = Incident { kind: id("quality"), description: "质量事故".to_owned() };
        log.with_paper("事故认定");
        log.organization(ACME, OrganizationEvent::IncidentReported(recorded(IncidentId::new(nth(4)), incident)));
        let uses = uses_of(&log.database().await, DocumentId::new(nth(77))).await.unwrap();
        let mut about: Vec<_> = uses.into_iter().map(|u| (u.cycle, u.organization.unwrap(), u.incident)).collect();
        about.sort();
        let expected = [(None, org(ACME), true), (Some(cycle()), org(BOLT), false), (Some(cycle()), org(ACME), false)];
        assert_eq!(about, expected);
    }
}
