//! The pages in a real browser: each journey as its role, with scripts and without, on both databases.

mod board;
mod daily;
mod driver;
mod incidents;
mod office;
mod pictures;
mod signing_in;

use store::testing::TestDatabase;

use crate::browser::driver::Browser;
use crate::server::Server;
use crate::town::Town;

/// The password of everybody in these tests.
const PASSWORD: &str = "a long sentence that all of them know";
/// How wide a desk's window is, and a phone's.
const DESK: u32 = 1280;
const PHONE: u32 = 390;

/// A town with pages, and one browser.
struct Stage {
    town: Town,
    browser: Browser,
}

impl Stage {
    async fn set(database: &TestDatabase, browser: Browser) -> Self {
        Self { town: Town::begun_a_year_ago(Server::start(database).await).await, browser }
    }

    /// The address of a page.
    fn at(&self, path: &str) -> String {
        format!("{}{path}", self.town.server.base())
    }

    async fn go(&self, path: &str) {
        self.browser.go(&self.at(path)).await;
    }

    /// Makes an account for an actor, written `role/unit/person`; answers its login.
    async fn account(&self, actor: &str) -> String {
        let keys = self.town.server.keys().await;
        keys.token(actor).await;
        let login = actor.rsplit('/').next().unwrap();
        keys.password(login, PASSWORD).await;
        login.to_owned()
    }

    /// Signs in as an actor.
    async fn sign_in(&self, actor: &str) {
        let login = self.account(actor).await;
        self.browser.forget().await;
        self.go("/sign-in").await;
        self.enter(&login, PASSWORD).await;
        self.browser.says("工作台").await;
    }

    /// Fills in the form of the sign-in page, and sends it.
    async fn enter(&self, login: &str, password: &str) {
        self.browser.fill("#login", login).await;
        self.browser.fill("#password", password).await;
        self.browser.send("button.main").await;
    }

    /// The address of the `n`th organisation's file.
    fn file(&self, n: usize, rest: &str) -> String {
        self.town.file(n, rest)
    }
}
