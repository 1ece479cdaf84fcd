//! The use cases that the REST API and the pages share: run a command, wait until it shows, answer from read
//! models, now or at another time.

pub mod access;
pub mod audit;
pub mod clock;
pub mod error;
pub mod masking;
pub mod people;
pub mod rulebooks;
pub mod testing;
pub mod upload;

mod hatchery;
mod past;
mod standing;

pub use clock::Clock;
pub use error::AppError;
pub use hatchery::{App, Done, Keyed, Request};
pub use past::{KnownAt, Moment, View};
pub use rulebooks::Rulebooks;
