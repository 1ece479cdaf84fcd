//! What handlers stand on: the use cases, and the way from a request to a command and back.

use std::collections::BTreeSet;
use std::sync::Arc;

use app::{App, AppError, Done, KnownAt, Moment, Request};
use domain::ids::{CycleId, ProgramId, SessionId};
use domain::{
    Command, Decision, FieldCode, Precondition, RecordedEvent, Refusal, Rulebook, StreamId, StreamKind, Uscc,
};
use store::persons::Person;
use store::{Committed, Db, projector};

use crate::answer::{Answered, Appended};
use crate::headers::{Commanding, Tag};
use crate::kept::Kept;
use crate::problem::Problem;

/// Counts commands by outcome: `accepted`, or the code of the problem.
pub(crate) const COMMANDS: &str = "hatchery_commands_total";

/// The state of the resources. Cheap to clone.
#[derive(Clone)]
pub struct Api {
    app: Arc<App>,
    kept: Arc<Kept>,
}

/// What a command is addressed to: whose tag `If-Match` names, and whose label stands beside a clause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A program; it has no tag.
    Program(ProgramId),
    /// A cycle.
    Cycle(CycleId),
    /// A file.
    Enrolment(CycleId, Uscc),
    /// Files of a cycle, each as one entry of a batch saw it: they take the place of `If-Match`.
    Entries(CycleId, Vec<Seen>),
    /// A session.
    Session(SessionId),
    /// Something else; no tag.
    Other,
}

/// The file that an entry of a batch rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The place of the entry, from 0.
    pub index: usize,
    /// The organisation.
    pub uscc: Uscc,
    /// The tag of its file.
    pub tag: Tag,
}

impl Api {
    /// The resources over these use cases.
    #[must_use]
    pub fn new(app: Arc<App>) -> Self {
        Self { app, kept: Arc::default() }
    }

    /// The answers that this node keeps.
    pub(crate) fn kept(&self) -> &Kept {
        &self.kept
    }

    /// The use cases.
    #[must_use]
    pub fn app(&self) -> &App {
        &self.app
    }

    /// The rules in force of a program.
    pub fn rulebook(&self, program: &ProgramId) -> Result<Arc<Rulebook>, Problem> {
        self.app.rulebooks().get(program).ok_or_else(|| Problem::not_found("program"))
    }

    /// Runs a command; `persons` is the personal data that its events refer to.
    pub async fn run(
        &self,
        commanding: Commanding,
        target: &Target,
        command: impl Into<Command>,
        persons: Vec<Person>,
    ) -> Result<Done, Problem> {
        let request = Request {
            precondition: target.precondition(commanding.if_match)?,
            actor: commanding.actor,
            command: command.into(),
            keyed: commanding.keyed,
            persons,
            request_id: commanding.request_id,
        };
        self.carry_out(request, target, |error| error).await
    }

    /// Runs a command that is a batch of one to the domain: it is refused as what it is, without an entry's place.
    pub async fn run_one(
        &self,
        commanding: Commanding,
        target: &Target,
        command: impl Into<Command>,
    ) -> Result<Done, Problem> {
        let request = Request {
            precondition: target.precondition(commanding.if_match)?,
            keyed: commanding.keyed,
            request_id: commanding.request_id,
            ..Request::new(commanding.actor, command.into())
        };
        self.carry_out(request, target, alone).await
    }

    /// Runs a request, and counts what became of it.
    async fn carry_out(
        &self,
        request: Request,
        target: &Target,
        lift: fn(AppError) -> AppError,
    ) -> Result<Done, Problem> {
        let done = self.app.run(request).await.map_err(|error| self.labelled(lift(error).into(), target));
        let outcome = done.as_ref().map_or_else(|problem| problem.code().as_str(), |_| "accepted");
        metrics::counter!(COMMANDS, "outcome" => outcome).increment(1);
        done
    }

    /// Decides a command and appends nothing.
    pub async fn rehearse(
        &self,
        commanding: Commanding,
        target: &Target,
        command: impl Into<Command>,
    ) -> Result<Decision, Problem> {
        let request = Request {
            precondition: target.precondition(commanding.if_match)?,
            ..Request::new(commanding.actor, command.into())
        };
        self.app.rehearse(&request).await.map_err(|error| self.labelled(error.into(), target))
    }

    /// Where to read what a command did: the read models, or, where they lag, the cycle that it belongs to, else the
    /// streams that it wrote to, folded for this answer alone.
    pub async fn after(&self, done: &Done) -> Result<Db, Problem> {
        let store = self.app.store();
        if done.visible {
            return Ok(store.db().clone());
        }
        let streams: BTreeSet<_> = self.recorded(done).await?.into_iter().map(|event| event.stream).collect();
        if let Some(cycle) = streams.iter().find_map(cycle_of) {
            let known_at = Some(KnownAt::Position(store.feed().head().await?));
            return Ok(self.app.view_at(&cycle, Moment { as_of: None, known_at }, None).await?.db);
        }
        let mut events = Vec::new();
        for stream in &streams {
            events.extend(store.feed().stream(stream, 0).await?);
        }
        events.sort_by_key(|event| event.position);
        Ok(projector::scratch(store.models(), &events).await?)
    }

