//! People's data is put right in place, shown in full only with a note of it, and erased for good (E8, S11).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use domain::ids::{ErasureId, PersonId};
use store::erasures::{self, Erased, Erasure};
use store::idempotency::{self, Held, Known};
use store::persons::{self, Act, Change, Correction, Person, Record};
use store::testing::TestDatabase;
use store::{Db, DbUrl, ExecuteError, Store, Submission};
use uuid::Uuid;

use crate::harness::*;

on_both_databases! {
    a_record_is_put_right_in_place_field_by_field,
    two_commands_of_one_group_give_a_person_other_data_and_the_last_one_counts,
    s11_who_is_shown_a_person_in_full_is_written_down_and_that_stays,
    e8_an_erased_person_is_nowhere_in_the_database,
    e8_an_answer_that_comes_after_the_erasure_is_not_kept,
    e8_a_command_does_not_bring_an_erased_person_back,
    e8_a_list_erases_again_and_once,
    e8_erasing_twice_changes_nothing,
    e8_what_a_crash_left_in_the_file_is_out_of_it_at_the_next_start,
}

const NAME: &str = "欧阳某某";
const PHONE: &str = "13812345678";
const EMAIL: &str = "ouyang.moumou@example.org";

fn ouyang() -> Person {
    Person {
        person_id: PersonId::new(Uuid::now_v7()),
        name: Some(NAME.to_owned()),
        phone: Some(PHONE.to_owned()),
        email: Some(EMAIL.to_owned()),
        recorded_at: id("2026-07-01T04:00:00Z"),
    }
}

fn act(reason: &str) -> Act {
    Act {
        by: "office/p/somebody".to_owned(),
        at: id("2026-07-02T04:00:00Z"),
        reason: reason.to_owned(),
        request_id: "request-1".to_owned(),
    }
}

/// A command with a key that names these people; districts tell commands apart.
fn naming(district: &str, persons: Vec<Person>) -> Submission {
    let mut submission = register(Program::new("p").district(district));
    submission.key = Some(format!("office/p/somebody {district}"));
    "hash".clone_into(&mut submission.fingerprint);
    submission.persons = persons;
    submission
}

async fn erase(store: &Store, persons: &[PersonId]) -> ErasureId {
    let erasure_id = ErasureId::new(Uuid::now_v7());
    let at = id("2026-07-03T04:00:00Z");
    let erasure = Erasure { erasure_id, persons, at, ground: "consent_withdrawn", by: "office/p/somebody" };
    erasures::erase(store.db(), &erasure, None).await.unwrap();
    erasures::scrub(store.db()).await.unwrap();
    erasure_id
}

async fn record(store: &Store, person: PersonId) -> Option<Record> {
    persons::get(store.db(), person).await.unwrap()
}

async fn a_record_is_put_right_in_place_field_by_field(database: TestDatabase) {
    let store = start(&database, Vec::new()).await;
    let person = ouyang();
    store.execute(naming("a", vec![person.clone()])).await.unwrap();
    let correction = Correction { name: None, phone: Change::Set("0553-7654321".to_owned()), email: Change::Remove };
    let held = Held { key: "office/p/somebody c".to_owned(), fingerprint: "hash".to_owned() };
    let act = act("本人来函");
    let corrected = persons::correct(store.db(), person.person_id, &correction, &act, Some(&held)).await.unwrap();
    let expected =
        Person { phone: Some("0553-7654321".to_owned()), email: None, recorded_at: act.at, ..person.clone() };
    assert_eq!(corrected, Some(Record::Known(expected.clone())));
    assert_eq!(record(&store, person.person_id).await, Some(Record::Known(expected)));
    let known = Known { fingerprint: held.fingerprint.clone(), answer: None };
    assert_eq!(idempotency::find(store.db(), &held.key).await.unwrap(), Some(known));
    assert_eq!(number(store.db(), "SELECT count(*) FROM corrections").await, 1);

    let nobody = PersonId::new(Uuid::now_v7());
    assert_eq!(persons::correct(store.db(), nobody, &correction, &act, None).await.unwrap(), None);
    erase(&store, &[person.person_id]).await;
    let late = persons::correct(store.db(), person.person_id, &correction, &act, None).await.unwrap();
    assert_eq!(late, Some(Record::Erased));
    assert_eq!(number(store.db(), "SELECT count(*) FROM corrections").await, 1);
}

