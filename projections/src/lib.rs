//! The read models: one file each with its table, its fold and its queries.

mod address;
mod identity;

pub mod balance;
pub mod carry_over;
pub mod cycles;
pub mod enrolments;
pub mod facts;
pub mod organizations;
pub mod outreach;
pub mod page;
pub mod papers;
pub mod quotas;
pub mod register;
pub mod roster;
pub mod schedule;
pub mod scope;
pub mod sessions;
pub mod temporal;
pub mod timeline;
pub mod trace;
pub mod visits_due;

pub use scope::Scope;

#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod testing;

use std::sync::LazyLock;

use store::{AnyModel, Model};

/// Their names.
pub(crate) static NAMES: LazyLock<Vec<&'static str>> =
    LazyLock::new(|| models().iter().map(|model| model.table().name).collect());

/// All read models, to be registered with the store.
#[must_use]
pub fn models() -> Vec<Box<dyn AnyModel>> {
    vec![
        Model::<register::RegisterEntries>::boxed(),
        Model::<cycles::Cycles>::boxed(),
        Model::<roster::Roster>::boxed(),
        Model::<quotas::Quotas>::boxed(),
        Model::<outreach::OutreachLog>::boxed(),
        Model::<enrolments::Enrolments>::boxed(),
        Model::<timeline::Timeline>::boxed(),
        Model::<papers::Papers>::boxed(),
        Model::<facts::Facts>::boxed(),
        Model::<sessions::Sessions>::boxed(),
        Model::<schedule::Schedule>::boxed(),
        Model::<organizations::Organizations>::boxed(),
    ]
}
