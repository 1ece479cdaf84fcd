//! The script: the scripted clock, who acts, ids that are the same each time, and one way to run a step.

use std::collections::BTreeMap;
use std::str::FromStr;
use std::sync::Arc;

use anyhow::{Context as _, anyhow, bail};
use app::{App, Request, upload};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use domain::document::{Common, DocumentRef};
use domain::ids::{CycleId, PersonId, ProgramId, SelfEvaluationId};
use domain::{Actor, Command, Rulebook};
use store::documents::{self, Upload};
use store::persons::Person;
use uuid::Uuid;

use super::calendar::Calendar;
use super::organizations::Organization;
use super::{FIRST, WUHU, paper};

/// How long a step takes: the instants of recording are all different.
const STEP: TimeDelta = TimeDelta::seconds(20);

/// The people of an organisation, by reference.
#[derive(Debug, Clone, Copy)]
pub(super) struct People {
    pub(super) contact: PersonId,
    pub(super) legal_representative: PersonId,
}

/// The story as far as it has been told.
pub(super) struct Script<'a> {
    app: &'a App,
    pub(super) calendar: Calendar,
    /// The program's rules, of the cycle that the scene plays in.
    pub(super) rulebook: Arc<Rulebook>,
    /// The cycle that the scene plays in.
    pub(super) cycle: CycleId,
    day: NaiveDate,
    now: DateTime<Utc>,
    made: u64,
    /// The people of organisations that applied already.
    pub(super) people: BTreeMap<u32, People>,
    /// The last self-evaluation report of each organisation.
    pub(super) reports: BTreeMap<u32, SelfEvaluationId>,
}

impl<'a> Script<'a> {
    /// Nothing has been told yet.
    pub(super) fn begin(app: &'a App, calendar: Calendar) -> anyhow::Result<Self> {
        Ok(Self {
            app,
            calendar,
            rulebook: rules(app, WUHU)?,
            cycle: id(FIRST)?,
            day: NaiveDate::MIN,
            now: DateTime::UNIX_EPOCH,
            made: 0,
            people: BTreeMap::new(),
            reports: BTreeMap::new(),
        })
    }

    /// Goes on in another cycle, under the rules of its program.
    pub(super) fn enter(&mut self, program: &str, cycle: &str) -> anyhow::Result<()> {
        self.rulebook = rules(self.app, program)?;
        self.cycle = id(cycle)?;
        Ok(())
    }

    /// The next steps are taken from nine in the morning of that day on. The story never goes back.
    pub(super) fn on(&mut self, day: Option<NaiveDate>) -> anyhow::Result<NaiveDate> {
        let day = day.context("a day of the story lies outside the calendar")?;
        if day < self.day {
            bail!("the story goes back from {} to {day}", self.day);
        }
        if day > self.day {
            let nine = day.and_hms_opt(9, 0, 0).context("nine in the morning")?;
            let morning = nine.and_local_timezone(self.rulebook.time_zone).single().context("the morning")?;
            self.now = morning.with_timezone(&Utc);
            self.day = day;
        }
        Ok(day)
    }

    /// The day of the steps that are being taken.
    pub(super) const fn today(&self) -> NaiveDate {
        self.day
    }

    /// A fact of today.
    pub(super) const fn fact(&self) -> Common {
        Common::on(self.day)
    }

    /// A fact of today, with a paper.
    pub(super) fn documented(&self, paper: DocumentRef) -> Common {
        Common { documents: vec![paper], ..self.fact() }
    }

    /// The award office of the present program.
    pub(super) fn office(&self) -> anyhow::Result<Actor> {
        actor(&format!("office/{}/clerk-01", self.rulebook.program))
    }

    /// An id that nothing else has: of version 7, from the clock of the story and a counter.
    pub(super) fn fresh(&mut self) -> anyhow::Result<Uuid> {
        self.made += 1;
        let mut counter = [0; 10];
        counter[2..].copy_from_slice(&self.made.to_be_bytes());
        let millis = u64::try_from(self.now.timestamp_millis())?;
        Ok(uuid::Builder::from_unix_timestamp_millis(millis, &counter).into_uuid())
    }

