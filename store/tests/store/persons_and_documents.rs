//! What is kept beside the events: data of people, and papers.

use domain::ids::{DocumentId, PersonId};
use store::documents::{self, Upload};
use store::persons::{self, Person, Record};
use store::testing::TestDatabase;
use uuid::Uuid;

use crate::harness::*;

on_both_databases! {
    a_person_is_written_with_the_command_that_names_them,
    a_person_is_not_written_when_the_command_is_refused,
    the_same_content_is_stored_once_and_found_by_its_hash,
}

fn zhang() -> Person {
    Person {
        person_id: PersonId::new(Uuid::now_v7()),
        name: Some("张三".to_owned()),
        phone: Some("0553-0000000".to_owned()),
        email: None,
        recorded_at: id("2026-07-01T04:00:00.123456Z"),
    }
}

async fn a_person_is_written_with_the_command_that_names_them(database: TestDatabase) {
    let store = start(&database, Vec::new()).await;
    let mut submission = register(Program::new("p").district("a"));
    let (zhang, li) = (zhang(), Person { name: Some("李四".to_owned()), ..zhang() });
    submission.persons = vec![zhang.clone(), li.clone()];
    store.execute(submission).await.unwrap();
    for person in [zhang, li] {
        assert_eq!(persons::get(store.db(), person.person_id).await.unwrap(), Some(Record::Known(person)));
    }
    let log = sound_log(&store).await;
    assert!(!format!("{log:?}").contains("张三"), "events hold the reference only");
}

async fn a_person_is_not_written_when_the_command_is_refused(database: TestDatabase) {
    let store = start(&database, Vec::new()).await;
    let person = zhang();
    let mut submission = register(Program::new("p").station("s", "nowhere"));
    submission.persons.push(person.clone());
    assert_eq!(refusal(store.execute(submission).await), "unknown_reference");
    assert_eq!(persons::get(store.db(), person.person_id).await.unwrap(), None);
}

async fn the_same_content_is_stored_once_and_found_by_its_hash(database: TestDatabase) {
    let store = start(&database, Vec::new()).await;
    let content: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    let upload = |title: &'static str| Upload {
        document_id: DocumentId::new(Uuid::now_v7()),
        media_type: "application/pdf",
        title,
        uploaded_by: "office/p/somebody",
        recorded_at: id("2026-07-01T04:00:00Z"),
        content: &content,
    };
    let (first, second) = (upload("推荐表"), upload("推荐表（复印件）"));
    let (one, other) =
        (documents::put(store.db(), &first).await.unwrap(), documents::put(store.db(), &second).await.unwrap());
    assert_eq!((one.title.as_str(), one.size, one.sha256.len()), ("推荐表", 100_000, 64));
    assert_eq!(one.sha256, other.sha256);
    assert_eq!(number(store.db(), "SELECT count(*) FROM documents").await, 2);
    assert_eq!(number(store.db(), "SELECT count(*) FROM document_contents").await, 1);
    assert_eq!(documents::find(store.db(), second.document_id).await.unwrap(), Some(other));
    assert_eq!(documents::content(store.db(), &one.sha256).await.unwrap(), Some(content.clone()));
    assert_eq!(documents::find(store.db(), DocumentId::new(Uuid::now_v7())).await.unwrap(), None);
    assert_eq!(documents::content(store.db(), "0").await.unwrap(), None);
    assert_eq!(
        documents::sha256(b"abc"),
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        "the example of FIPS 180-2"
    );
}
