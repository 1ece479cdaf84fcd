//! The roster and the balance over HTTP.

use std::collections::BTreeSet;

use serde_json::json;

use crate::testing::{APPLICANT, CYCLE, House, MEMBER, uscc};

fn path(query: &str) -> String {
    format!("/cycles/{CYCLE}/roster?{query}")
}

async fn numbers(house: &House, query: &str) -> Vec<String> {
    let page = house.get(&path(query)).await.ok();
    let rows = page["items"].as_array().unwrap().iter();
    rows.map(|row| row["uscc"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn the_roster_shows_members_with_totals_and_balance_in_its_head() {
    let house = House::seeded().await;
    let page = house.get(&path("count=true")).await.ok();
    assert_eq!((&page["total"], &page["items"][0]["uscc"]), (&1.into(), &MEMBER.into()));
    let row = &page["items"][0];
    assert_eq!((&row["own_class"], &row["station_class"], &row["class"]), (&"B".into(), &"C".into(), &"C".into()));
    assert_eq!((&row["station"], &row["admitted_on"]), (&"jinghu-1".into(), &"2026-03-01".into()));
    assert_eq!(row["teaching"], json!({ "kind": "targeted", "year": 2, "attended": 0, "missing": true }));
    assert_eq!(page["totals"]["classes"], json!({ "A": 0, "B": 0, "C": 1, "D": 0 }));
    assert_eq!((&page["totals"]["applicants"], &page["totals"]["members"]), (&1.into(), &1.into()));
    assert_eq!((&page["balance"]["headroom"]["D"], &page["balance"]["excess"]), (&1.into(), &0.into()));
}

#[tokio::test]
async fn filters_of_one_field_add_up_and_those_of_several_narrow() {
    let house = House::seeded().await;
    assert_eq!(numbers(&house, "standing=applicant").await, [APPLICANT]);
    assert_eq!(numbers(&house, "standing=applicant&standing=member&sort=number").await.len(), 2);
    assert_eq!(numbers(&house, "standing=all&stage=applied").await, [APPLICANT]);
    assert_eq!(numbers(&house, "standing=former").await, [""; 0]);
    assert_eq!(numbers(&house, "class=C&district=jinghu&station=jinghu-1&recommender=office-quality").await, [MEMBER]);
    assert_eq!(numbers(&house, "class=D").await, [""; 0]);
    assert_eq!(numbers(&house, "standing=all&search=100y43").await, [MEMBER]);
    assert_eq!(numbers(&house, "standing=all&search=100y43&search=2B0008&sort=number").await, [APPLICANT, MEMBER]);
    house.get(&path("standing=king")).await.refused("invalid_parameter");
    house.get(&path("sort=price")).await.refused("invalid_parameter");
}

#[tokio::test]
async fn the_roster_is_paged_in_either_direction() {
    let house = House::seeded().await;
    house.apply(uscc(7).as_str(), "第三家组织", "2026-05-21").await;
    for sort in ["-uscc", "uscc", "-number", "name", "class", "admitted_on", "last_visit_on", "next_due_on"] {
        let (mut seen, mut cursor) = (BTreeSet::new(), String::new());
        for page in 1..=3 {
            let answer = house.get(&path(&format!("standing=all&limit=1&sort={sort}{cursor}"))).await.ok();
            seen.insert(answer["items"][0]["uscc"].to_string());
            assert_eq!(answer["next_cursor"].is_null(), page == 3, "{sort}");
            cursor = format!("&cursor={}", answer["next_cursor"].as_str().unwrap_or_default());
        }
        assert_eq!(seen.len(), 3, "{sort}");
    }
}

#[tokio::test]
async fn w27_as_of_goes_by_the_day_and_known_at_by_what_was_recorded() {
    let house = House::seeded().await;
    assert_eq!(numbers(&house, "as_of=2026-02-28").await, [""; 0]);
    assert_eq!(numbers(&house, "as_of=2026-02-28&standing=applicant").await, [MEMBER]);
    assert_eq!(numbers(&house, "as_of=2026-03-01").await, [MEMBER]);
    let head = house.app.store().feed().head().await.unwrap();
    assert_eq!(numbers(&house, &format!("known_at={head}")).await, [MEMBER]);
    // The admission and the class are one decision: never half of it.
    assert_eq!(numbers(&house, &format!("known_at={}", head - 1)).await, [""; 0]);
    house.get(&path(&format!("known_at={}", head + 1))).await.refused("position_unknown");
    house.get(&path("known_at=1")).await.refused("not_found");
}

#[tokio::test]
async fn w56_the_balance_is_shown_now_and_at_another_time() {
    let house = House::seeded().await;
    let now = house.get(&format!("/cycles/{CYCLE}/balance")).await.ok();
    assert_eq!((&now["counts"]["C"], &now["headroom"]["D"], &now["moves"]), (&1.into(), &1.into(), &json!([])));
    let then = house.get(&format!("/cycles/{CYCLE}/balance?as_of=2026-02-28")).await.ok();
    assert_eq!((&then["counts"]["C"], &then["headroom"]["D"]), (&0.into(), &0.into()));
    house.get("/cycles/wuhu-incubation-1999/balance").await.refused("not_found");
    house.get("/cycles/wuhu-incubation-1999/roster").await.refused("not_found");
}