async fn two_commands_of_one_group_give_a_person_other_data_and_the_last_one_counts(database: TestDatabase) {
    let store = start(&database, Vec::new()).await;
    let person = ouyang();
    let named = |name: &str| Person { name: Some(name.to_owned()), ..person.clone() };
    let both = futures::future::join(
        store.execute(naming("a", vec![named("甲")])),
        store.execute(naming("b", vec![named("乙")])),
    );
    let (first, second) = both.await;
    let (first, second) = (first.unwrap().position, second.unwrap().position);
    let last = if first > second { "甲" } else { "乙" };
    assert_eq!(record(&store, person.person_id).await, Some(Record::Known(named(last))));
    // Named twice by one command, too.
    store.execute(naming("c", vec![named("丙"), named("丁")])).await.unwrap();
    assert_eq!(record(&store, person.person_id).await, Some(Record::Known(named("丁"))));
}

async fn s11_who_is_shown_a_person_in_full_is_written_down_and_that_stays(database: TestDatabase) {
    let store = start(&database, Vec::new()).await;
    let person = ouyang();
    store.execute(naming("a", vec![person.clone()])).await.unwrap();
    let shown = persons::disclose(store.db(), person.person_id, &act("电话通知")).await.unwrap();
    assert_eq!(shown, Some(Record::Known(person.clone())));
    let written = "SELECT count(*) FROM disclosures WHERE disclosed_to = 'office/p/somebody' AND reason = '电话通知' \
                   AND request_id = 'request-1' AND disclosed_at LIKE '2026-07-02T04:00:00%'";
    assert_eq!(number(store.db(), written).await, 1);
    let nobody = PersonId::new(Uuid::now_v7());
    assert_eq!(persons::disclose(store.db(), nobody, &act("电话通知")).await.unwrap(), None);
    erase(&store, &[person.person_id]).await;
    assert_eq!(persons::disclose(store.db(), person.person_id, &act("再次")).await.unwrap(), Some(Record::Erased));
    assert_eq!(number(store.db(), "SELECT count(*) FROM disclosures").await, 1, "nothing was shown");

    for sql in ["DELETE FROM disclosures", "UPDATE disclosures SET reason = ''", "DELETE FROM corrections"] {
        let correction = Correction { name: Some("甲".to_owned()), ..Correction::default() };
        let other = ouyang();
        store.execute(naming(&format!("d{}", sql.len()), vec![other.clone()])).await.unwrap();
        persons::correct(store.db(), other.person_id, &correction, &act("更正"), None).await.unwrap();
        let mut tx = store.db().begin().await.unwrap();
        assert!(tx.run(sql).await.is_err(), "{sql}");
        tx.rollback().await.unwrap();
    }
}

/// All that a database keeps, as somebody finds it who takes it away.
async fn whole(database: &TestDatabase, db: &Db) -> Vec<u8> {
    match &database.url {
        DbUrl::Sqlite(path) => {
            let mut all = std::fs::read(path).unwrap();
            for end in ["-wal", "-shm"] {
                let mut beside = path.as_os_str().to_owned();
                beside.push(end);
                all.extend(std::fs::read(beside).unwrap_or_default());
            }
            all
        }
        DbUrl::Postgres(_) => {
            let tables = store::sql::Sql::new("SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'");
            let mut all = String::new();
            for table in tables.texts(db).await.unwrap() {
                for row in store::sql::Sql::new(&format!("SELECT t::text FROM {table} t")).texts(db).await.unwrap() {
                    all.push_str(&row);
                    all.push('\n');
                }
            }
            all.into_bytes()
        }
    }
}