    /// Takes a step; answers the position of its last event.
    pub(super) async fn run(&mut self, step: &str, actor: &Actor, command: Command) -> anyhow::Result<u64> {
        self.run_naming(step, actor, command, Vec::new()).await
    }

    /// Takes a step that names people for the first time.
    pub(super) async fn run_naming(
        &mut self,
        step: &str,
        actor: &Actor,
        command: Command,
        persons: Vec<Person>,
    ) -> anyhow::Result<u64> {
        self.tick();
        let request = Request { persons, ..Request::new(actor.clone(), command) };
        let done = Box::pin(self.app.run(request)).await.map_err(|error| {
            // The refusal's code says what; its fields say where.
            anyhow!("{}, {}, {actor}: {step}: {error} ({error:?})", self.day, self.cycle)
        })?;
        Ok(done.committed.position)
    }

    /// Uploads a paper of that title, and answers the reference to it.
    pub(super) async fn paper(&mut self, by: &Actor, title: &str) -> anyhow::Result<DocumentRef> {
        self.tick();
        let document_id = self.fresh()?;
        let content = paper::pdf(title, &[&format!("{}  {by}", self.day), &document_id.to_string()]);
        let media_type = upload::media_type(&content).with_context(|| format!("the paper {title} is no paper"))?;
        let upload = Upload {
            document_id: domain::ids::DocumentId::new(document_id),
            media_type,
            title,
            uploaded_by: &by.to_string(),
            recorded_at: self.now,
            content: &content,
        };
        documents::put(self.app.store().db(), &upload).await.with_context(|| format!("the paper {title} is not kept"))
    }

    /// A fact of today with a paper of that title, handed in by `by`.
    pub(super) async fn on_paper(&mut self, by: &Actor, title: &str) -> anyhow::Result<Common> {
        let paper = self.paper(by, title).await?;
        Ok(self.documented(paper))
    }

    /// A person's record, made up.
    pub(super) fn person(&mut self, name: String, number: u32) -> anyhow::Result<Person> {
        Ok(Person {
            person_id: PersonId::new(self.fresh()?),
            name: Some(name),
            phone: Some(format!("1380000{number:04}")),
            email: Some(format!("person{number:04}@example.com")),
            recorded_at: self.now,
        })
    }

    fn tick(&mut self) {
        self.now += STEP;
        self.app.clock().set(self.now);
    }
}

fn rules(app: &App, program: &str) -> anyhow::Result<Arc<Rulebook>> {
    let program: ProgramId = id(program)?;
    app.rulebooks().get(&program).with_context(|| format!("there is no rulebook of {program}"))
}

/// Reads an id of the story.
pub(super) fn id<T: FromStr<Err: std::error::Error + Send + Sync + 'static>>(text: &str) -> anyhow::Result<T> {
    text.parse().with_context(|| format!("the id `{text}`"))
}

/// Reads several ids of the story.
pub(super) fn ids<T: FromStr<Err: std::error::Error + Send + Sync + 'static>>(
    texts: &[&str],
) -> anyhow::Result<Vec<T>> {
    texts.iter().map(|text| id(text)).collect()
}

/// Reads an actor of the story.
pub(super) fn actor(text: &str) -> anyhow::Result<Actor> {
    text.parse().with_context(|| format!("the actor `{text}`"))
}

/// The organisation as an actor.
pub(super) fn itself(organization: &Organization) -> anyhow::Result<Actor> {
    actor(&format!("organization/{}/quality-01", organization.uscc()?))
}

/// The station of an organisation's district as an actor.
pub(super) fn station_of(organization: &Organization) -> anyhow::Result<Actor> {
    actor(&format!("station/{0}-1/surveyor-{0}", organization.district))
}

/// The office of a district as an actor.
pub(super) fn district_office(district: &str) -> anyhow::Result<Actor> {
    actor(&format!("district/{district}/officer-{district}"))
}

/// A recommender as an actor.
pub(super) fn recommender(recommender: &str) -> anyhow::Result<Actor> {
    actor(&format!("recommender/{recommender}/secretary-01"))
}
