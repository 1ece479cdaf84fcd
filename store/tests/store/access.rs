//! Accounts, sign-ins and tokens, on both databases.

use chrono::{DateTime, TimeDelta, Utc};
use store::Db;
use store::access::GrantRow;
use store::access::accounts::{self, NewAccount};
use store::access::openid::{self, OpenIdName};
use store::access::sign_ins::{self, SignIn, Way};
use store::access::tokens::{self, Token};
use store::testing::TestDatabase;
use uuid::Uuid;

on_both_databases! {
    an_account_is_kept_with_its_grants_and_a_login_is_given_once,
    a_sign_in_ends_with_its_account_its_password_or_by_itself,
    a_token_is_found_by_its_hash_until_it_is_looked_at_revoked,
    a_name_of_a_provider_is_of_one_account,
    a_try_is_used_up_once_until_it_has_ended_anyway,
}

fn now() -> DateTime<Utc> {
    "2026-06-01T04:00:00.123456Z".parse().unwrap()
}

fn grant(role: &str, unit: &str) -> GrantRow {
    GrantRow { role: role.to_owned(), program: "wuhu-incubation".to_owned(), unit: unit.to_owned() }
}

async fn opened(database: &TestDatabase) -> Db {
    let db = Db::open(&database.url).await.unwrap();
    db.migrate().await.unwrap();
    db
}

async fn account(db: &Db, login: &str, grants: &[GrantRow]) -> Uuid {
    let account_id = Uuid::now_v7();
    let new = NewAccount { account_id, login, password: Some("$phc"), must_change: true, at: now() };
    assert!(accounts::create(db, &new, grants).await.unwrap());
    account_id
}

fn signing_in(account_id: Uuid) -> SignIn {
    SignIn {
        sign_in_id: Uuid::now_v7(),
        account_id,
        begun_at: now(),
        used_at: now(),
        ends_at: now() + TimeDelta::hours(12),
        address: Some("10.0.0.7".to_owned()),
        agent: None,
        way: Way::Openid,
    }
}

async fn an_account_is_kept_with_its_grants_and_a_login_is_given_once(database: TestDatabase) {
    let db = opened(&database).await;
    assert!(accounts::none(&db).await.unwrap());
    let grants = [grant("office", "wuhu-incubation"), grant("station", "jinghu-1")];
    let id = account(&db, "zhang", &grants).await;
    assert!(!accounts::none(&db).await.unwrap());
    let found = accounts::by_login(&db, "zhang").await.unwrap().unwrap();
    assert_eq!((found.account_id, found.must_change, found.created_at), (id, true, now()));
    assert_eq!((found.grants.as_slice(), found.password_at), (grants.as_slice(), Some(now())));
    let again =
        NewAccount { account_id: Uuid::now_v7(), login: "zhang", password: None, must_change: false, at: now() };
    assert!(!accounts::create(&db, &again, &[grant("auditor", "all")]).await.unwrap());
    assert_eq!(accounts::get(&db, id).await.unwrap().as_ref(), Some(&found), "a login taken changes nothing");

    accounts::set_grants(&db, id, &[grant("expert", "expert-1")]).await.unwrap();
    let found = accounts::get(&db, id).await.unwrap().unwrap();
    assert_eq!(found.grants, [grant("expert", "expert-1")]);
    account(&db, "li", &[]).await;
    let logins: Vec<_> = accounts::list(&db, "", 9).await.unwrap().into_iter().map(|account| account.login).collect();
    assert_eq!(logins, ["li", "zhang"]);
    assert_eq!(accounts::list(&db, "li", 9).await.unwrap().len(), 1);
    db.close().await;
}

async fn a_sign_in_ends_with_its_account_its_password_or_by_itself(database: TestDatabase) {
    let db = opened(&database).await;
    let id = account(&db, "zhang", &[]).await;
    let (one, two) = (signing_in(id), signing_in(id));
    sign_ins::begin(&db, &one, "hash-1").await.unwrap();
    sign_ins::begin(&db, &two, "hash-2").await.unwrap();
    let (found, of) = sign_ins::find(&db, "hash-1").await.unwrap().unwrap();
    assert_eq!((&found, of.account_id), (&one, id));
    assert_eq!(sign_ins::of(&db, id).await.unwrap().len(), 2);
    sign_ins::used(&db, one.sign_in_id, now() + TimeDelta::minutes(5)).await.unwrap();
    let (found, _) = sign_ins::find(&db, "hash-1").await.unwrap().unwrap();
    assert_eq!(found.used_at, now() + TimeDelta::minutes(5));

    accounts::set_password(&db, id, "$other", now(), false, Some(two.sign_in_id)).await.unwrap();
    assert_eq!(sign_ins::of(&db, id).await.unwrap(), std::slice::from_ref(&two), "but the one that changed it");
    let other = account(&db, "li", &[]).await;
    assert!(!sign_ins::end(&db, other, two.sign_in_id).await.unwrap(), "nobody ends another's");
    assert!(sign_ins::end(&db, id, two.sign_in_id).await.unwrap());
    assert_eq!(sign_ins::find(&db, "hash-2").await.unwrap(), None);

    sign_ins::begin(&db, &signing_in(id), "hash-3").await.unwrap();
    let later = SignIn { begun_at: now() + TimeDelta::hours(12), ..signing_in(id) };
    sign_ins::begin(&db, &later, "hash-4").await.unwrap();
    assert_eq!(sign_ins::find(&db, "hash-3").await.unwrap(), None, "what has ended goes with the next");
    accounts::set_disabled(&db, id, Some(now())).await.unwrap();
    assert_eq!(sign_ins::of(&db, id).await.unwrap(), []);
    assert_eq!(accounts::get(&db, id).await.unwrap().unwrap().disabled_at, Some(now()));
    accounts::set_disabled(&db, id, None).await.unwrap();
    assert_eq!(accounts::get(&db, id).await.unwrap().unwrap().disabled_at, None);
    db.close().await;
}

