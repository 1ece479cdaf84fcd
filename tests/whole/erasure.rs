//! Erasure for good (E8): of the database, of what is rebuilt of it, and of backups from before that are brought back.

mod dump;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

use chrono::Days;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use store::testing::TestDatabase;
use store::testing::cluster::{program, run};
use store::{DbUrl, Store, StoreConfig};

use crate::crash::verdict::{same_rebuilt, whole_log};
use crate::on_both_databases;
use crate::server::{Reply, Server};
use crate::town::{OFFICE, PROGRAM, Town, itself, today, uscc};
use dump::Dump;

on_both_databases! {
    e8_who_was_erased_is_gone_from_the_database_from_rebuilds_and_from_restored_backups,
}

const NAME: &str = "欧阳某某";
const PHONE: &str = "13812345678";
const EMAIL: &str = "ouyang.moumou@example.org";
/// Who stays.
const EXPERT: &str = "何某某";
const PATIENCE: Duration = Duration::from_secs(20);

fn hatchery(arguments: &[&str]) -> Output {
    let done = Command::new(env!("CARGO_BIN_EXE_hatchery")).args(arguments).env_remove("RUST_LOG").output();
    done.unwrap()
}

/// Must end well; answers what it said.
fn does(arguments: &[&str]) -> String {
    let done = hatchery(arguments);
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(done.status.success(), "{arguments:?}: {said}");
    said
}

/// Must fail; answers what it said.
fn fails(arguments: &[&str]) -> String {
    let done = hatchery(arguments);
    assert!(!done.status.success(), "{arguments:?}");
    String::from_utf8_lossy(&done.stderr).into_owned()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// A server that keeps the list of erasures.
async fn serve(database: &TestDatabase, list: &Path) -> Server {
    let setting = database.setting();
    Server::run(["serve", "--database-url", setting.as_str(), "--erasures", text(list)], database, PATIENCE).await
}

async fn keyed(server: &Server, actor: &str, key: &str, path: &str, body: &Value) -> Reply {
    let headers = [("hatchery-actor", actor), ("idempotency-key", key)];
    server.send(Method::POST, &format!("/api/v1{path}"), &headers, Some(body)).await
}

async fn look(server: &Server, path: &str) -> Reply {
    server.send(Method::GET, &format!("/api/v1{path}"), &[("hatchery-actor", OFFICE)], None).await
}

/// What one person left: a file with its contact, amended once; an expert of that name, under keys.
struct Left {
    contact: String,
    expert: String,
    application: Value,
    adding: Value,
}

async fn leave(town: &Town) -> Left {
    let mut application = town.applying(0, "B", 1);
    application["application"]["contact"] = json!({ "name": NAME, "phone": PHONE, "email": EMAIL });
    // The legal representative, too: a record of the name alone.
    application["application"]["supplement"]["legal_representative"]["name"] = NAME.into();
    let path = town.path("applications");
    let reply = keyed(&town.server, &itself(0), "apply", &path, &application).await;
    assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.body);
    let mut amendment =
        json!({ "application": application["application"], "reason": "补充", "occurred_on": town.day(2) });
    amendment["application"]["contact"]["department"] = "质量部".into();
    let path = town.file(0, "amendments");
    let reply = keyed(&town.server, &itself(0), "amend", &path, &amendment).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.body);
    let adding = json!({ "id": "expert-9", "person": { "name": NAME, "phone": PHONE, "email": EMAIL },
        "expert_kind": "city_expert_pool", "occurred_on": town.start - Days::new(30) });
    let path = format!("/programs/{PROGRAM}/experts");
    let reply = keyed(&town.server, OFFICE, "expert", &path, &adding).await;
    assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.body);
    let shown = look(&town.server, &town.file(0, "application")).await.body;
    assert_eq!((&shown["contact"]["name"], &shown["contact"]["phone"]), (&NAME.into(), &"138****5678".into()));
    let id = |value: &Value| value["person_id"].as_str().unwrap().to_owned();
    Left { contact: id(&shown["contact"]), expert: id(&reply.body["result"]["person"]), application, adding }
}

/// Backs up in the way of the database; answers what can be restored.
fn back_up(database: &TestDatabase, folder: &Path) -> PathBuf {
    let to = folder.join("early");
    match &database.url {
        DbUrl::Sqlite(_) => drop(does(&["backup", "--database-url", &database.setting(), "--to", text(&to)])),
        DbUrl::Postgres(_) => {
            let mut dump = Command::new(program("pg_dump"));
            run(dump.args(["-Fc", "-f"]).arg(&to).args(["-d", &database.administrator()])).unwrap();
        }
    }
    to
}