/// Where a text stands, as it is or in base64 from any of the three places that it can begin at.
fn stands(all: &[u8], text: &str) -> bool {
    let there = |sought: &[u8]| all.windows(sought.len()).any(|window| window == sought);
    (0..3).any(|before| {
        let mut bytes = vec![b'"'; before];
        bytes.extend(text.as_bytes());
        let encoded = STANDARD_NO_PAD.encode(&bytes);
        // The first and the last character depend on what stands around.
        let from = [0, 2, 3][before];
        there(&encoded.as_bytes()[from..encoded.len() - 1])
    }) || there(text.as_bytes())
}

async fn e8_an_erased_person_is_nowhere_in_the_database(database: TestDatabase) {
    let store = start(&database, Vec::new()).await;
    let person = ouyang();
    store.execute(naming("a", vec![person.clone()])).await.unwrap();
    // Among many that stay, whose answers grow: pages are rearranged, and copies are left behind.
    let others: Vec<Person> = (0..200)
        .map(|n| Person {
            name: Some(format!("他人{n}")),
            phone: Some(format!("1390000{n:04}")),
            email: None,
            ..ouyang()
        })
        .collect();
    let (some, more) = others.split_at(100);
    store.execute(naming("b", some.to_vec())).await.unwrap();
    let answer = |n: usize| {
        let shown = format!("{{\"person_id\":\"…\",\"name\":\"{NAME}\",\"phone\":\"{PHONE}\",\"email\":\"{EMAIL}\"}}");
        format!("{{\"body\":\"{}\"}}", STANDARD_NO_PAD.encode(shown.repeat(n)))
    };
    idempotency::keep_answer(store.db(), "office/p/somebody a", &answer(40), &[person.person_id]).await.unwrap();
    // Shown by an answer to another command, which did not name the person.
    idempotency::keep_answer(store.db(), "office/p/somebody b", &answer(3), &[person.person_id]).await.unwrap();
    store.execute(naming("c", more.to_vec())).await.unwrap();
    let correction = Correction { name: Some(format!("{NAME}（已更名）")), ..Correction::default() };
    persons::correct(store.db(), person.person_id, &correction, &act("更正"), None).await.unwrap();
    let before = whole(&database, store.db()).await;
    for text in [NAME, PHONE, EMAIL] {
        assert!(stands(&before, text), "{text} is not found even where it is");
    }

    erase(&store, &[person.person_id]).await;
    let after = whole(&database, store.db()).await;
    for text in [NAME, PHONE, EMAIL] {
        assert!(!stands(&after, text), "{text} is still there");
    }
    assert_eq!(record(&store, person.person_id).await, Some(Record::Erased));
    assert_eq!(record(&store, others[0].person_id).await, Some(Record::Known(others[0].clone())));
    for district in ["a", "b"] {
        let again = store.execute(naming(district, Vec::new())).await;
        assert!(matches!(again, Err(ExecuteError::Erased)), "{again:?}");
        let known = idempotency::find(store.db(), &format!("office/p/somebody {district}")).await.unwrap().unwrap();
        assert!(known.is_erased() && known.answer.is_none());
    }
    assert!(store.execute(naming("c", Vec::new())).await.unwrap().repeated, "other keys are as they were");
    assert_eq!(sound_log(&store).await.len(), 3);
}

async fn e8_an_answer_that_comes_after_the_erasure_is_not_kept(database: TestDatabase) {
    let store = start(&database, Vec::new()).await;
    let (one, other) = (ouyang(), ouyang());
    store.execute(naming("a", vec![one.clone(), other.clone()])).await.unwrap();
    store.execute(naming("b", Vec::new())).await.unwrap();
    erase(&store, &[one.person_id]).await;
    for district in ["a", "b"] {
        let key = format!("office/p/somebody {district}");
        idempotency::keep_answer(store.db(), &key, NAME, &[other.person_id, one.person_id]).await.unwrap();
        let known = idempotency::find(store.db(), &key).await.unwrap().unwrap();
        assert!(known.is_erased() && known.answer.is_none(), "{district}: {known:?}");
    }
}

