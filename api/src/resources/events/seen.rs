//! Which events a reader of one program sees: those of its register, cycles, files and sessions, and those of
//! organisations that have a file in it.

use std::collections::{HashMap, HashSet};

use app::AppError;
use app::access::{Admitted, Resource, Role};
use domain::ids::ProgramId;
use domain::{RecordedEvent, StreamKind};
use projections::organizations;
use serde_json::Value;

use super::cloud::CloudEvent;
use crate::access::redaction::{GROUNDS, INCIDENTS};
use crate::problem::{Code, Problem};
use crate::state::{Api, Target};

/// What a reader sees of the feed.
pub(super) struct Seen {
    /// Only this program; all of them if none is named.
    program: Option<ProgramId>,
    /// Whether grounds and papers of incidents are left out.
    redacted: bool,
    sessions: HashMap<String, bool>,
    /// Organisations with a file in the program; one without may get one.
    organizations: HashSet<String>,
}

impl Seen {
    /// What somebody who was let in sees. The feed is not told apart by district, so nobody who is bound to some rows
    /// reads it.
    pub(super) fn by(admitted: &Admitted) -> Result<Self, Problem> {
        if !admitted.scope.is_all() {
            return Err(Problem::of(Code::NotPermitted));
        }
        let program = admitted.holding.grant.program.clone();
        let redacted = admitted.holding.grant.role == Role::Integration;
        Ok(Self { program, redacted, sessions: HashMap::new(), organizations: HashSet::new() })
    }

    /// An event as the reader sees it.
    pub(super) fn written(&self, event: RecordedEvent) -> Result<CloudEvent, Problem> {
        let mut event = CloudEvent::try_from(event)?;
        if self.redacted {
            let name = event.r#type.rsplit('.').next().unwrap_or_default().to_owned();
            if GROUNDS.contains(&name.as_str()) {
                event.data.content = Value::Object(serde_json::Map::new());
            }
            if INCIDENTS.contains(&name.as_str()) {
                event.data.documents.clear();
            }
        }
        Ok(event)
    }

    /// Whether the reader sees an event.
    pub(super) async fn sees(&mut self, api: &Api, event: &RecordedEvent) -> Result<bool, Problem> {
        let Some(own) = self.program.clone() else { return Ok(true) };
        let id = event.stream.id();
        match event.stream.kind() {
            StreamKind::Register => Ok(id == own.as_str()),
            StreamKind::Cycle => Ok(id.parse().is_ok_and(|cycle| api.program(&Target::Cycle(cycle)) == Some(own))),
            StreamKind::Enrolment => {
                let cycle = event.stream.as_enrolment().map(|(cycle, _)| cycle);
                Ok(cycle.is_some_and(|cycle| api.program(&Target::Cycle(cycle)) == Some(own)))
            }
            StreamKind::Session => self.sees_session(api, id, &own).await,
            StreamKind::Organization => self.sees_organization(api, event, &own).await,
        }
    }

    async fn sees_session(&mut self, api: &Api, id: &str, own: &ProgramId) -> Result<bool, Problem> {
        if let Some(known) = self.sessions.get(id) {
            return Ok(*known);
        }
        let Ok(session) = id.parse() else { return Ok(false) };
        let found = Resource::session(api.app().store().db(), session).await.map_err(AppError::from)?;
        let sees = matches!(&found, Some(Resource::Session { program, .. }) if program == own);
        if found.is_some() {
            self.sessions.insert(id.to_owned(), sees);
        }
        Ok(sees)
    }

    async fn sees_organization(&mut self, api: &Api, event: &RecordedEvent, own: &ProgramId) -> Result<bool, Problem> {
        let id = event.stream.id();
        if self.organizations.contains(id) {
            return Ok(true);
        }
        let Some(organization) = event.stream.as_organization() else { return Ok(false) };
        let known = organizations::get(api.app().store().db(), &organization).await?;
        let sees = known.is_some_and(|known| known.files.iter().any(|file| file.program == *own));
        if sees {
            self.organizations.insert(id.to_owned());
        }
        Ok(sees)
    }
}
