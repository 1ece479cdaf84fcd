//! The words of the pages, in both languages. A table without one of them does not compile.

mod board;
mod daily;
mod desk;
mod events;
mod file;
mod incidents;
mod kinds;
mod roster;
mod shell;

pub(crate) use board::{Board, filled};
pub(crate) use daily::{Assistance, Visits};
pub(crate) use desk::Desk;
pub(crate) use events::{event, key};
pub(crate) use file::File;
pub(crate) use incidents::Incidents;
pub(crate) use kinds::{Worded, role};
pub(crate) use roster::{Cycles, Roster};
pub(crate) use shell::{Account, Failures, Form, Shell};

/// Makes a table: each word in Chinese, then in English.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($field:ident: $zh:literal, $en:literal;)+ }) => {
        $(#[$doc])*
        #[derive(Debug)]
        #[allow(clippy::struct_field_names, reason = "a word may be that of its table")]
        pub(crate) struct $name { $(pub(crate) $field: &'static str),+ }

        impl $name {
            const ZH: Self = Self { $($field: $zh),+ };
            const EN: Self = Self { $($field: $en),+ };

            /// The words in a language.
            pub(crate) const fn of(language: api::language::Language) -> &'static Self {
                match language {
                    api::language::Language::Chinese => &Self::ZH,
                    api::language::Language::English => &Self::EN,
                }
            }
        }
    };
}
use words;