/// Brings a backup back, with the list or by a server that applies it.
async fn restore(backup: &Path, list: &Path, folder: &Path, sqlite: bool) -> TestDatabase {
    if sqlite {
        let to = folder.join("restored.db");
        does(&["restore", "--from", text(backup), "--erasures", text(list), "--to", text(&to)]);
        return TestDatabase::at(DbUrl::Sqlite(to));
    }
    let restored = TestDatabase::without_tables().await.unwrap();
    run(Command::new(program("pg_restore")).args(["-d", &restored.administrator()]).arg(backup)).unwrap();
    restored
}

/// None of the person's data is in a database, and that of others still is.
async fn gone(database: &TestDatabase, when: &str) {
    let dump = Dump::of(database).await;
    for data in [NAME, PHONE, EMAIL] {
        assert!(!dump.holds(data), "{data} is there {when}");
    }
    assert!(dump.holds(EXPERT), "others are gone, too, {when}");
}

/// The person is answered to be gone, whoever asks for whatever showed it.
async fn answered_gone(server: &Server, town_path: &str, left: &Left) {
    for person in [&left.contact, &left.expert] {
        let reply = look(server, &format!("/persons/{person}")).await;
        assert_eq!((reply.status, &reply.body["code"]), (StatusCode::GONE, &"erased".into()), "{}", reply.body);
    }
    let shown = look(server, &format!("{town_path}/organizations/{}/application", uscc(0))).await.body;
    assert_eq!((&shown["contact"]["name"], &shown["contact"]["phone"]), (&Value::Null, &Value::Null));
    assert_eq!(shown["contact"]["person_id"], left.contact, "history refers to it still");
    let again = keyed(server, OFFICE, "expert", &format!("/programs/{PROGRAM}/experts"), &left.adding).await;
    assert_eq!(again.body["code"], "erased", "{}", again.body);
    let again = keyed(server, &itself(0), "apply", &format!("{town_path}/applications"), &left.application).await;
    assert_eq!(again.body["code"], "erased", "{}", again.body);
}

async fn e8_who_was_erased_is_gone_from_the_database_from_rebuilds_and_from_restored_backups(database: TestDatabase) {
    let sqlite = matches!(database.url, DbUrl::Sqlite(_));
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("list.json");
    does(&["erasures", "--database-url", &database.setting(), "--to", text(&list)]);
    let town = Town::settle(serve(&database, &list).await, today() - Days::new(400)).await;
    let left = leave(&town).await;
    let cycle = town.path("").trim_end_matches('/').to_owned();
    let position = town.server.head().await;
    let backup = back_up(&database, folder.path());
    assert!(Dump::of(&database).await.holds(NAME), "the dump does not find what is there");

    let path = format!("/persons/{}/erasures", left.contact);
    let erased = keyed(&town.server, OFFICE, "erase", &path, &json!({ "ground": "consent_withdrawn" })).await;
    assert_eq!(erased.status, StatusCode::OK, "{}", erased.body);
    assert_eq!(erased.body["result"]["records"].as_array().unwrap().len(), 5, "both forms name two, and the expert");
    let again = keyed(&town.server, OFFICE, "erase", &path, &json!({ "ground": "consent_withdrawn" })).await;
    assert_eq!(again.body, erased.body);
    answered_gone(&town.server, &cycle, &left).await;
    // While it is served: nothing waits for the end of the process.
    gone(&database, "after the erasure").await;
    let listed = std::fs::read_to_string(&list).unwrap();
    assert!(listed.contains(&left.contact) && listed.contains(&left.expert), "{listed}");

    // The past still loads, without the person.
    assert_eq!(town.server.head().await, position, "erasing is no event");
    for moment in [format!("known_at={position}"), format!("as_of={}", today())] {
        let row = town.server.read(&format!("{cycle}/roster?standing=applicant&{moment}")).await;
        assert_eq!(row["items"][0]["uscc"], uscc(0), "{moment}");
    }
    town.server.stop();
    gone(&database, "after the server stopped").await;
    let store = Store::start(StoreConfig::new(database.url.clone(), projections::models())).await.unwrap();
    assert_eq!(whole_log(&store).await.len() as u64, position);
    same_rebuilt(&store).await;
    store.stop().await;
    gone(&database, "after a rebuild").await;

    let restored = restore(&backup, &list, folder.path(), sqlite).await;
    if sqlite {
        gone(&restored, "after the restore").await;
    } else {
        assert!(Dump::of(&restored).await.holds(NAME), "the backup is from before");
    }
    let server = serve(&restored, &list).await;
    answered_gone(&server, &cycle, &left).await;
    gone(&restored, "as restored and served").await;
    assert_eq!(server.head().await, position);
    server.stop();
    let store = Store::start(StoreConfig::new(restored.url.clone(), projections::models())).await.unwrap();
    same_rebuilt(&store).await;
    store.stop().await;
}

