//! Data of people (个人信息): shown in full for a reason, put right, erased for good.
//!
//! What is done with it is written down where it is done: who, when, why, by which request. A reason holds no personal
//! data, because it stays when the person is erased.

mod same;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use domain::ids::{ErasureId, ExpertId, PersonId, ProgramId};
use domain::register::{Details, EntryId, RegisterEntry};
use domain::{Actor, Refusal};
use store::erasures::{self, Erased, Erasure};
use store::idempotency::Held;
use store::persons::{self, Act, Change, Correction, Person, Record};
use store::{Store, StoreError};
use uuid::Uuid;

use crate::error::AppError;
use crate::hatchery::{App, Keyed};

/// Who asks for something to be done with a person's data, why, and by which request.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Who.
    pub actor: Actor,
    /// Why.
    pub reason: String,
    /// The id of the request.
    pub request_id: String,
}

/// The shortest name or number that is looked for in a reason: one character stands in many words.
const TELLING: usize = 2;

impl App {
    /// What is on record of a person.
    ///
    /// # Errors
    /// `NotFound` if nothing ever was, `Erased` if it was erased.
    pub async fn person(&self, person_id: PersonId) -> Result<Person, AppError> {
        known(persons::get(self.store().db(), person_id).await?)
    }

    /// What is on record of a person, in full; that it was asked for is written down with the answer, or nothing is
    /// answered.
    ///
    /// # Errors
    /// As [`App::person`]; and if the reason is empty, or names the person.
    pub async fn disclose(&self, person_id: PersonId, asked: Asked) -> Result<Person, AppError> {
        Refusal::unless_reason(&asked.reason, "/reason")?;
        let person = self.person(person_id).await?;
        impersonal(&asked.reason, &[&person.name, &person.phone, &person.email])?;
        known(persons::disclose(self.store().db(), person_id, &self.act(asked)).await?)
    }

    /// Puts a person's data right, in place: every event that refers to the person refers to what is right then.
    ///
    /// # Errors
    /// As [`App::disclose`].
    pub async fn correct(
        &self,
        person_id: PersonId,
        correction: &Correction,
        asked: Asked,
        keyed: Option<Keyed>,
    ) -> Result<Person, AppError> {
        Refusal::unless_reason(&asked.reason, "/reason")?;
        let before = self.person(person_id).await?;
        let (phone, email) = (given(&correction.phone), given(&correction.email));
        let said = [&before.name, &before.phone, &before.email, &correction.name, &phone, &email];
        impersonal(&asked.reason, &said)?;
        let held = keyed.map(held);
        known(persons::correct(self.store().db(), person_id, correction, &self.act(asked), held.as_ref()).await?)
    }

    /// Erases a person's data, in all records of the same person, in answers that were kept, and in the file; and puts
    /// it on the list. Answers what the act erased. Once erased, the answer is the same however often it is asked for.
    ///
    /// It goes its way even if the caller stops waiting.
    ///
    /// # Errors
    /// `NotFound` if nothing ever was on record. What failed on the way is made up for by asking again.
    pub async fn erase(
        &self,
        person_id: PersonId,
        ground: &'static str,
        by: &Actor,
        keyed: Option<Keyed>,
    ) -> Result<Vec<Erased>, AppError> {
        let (store, list) = (Arc::clone(self.store()), self.erasures().map(Path::to_owned));
        let (at, by, held) = (self.clock().now(), by.to_string(), keyed.map(held));
        let work = async move {
            let records = match persons::get(store.db(), person_id).await? {
                None => return Err(not_found()),
                Some(Record::Erased) => vec![person_id],
                Some(Record::Known(person)) => same::records(&store, &person).await?,
            };
            let erasure_id = ErasureId::new(Uuid::now_v7());
            let erasure = Erasure { erasure_id, persons: &records, at, ground, by: &by };
            erasures::erase(store.db(), &erasure, held.as_ref()).await?;
            erasures::scrub(store.db()).await?;
            if let Some(list) = list {
                add_to_list(&store, list).await?;
            }
            Ok(erasures::of(store.db(), person_id).await?)
        };
        tokio::spawn(work).await.map_err(|error| {
            tracing::error!(%error, "an erasure broke off");
            AppError::Internal
        })?
    }

    /// Applies the list of erasures, and completes it by what was erased here; to be done before anything is served.
    ///
    /// # Errors
    /// If there is a list and it cannot be read, or not be kept.
    pub async fn apply_erasures(&self) -> Result<usize, StoreError> {
        let Some(list) = self.erasures().map(Path::to_owned) else {
            return erasures::apply(self.store().db(), &[]).await;
        };
        let applied = apply_list(self.store(), &list).await?;
        add_to_list(self.store(), list).await?;
        Ok(applied)
    }

    /// The record of an expert, where there is one that was not erased.
    pub async fn record_of_expert(&self, program: &ProgramId, expert: &ExpertId) -> Result<Option<PersonId>, AppError> {
        let entry = EntryId::Expert(expert.clone());
        let asked = self.store().ask(|world| Ok(world.register(program)?.entries.get(&entry).and_then(person_of)));
        let Some(person) = asked.await?? else { return Ok(None) };
        let record = persons::get(self.store().db(), person).await?;
        Ok(matches!(record, Some(Record::Known(_))).then_some(person))
    }

    fn act(&self, asked: Asked) -> Act {
        let Asked { actor, reason, request_id } = asked;
        Act { by: actor.to_string(), at: self.clock().now(), reason, request_id }
    }
}

fn person_of(entry: &RegisterEntry) -> Option<PersonId> {
    if let Details::Expert { person, .. } = &entry.details { Some(*person) } else { None }
}

async fn apply_list(store: &Store, list: &Path) -> Result<usize, StoreError> {
    let list = list.to_owned();
    let erasures = off_the_runtime(move || erasures::list::read(&list)).await?;
    erasures::apply(store.db(), &erasures).await
}

async fn add_to_list(store: &Store, list: PathBuf) -> Result<(), StoreError> {
    let erased = erasures::all(store.db()).await?;
    off_the_runtime(move || erasures::list::add(&list, &erased)).await.map(|_| ())
}

/// Files are waited for where that stops nobody else.
async fn off_the_runtime<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| StoreError::Setup(format!("the list of erasures: {error}")))?
}

fn known(record: Option<Record>) -> Result<Person, AppError> {
    match record {
        None => Err(not_found()),
        Some(Record::Erased) => Err(AppError::Erased),
        Some(Record::Known(person)) => Ok(person),
    }
}

fn not_found() -> AppError {
    AppError::Refused(Refusal::NotFound { resource: "person" }.into())
}

fn held(keyed: Keyed) -> Held {
    Held { key: keyed.key, fingerprint: keyed.fingerprint }
}

fn given(change: &Change) -> Option<String> {
    match change {
        Change::Keep | Change::Remove => None,
        Change::Set(text) => Some(text.clone()),
    }
}

/// A reason stays when the person is erased, so that it must not say who that is.
fn impersonal(reason: &str, said: &[&Option<String>]) -> Result<(), AppError> {
    let mut said = said.iter().filter_map(|text| text.as_deref()).map(str::trim);
    if said.any(|text| text.chars().count() >= TELLING && reason.contains(text)) {
        return Err(AppError::PersonalData { pointer: "/reason" });
    }
    Ok(())
}
