//! Data of people (个人信息): it comes in bodies, is kept beside the events, and is shown masked to those who act.
//!
//! A name is shown as it is: who works with a file must know whom to ask for. Phone and mail address are masked on the
//! server ([`masking`]); in full they are shown by [`persons`](crate::resources::persons) only, for a reason.

use std::collections::HashMap;

use app::masking;
use domain::ids::PersonId;
use serde::{Deserialize, Serialize};
use store::persons::{self, Person, Record};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::problem::Problem;
use crate::state::Api;

/// A person as given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonBody {
    /// Name.
    #[schema(min_length = 1, max_length = 100, example = "何某某")]
    pub name: String,
    /// Phone or mobile; not a masked one.
    #[serde(default)]
    #[schema(max_length = 50, pattern = r"^[^*]*$")]
    pub phone: Option<String>,
    /// Mail address; not a masked one.
    #[serde(default)]
    #[schema(max_length = 200, format = "email", pattern = r"^[^*]*$")]
    pub email: Option<String>,
}

/// A person as known; what was erased, or is not shown to this reader, is null.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PersonView {
    /// The reference that events hold.
    pub person_id: PersonId,
    /// Name.
    pub name: Option<String>,
    /// Phone or mobile, masked: `138****1234`.
    pub phone: Option<String>,
    /// Mail address, masked: `z****@example.org`.
    pub email: Option<String>,
}

/// How much a reader sees of people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sight {
    /// The reference only.
    Reference,
    /// The name; phone and mail address masked.
    Masked,
    /// All of it. Only for an answer that was written down as a disclosure.
    Whole,
}

impl Sight {
    /// A person as seen so.
    #[must_use]
    pub fn view(self, person: &Person) -> PersonView {
        let Person { person_id, name, phone, email, .. } = person;
        let (name, phone, email) = match self {
            Self::Reference => (None, None, None),
            Self::Masked => (name.clone(), phone.as_deref().map(masking::phone), email.as_deref().map(masking::email)),
            Self::Whole => (name.clone(), phone.clone(), email.clone()),
        };
        PersonView { person_id: *person_id, name, phone, email }
    }
}

/// People as one reader sees them, looked up together.
#[derive(Debug)]
pub struct People {
    sight: Sight,
    records: HashMap<PersonId, Record>,
}

impl People {
    /// One of them; by reference only, if nothing is on record.
    #[must_use]
    pub fn view(&self, person_id: PersonId) -> PersonView {
        match self.records.get(&person_id) {
            Some(Record::Known(person)) => self.sight.view(person),
            Some(Record::Erased) | None => PersonView { person_id, name: None, phone: None, email: None },
        }
    }
}

impl Api {
    /// A new person's record, to be handed to [`Api::run`].
    #[must_use]
    pub fn person(&self, body: PersonBody) -> Person {
        Person {
            person_id: PersonId::new(Uuid::now_v7()),
            name: Some(body.name),
            phone: body.phone,
            email: body.email,
            recorded_at: self.app().clock().now(),
        }
    }

    /// These people as this reader sees them.
    pub async fn people(
        &self,
        ids: impl IntoIterator<Item = PersonId> + Send,
        sight: Sight,
    ) -> Result<People, Problem> {
        let records = match sight {
            Sight::Reference => HashMap::new(),
            Sight::Masked | Sight::Whole => persons::list(self.app().store().db(), ids).await?,
        };
        Ok(People { sight, records })
    }
}
