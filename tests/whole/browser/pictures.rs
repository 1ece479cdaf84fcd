//! Pictures of every page, to be looked at by people: `tests/pictures` makes them.

use std::path::PathBuf;

use store::testing::TestDatabase;

use super::{Browser, DESK, PHONE, Stage};
use crate::pool;
use crate::server::Server;
use crate::town::{OFFICE, STATION, Town};

/// Where they go; git ignores it.
fn folder() -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/artifacts/pictures");
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

impl Stage {
    async fn picture(&mut self, name: &str, path: &str) {
        for (device, width) in [("desk", DESK), ("phone", PHONE)] {
            self.browser.resize(width).await;
            self.go(path).await;
            let picture = self.browser.picture().await;
            assert!(picture.starts_with(b"\x89PNG"), "{name}");
            std::fs::write(folder().join(format!("{name}-{device}.png")), picture).unwrap();
        }
    }
}

#[tokio::test]
#[ignore = "makes pictures for people to look at"]
async fn pictures_of_every_page() {
    let database = TestDatabase::sqlite().unwrap();
    let pool = pool::fill(&database, &[("A", 190), ("C", 5), ("D", 5)]).await;
    let mut stage = Stage { town: Town::over(Server::start(&database).await), browser: Browser::start(DESK).await };
    stage.picture("sign-in", "/sign-in").await;
    let (cycle, uscc) = (format!("/cycles/{}", pool::CYCLE), pool.members[0].0.to_string());
    let file = format!("{cycle}/organizations/{uscc}");
    stage.sign_in(OFFICE).await;
    for (name, path) in [
        ("desk-office", "/".to_owned()),
        ("cycles", "/cycles".to_owned()),
        ("roster", format!("{cycle}/roster")),
        ("roster-empty", format!("{cycle}/roster?search=nobody")),
        ("roster-past", format!("{cycle}/roster?as_of={}", pool.day)),
        ("roster-faulty", format!("{cycle}/roster?known_at=someday")),
        ("file", file.clone()),
        ("board", format!("{cycle}/board")),
        ("board-admissions", format!("{cycle}/board/admissions")),
        ("board-moves", format!("{cycle}/board/moves")),
        ("incidents", format!("{file}/incidents")),
        ("incident-form", format!("{file}/incidents/new")),
        ("visits", format!("{cycle}/visits")),
        ("assistance", format!("{cycle}/assistance")),
        ("sign-ins", "/account/sign-ins".to_owned()),
        ("password", "/account/password".to_owned()),
        ("no-page", "/nowhere".to_owned()),
    ] {
        stage.picture(name, &path).await;
    }
    stage.sign_in(STATION).await;
    for (name, path) in [
        ("desk-station", "/".to_owned()),
        ("visits-station", format!("{cycle}/visits")),
        ("visits-choose", format!("{cycle}/visits/new")),
        ("visit-form", format!("{file}/visits/new")),
        ("visits-of-file", format!("{file}/visits")),
        ("assistance-of-file", format!("{file}/assistance")),
    ] {
        stage.picture(name, &path).await;
    }
    stage.sign_in(&format!("organization/{uscc}/chen")).await;
    for (name, path) in [("desk-organization", "/".to_owned()), ("assistance-form", format!("{file}/assistance/new"))] {
        stage.picture(name, &path).await;
    }
}