    /// The events of a command, as recorded: now, or when its idempotency key was used first.
    pub async fn recorded(&self, done: &Done) -> Result<Vec<RecordedEvent>, Problem> {
        let positions = done.committed.events.iter().map(|event| event.position);
        let Some(before) = positions.min().and_then(|first| first.checked_sub(1)) else {
            return Ok(Vec::new());
        };
        let count = u32::try_from(done.committed.events.len()).unwrap_or(u32::MAX);
        Ok(self.app.store().feed().after(before, count).await?)
    }

    /// The program of a target, where its id tells.
    pub(crate) fn program(&self, target: &Target) -> Option<ProgramId> {
        match target {
            Target::Program(program) => Some(program.clone()),
            Target::Cycle(cycle) | Target::Enrolment(cycle, _) | Target::Entries(cycle, _) => self
                .app
                .rulebooks()
                .iter()
                .map(|r| &r.program)
                .filter(|p| cycle.as_str().strip_prefix(p.as_str()).is_some_and(|rest| rest.starts_with('-')))
                // The longest, should one program's id begin with another's.
                .max_by_key(|p| p.as_str().len())
                .cloned(),
            Target::Session(_) | Target::Other => None,
        }
    }

    /// Beside every clause stands its label, e.g. 试行（征求意见稿）.
    pub(crate) fn labelled(&self, problem: Problem, target: &Target) -> Problem {
        let Some(program) = self.program(target) else {
            return problem;
        };
        let cites = problem.members().contains_key("clause");
        let problem = problem.in_program(&program);
        match self.app.rulebooks().get(&program).and_then(|r| r.label.clone()) {
            Some(label) if cites => problem.with("label", label),
            _ => problem,
        }
    }
}

/// The cycle that a stream is of.
fn cycle_of(stream: &StreamId) -> Option<CycleId> {
    match stream.kind() {
        StreamKind::Cycle => stream.id().parse().ok(),
        StreamKind::Enrolment => stream.as_enrolment().map(|(cycle, _)| cycle),
        StreamKind::Register | StreamKind::Organization | StreamKind::Session => None,
    }
}

impl Target {
    /// What `If-Match` asks of this target.
    pub(crate) fn precondition(&self, tag: Option<Tag>) -> Result<Option<Precondition>, Problem> {
        let Some(tag) = tag else {
            return match self {
                Self::Entries(cycle, seen) => entries(cycle, seen).map(Some),
                Self::Program(_) | Self::Cycle(_) | Self::Enrolment(..) | Self::Session(_) | Self::Other => Ok(None),
            };
        };
        Ok(Some(match (self, tag) {
            (Self::Cycle(cycle), Tag::Stream(version)) => Precondition::Cycle(cycle.clone(), version),
            (Self::Session(session), Tag::Stream(version)) => Precondition::Session(*session, version),
            (Self::Enrolment(cycle, uscc), Tag::Enrolment { enrolment, cycle: cycle_version }) => {
                Precondition::Enrolment { cycle: cycle.clone(), uscc: uscc.clone(), enrolment, cycle_version }
            }
            (
                Self::Program(_)
                | Self::Cycle(_)
                | Self::Enrolment(..)
                | Self::Entries(..)
                | Self::Session(_)
                | Self::Other,
                Tag::Stream(_) | Tag::Enrolment { .. },
            ) => {
                return Err(Problem::malformed_header(
                    &axum::http::header::IF_MATCH,
                    "不是此资源的版本标记。",
                    "this is not a tag of the resource addressed.",
                ));
            }
        }))
    }
}

/// What the entries of a batch have seen; a tag of something else than a file is a fault of its field.
fn entries(cycle: &CycleId, seen: &[Seen]) -> Result<Precondition, Problem> {
    let mut entries = Vec::with_capacity(seen.len());
    for Seen { index, uscc, tag } in seen {
        let Tag::Enrolment { enrolment, cycle: cycle_version } = *tag else {
            let pointer = format!("/entries/{index}/seen");
            return Err(Refusal::field(pointer, FieldCode::NotOneOf, "").into());
        };
        let (cycle, uscc) = (cycle.clone(), uscc.clone());
        entries.push((*index, Precondition::Enrolment { cycle, uscc, enrolment, cycle_version }));
    }
    Ok(Precondition::Entries(entries))
}

/// The refusal of the only entry of a batch, in place of that of the batch.
fn alone(error: AppError) -> AppError {
    if let AppError::Refused(refused) = &error
        && let Refusal::Batch(entries) = &*refused.refusal
        && let [only] = entries.as_slice()
    {
        return AppError::Refused(only.refused.clone());
    }
    error
}

/// The events of a command as an answer names them.
#[must_use]
pub fn appended(committed: &Committed) -> Vec<Appended> {
    committed
        .events
        .iter()
        .map(|e| Appended {
            r#type: e.event_type.clone(),
            stream: e.stream.clone(),
            version: e.version,
            position: e.position,
        })
        .collect()
}

/// The answer to a command that was carried out, with the resource as it now stands.
#[must_use]
pub fn answered<T>(done: &Done, result: T) -> Answered<T> {
    let answered = Answered::new(result, appended(&done.committed));
    if done.visible { answered } else { answered.not_visible_yet() }
}

#[cfg(test)]
mod tests;