async fn a_token_is_found_by_its_hash_until_it_is_looked_at_revoked(database: TestDatabase) {
    let db = opened(&database).await;
    let id = account(&db, "exchange", &[grant("station", "jinghu-1")]).await;
    let token = Token {
        token_id: Uuid::now_v7(),
        account_id: id,
        title: "数据交换".to_owned(),
        reads_only: true,
        grant: Some(grant("station", "jinghu-1")),
        district: Some("jinghu".to_owned()),
        issued_at: now(),
        ends_at: now() + TimeDelta::days(90),
        revoked_at: None,
    };
    tokens::issue(&db, &token, "hash").await.unwrap();
    assert_eq!(tokens::find(&db, "hash").await.unwrap().unwrap().0, token);
    assert_eq!(tokens::find(&db, "other").await.unwrap(), None);
    let other = account(&db, "li", &[]).await;
    assert!(!tokens::revoke(&db, other, token.token_id, now()).await.unwrap());
    assert!(tokens::revoke(&db, id, token.token_id, now()).await.unwrap());
    assert!(tokens::revoke(&db, id, token.token_id, now() + TimeDelta::days(1)).await.unwrap());
    let [revoked] = tokens::of(&db, id).await.unwrap().try_into().unwrap();
    assert_eq!(revoked.revoked_at, Some(now()), "the first time counts");
    db.close().await;
}

async fn a_name_of_a_provider_is_of_one_account(database: TestDatabase) {
    let db = opened(&database).await;
    let (one, two) = (account(&db, "zhang", &[]).await, account(&db, "li", &[]).await);
    let name = |subject: &str| OpenIdName { issuer: "https://id.example.cn".to_owned(), subject: subject.to_owned() };
    sign_ins::begin(&db, &signing_in(one), "hash").await.unwrap();
    assert!(openid::link(&db, one, Some(&name("7"))).await.unwrap());
    assert_eq!(sign_ins::of(&db, one).await.unwrap(), [], "its sign-ins end");
    assert!(openid::link(&db, one, Some(&name("7"))).await.unwrap(), "again is no harm");
    assert!(!openid::link(&db, two, Some(&name("7"))).await.unwrap());
    let found = openid::find(&db, &name("7")).await.unwrap().unwrap();
    assert_eq!((found.account_id, found.openid), (one, Some(name("7"))));
    let elsewhere = OpenIdName { issuer: "https://other.example.cn".to_owned(), ..name("7") };
    assert_eq!(openid::find(&db, &elsewhere).await.unwrap(), None);
    assert!(openid::link(&db, two, Some(&elsewhere)).await.unwrap());
    for account in [one, two] {
        assert!(openid::link(&db, account, None).await.unwrap());
    }
    assert_eq!(openid::find(&db, &name("7")).await.unwrap(), None);

    // At the same moment.
    for round in 0..10 {
        let name = name(&round.to_string());
        let (first, second) = tokio::join!(openid::link(&db, one, Some(&name)), openid::link(&db, two, Some(&name)));
        assert_ne!(first.unwrap(), second.unwrap());
    }
    db.close().await;
}

async fn a_try_is_used_up_once_until_it_has_ended_anyway(database: TestDatabase) {
    let db = opened(&database).await;
    let ends_at = now() + TimeDelta::minutes(10);
    let at = |minutes| openid::use_up(&db, "try", ends_at, now() + TimeDelta::minutes(minutes));
    let (first, second) = tokio::join!(at(0), at(0));
    assert_ne!(first.unwrap(), second.unwrap());
    assert!(!at(9).await.unwrap());
    assert!(at(10).await.unwrap(), "what has ended is forgotten");
    db.close().await;
}
