//! The pages: HTML for people, as a client of the REST API inside the process.
//!
//! A page has no rule of its own. It asks the API's router as the visitor, and shows what comes back; whatever a page
//! can do is an operation of the contract.
//!
//! | what | where |
//! |---|---|
//! | the routes, and the API beside them | `router` |
//! | asking the API | `inside`, `visitor` |
//! | what is around every page | `shell`, `layers`, `failure` |
//! | forms: fields, errors, tokens, days | `form`, `day` |
//! | words in both languages | `words` |
//! | the pages, one file each, with a template of the same name | `pages` |
//! | style sheet, script and icon | `assets` |

mod assets;
mod cookies;
mod day;
mod failure;
mod form;
mod inside;
mod layers;
mod names;
mod pages;
mod papers;
mod query;
mod router;
mod shell;
mod visitor;
#[macro_use]
mod words;

pub use router::beside;
