//! Names of districts, stations and recommenders, as a program's register has them.

use std::collections::BTreeMap;

use api::page::Page;
use api::resources::register::RegisterEntry;
use futures::future::try_join3;

use crate::failure::{Failure, optional};
use crate::form::Choice;
use crate::query::{Query, segment};
use crate::visitor::User;

/// The names of one register, by id.
#[derive(Debug, Default)]
pub(crate) struct Names {
    pub(crate) districts: BTreeMap<String, String>,
    pub(crate) stations: BTreeMap<String, String>,
    pub(crate) recommenders: BTreeMap<String, String>,
}

impl Names {
    /// The names as this user may read them; ids stand for what he may not.
    pub(crate) async fn of(user: &User, program: &str) -> Result<Self, Failure> {
        let (districts, stations, recommenders) = try_join3(
            named(user, program, "districts"),
            named(user, program, "stations"),
            named(user, program, "recommenders"),
        )
        .await?;
        Ok(Self { districts, stations, recommenders })
    }

    pub(crate) fn district(&self, id: &str) -> String {
        name(&self.districts, id)
    }

    pub(crate) fn station(&self, id: &str) -> String {
        name(&self.stations, id)
    }

    pub(crate) fn recommender(&self, id: &str) -> String {
        name(&self.recommenders, id)
    }

    /// The unit of an actor, where it has a name.
    pub(crate) fn unit(&self, role: &str, id: &str) -> Option<String> {
        let known = match role {
            "district" => &self.districts,
            "station" => &self.stations,
            "recommender" => &self.recommenders,
            _ => return None,
        };
        Some(name(known, id))
    }
}

/// What a filter offers.
pub(crate) fn choices(known: &BTreeMap<String, String>) -> Vec<Choice> {
    known.iter().map(|(id, name)| Choice::new(id, name)).collect()
}

fn name(known: &BTreeMap<String, String>, id: &str) -> String {
    known.get(id).map_or(id, String::as_str).to_owned()
}

async fn named(user: &User, program: &str, kind: &str) -> Result<BTreeMap<String, String>, Failure> {
    let path = format!("/programs/{}/{kind}", segment(program));
    let mut query = Query::default().with("limit", "200");
    let mut names = BTreeMap::new();
    loop {
        let page = optional(user.read::<Page<RegisterEntry>>(&query.after(&path)).await)?;
        let Some(Page { items, next_cursor, .. }) = page else { return Ok(names) };
        names.extend(items.into_iter().filter_map(|entry| Some((entry.id, entry.name?))));
        let Some(cursor) = next_cursor else { return Ok(names) };
        query = query.with("cursor", cursor);
    }
}