#[tokio::test]
async fn a_restored_dump_of_postgres_is_erased_in_by_the_list_before_it_is_served() {
    let database = TestDatabase::postgres().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("list.json");
    let town = Town::settle(Server::start(&database).await, today() - Days::new(400)).await;
    let left = leave(&town).await;
    let backup = back_up(&database, folder.path());
    let path = format!("/persons/{}/erasures", left.contact);
    town.server.does(OFFICE, &path, &json!({ "ground": "retention_ended" })).await;
    does(&["erasures", "--database-url", &database.setting(), "--to", text(&list)]);
    let cycle = town.path("").trim_end_matches('/').to_owned();
    town.server.stop();

    let restored = restore(&backup, &list, folder.path(), false).await;
    assert!(Dump::of(&restored).await.holds(NAME));
    does(&["erase", "--database-url", &restored.setting(), "--list", text(&list)]);
    gone(&restored, "after the list was applied").await;
    does(&["erase", "--database-url", &restored.setting(), "--list", text(&list)]);
    let server = Server::start(&restored).await;
    answered_gone(&server, &cycle, &left).await;
    server.stop();
}

#[tokio::test]
async fn a_backup_that_is_restored_without_a_list_is_warned_of_plainly() {
    let database = TestDatabase::sqlite().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let town = Town::settle(Server::start(&database).await, today() - Days::new(400)).await;
    let left = leave(&town).await;
    let backup = back_up(&database, folder.path());
    let path = format!("/persons/{}/erasures", left.contact);
    town.server.does(OFFICE, &path, &json!({ "ground": "retention_ended" })).await;
    // The list beside a backup grows with every backup; that of before names nobody yet.
    let beside = folder.path().join("erasures.json");
    assert!(!std::fs::read_to_string(&beside).unwrap().contains(&left.contact));
    let later = folder.path().join("later");
    does(&["backup", "--database-url", &database.setting(), "--to", text(&later)]);
    assert!(std::fs::read_to_string(&beside).unwrap().contains(&left.contact));
    town.server.stop();

    let restored = folder.path().join("restored.db");
    let said = does(&["restore", "--from", text(&backup), "--to", text(&restored)]);
    assert!(said.contains("the list of erasures was applied") && !said.contains("NO LIST"), "{said}");
    gone(&TestDatabase::at(DbUrl::Sqlite(restored.clone())), "as restored by the list beside it").await;
    let said = fails(&["restore", "--from", text(&backup), "--to", text(&restored)]);
    assert!(said.contains("exists already"), "{said}");

    let elsewhere = tempfile::tempdir().unwrap();
    let alone = elsewhere.path().join("early");
    std::fs::copy(&backup, &alone).unwrap();
    let again = elsewhere.path().join("restored.db");
    let said = does(&["restore", "--from", text(&alone), "--to", text(&again)]);
    assert!(said.contains("NO LIST OF ERASURES"), "{said}");
    let back = TestDatabase::at(DbUrl::Sqlite(again));
    assert!(Dump::of(&back).await.holds(NAME), "the warning says so");
    does(&["erase", "--database-url", &back.setting(), "--list", text(&beside)]);
    gone(&back, "once the list was found").await;
}

#[test]
fn nothing_is_served_or_restored_by_a_list_that_cannot_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", text(&folder.path().join("hatchery.db")));
    let (missing, broken) = (folder.path().join("missing.json"), folder.path().join("broken.json"));
    std::fs::write(&broken, "[]").unwrap();
    does(&["migrate", "--database-url", &url]);
    let copy = folder.path().join("copy.db");
    does(&["backup", "--database-url", &url, "--to", text(&copy)]);
    for list in [&missing, &broken] {
        let said = fails(&["serve", "--database-url", &url, "--listen", "127.0.0.1:0", "--erasures", text(list)]);
        assert!(said.contains(text(list)), "{said}");
        let to = folder.path().join("restored.db");
        let said = fails(&["restore", "--from", text(&copy), "--to", text(&to), "--erasures", text(list)]);
        assert!(said.contains(text(list)) && !to.exists(), "{said}");
        fails(&["erase", "--database-url", &url, "--list", text(list)]);
    }
    assert_eq!(std::fs::read_to_string(&broken).unwrap(), "[]");
}
