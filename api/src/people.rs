//! Data of people (个人信息): it comes in bodies, is kept beside the events, and is shown to those who act.

use domain::ids::PersonId;
use serde::{Deserialize, Serialize};
use store::persons::{self, Person};
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
    /// Phone or mobile.
    #[serde(default)]
    #[schema(max_length = 50)]
    pub phone: Option<String>,
    /// Mail address.
    #[serde(default)]
    #[schema(max_length = 200, format = "email")]
    pub email: Option<String>,
}

/// A person as known; what was erased, or is not shown to this reader, is null.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PersonView {
    /// The reference that events hold.
    pub person_id: PersonId,
    /// Name.
    pub name: Option<String>,
    /// Phone or mobile.
    pub phone: Option<String>,
    /// Mail address.
    pub email: Option<String>,
}

/// Whether a reader sees data of people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sight {
    /// The reference only.
    Reference,
    /// Name, phone and mail address.
    Person,
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

    /// A person as this reader sees it.
    pub async fn known(&self, person_id: PersonId, sight: Sight) -> Result<PersonView, Problem> {
        let record = match sight {
            Sight::Reference => None,
            Sight::Person => persons::get(self.app().store().db(), person_id).await?,
        };
        let (name, phone, email) = record.map_or_else(Default::default, |r| (r.name, r.phone, r.email));
        Ok(PersonView { person_id, name, phone, email })
    }
}
