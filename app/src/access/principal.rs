//! Who is signed in: an account with all that it holds.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::grant::Office;
use super::holding::Holding;

/// How the account signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Via {
    /// By password or single sign-on; the id of the sign-in.
    SignIn(Uuid),
    /// By a token.
    Token {
        /// The token's id.
        token_id: Uuid,
        /// Whether it may only read.
        reads_only: bool,
    },
}

/// An account that has signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// The account.
    pub account_id: Uuid,
    /// Its login.
    pub login: String,
    /// Whether it must choose another password before anything else.
    pub must_change: bool,
    /// How it signed in.
    pub via: Via,
    /// What it may act as, in the order of roles.
    pub holdings: Vec<Holding>,
    /// When the sign-in or token ends.
    pub ends_at: DateTime<Utc>,
}

impl Principal {
    /// The holdings that a request may use: all, or those that it names.
    #[must_use]
    pub fn using(&self, wanted: Option<&Office>) -> Vec<&Holding> {
        self.holdings.iter().filter(|holding| wanted.is_none_or(|wanted| holding.grant.office() == *wanted)).collect()
    }
}