async fn e8_a_command_does_not_bring_an_erased_person_back(database: TestDatabase) {
    let store = start(&database, Vec::new()).await;
    let person = ouyang();
    store.execute(naming("a", vec![person.clone()])).await.unwrap();
    erase(&store, &[person.person_id]).await;
    store.execute(naming("b", vec![person.clone()])).await.unwrap();
    assert_eq!(record(&store, person.person_id).await, Some(Record::Erased));
    assert!(!stands(&whole(&database, store.db()).await, NAME));
}

async fn e8_a_list_erases_again_and_once(database: TestDatabase) {
    let store = start(&database, Vec::new()).await;
    let (gone, stays) = (ouyang(), ouyang());
    store.execute(naming("a", vec![gone.clone(), stays.clone()])).await.unwrap();
    let erased = |person_id| Erased {
        person_id,
        erasure_id: ErasureId::new(Uuid::now_v7()),
        erased_at: id("2026-07-03T04:00:00Z"),
        ground: "retention_ended".to_owned(),
    };
    // Of a person whom this database does not know, too: the backup is older.
    let list = vec![erased(gone.person_id), erased(PersonId::new(Uuid::now_v7()))];
    assert_eq!(erasures::apply(store.db(), &list).await.unwrap(), 2);
    assert_eq!(record(&store, gone.person_id).await, Some(Record::Erased));
    assert_eq!(record(&store, stays.person_id).await, Some(Record::Known(stays)));
    assert_eq!(erasures::apply(store.db(), &list).await.unwrap(), 0);
    let mut all = erasures::all(store.db()).await.unwrap();
    all.sort();
    let mut list = list;
    list.sort();
    assert_eq!(all, list, "the list of this database names them as that list did");
}

async fn e8_erasing_twice_changes_nothing(database: TestDatabase) {
    let store = start(&database, Vec::new()).await;
    let (one, other) = (ouyang(), ouyang());
    store.execute(naming("a", vec![one.clone(), other.clone()])).await.unwrap();
    let first = erase(&store, &[one.person_id]).await;
    let before = erasures::of(store.db(), one.person_id).await.unwrap();
    let second = erase(&store, &[one.person_id, other.person_id]).await;
    assert_eq!(erasures::of(store.db(), one.person_id).await.unwrap(), before);
    assert_eq!(before.iter().map(|erased| erased.erasure_id).collect::<Vec<_>>(), [first]);
    let later = erasures::of(store.db(), other.person_id).await.unwrap();
    assert_eq!(later.iter().map(|e| (e.person_id, e.erasure_id)).collect::<Vec<_>>(), [(other.person_id, second)]);
    assert_eq!(erasures::of(store.db(), PersonId::new(Uuid::now_v7())).await.unwrap(), []);
}

async fn e8_what_a_crash_left_in_the_file_is_out_of_it_at_the_next_start(database: TestDatabase) {
    let store = start(&database, Vec::new()).await;
    let person = ouyang();
    store.execute(naming("a", vec![person.clone()])).await.unwrap();
    let (erasure_id, at) = (ErasureId::new(Uuid::now_v7()), id("2026-07-03T04:00:00Z"));
    let persons = [person.person_id];
    let erasure = Erasure { erasure_id, persons: &persons, at, ground: "unlawful", by: "office/p/somebody" };
    erasures::erase(store.db(), &erasure, None).await.unwrap();
    // The process ends here; what was written before the erasure is in the write-ahead log still.
    if matches!(database.url, DbUrl::Sqlite(_)) {
        assert!(stands(&whole(&database, store.db()).await, NAME), "there would be nothing to clean up");
    }
    assert_eq!(erasures::apply(store.db(), &[]).await.unwrap(), 0);
    assert!(!stands(&whole(&database, store.db()).await, NAME));
    assert_eq!(number(store.db(), "SELECT count(*) FROM erasures WHERE scrubbed = 0").await, 0);
}
