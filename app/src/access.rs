//! Who may do what: accounts and their secrets, what they hold, and the policy that decides.
//!
//! ```text
//! secret ─▶ Gate ─▶ Principal (its holdings) ─▶ Policy (permission, resource) ─▶ Admitted (actor, scope, sight)
//! ```
//!
//! The policy is Cedar text that an official can read (`app/policy`); [`Scope`](projections::Scope) says the same of
//! lists in SQL. What neither permits is refused.

pub mod admission;
pub mod gate;
pub mod grant;
pub mod holding;
pub mod openid;
pub mod pace;
pub mod passwords;
pub mod policy;
pub mod principal;
pub mod resource;
pub mod secrets;

pub use admission::{Admitted, Denied};
pub use gate::{Gate, Known, Origin, SignInError};
pub use grant::{Grant, Office, Role};
pub use holding::Holding;
pub use openid::{OpenId, OpenIdConfig, OpenIdError};
pub use pace::{Pace, Rates};
pub use passwords::Profile;
pub use policy::{Policy, PolicyError};
pub use principal::{Principal, Via};
pub use resource::Resource;
