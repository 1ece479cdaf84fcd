use serde_json::json;

use crate::testing::{CYCLE, House, MEMBER, OFFICE, uscc};

#[tokio::test]
async fn w69_a_member_of_class_c_is_owed_targeted_teaching_in_the_second_year() {
    let house = House::seeded().await;
    let schedule = format!("/cycles/{CYCLE}/schedule");
    let plan = json!({
        "plan": {
            "kind": "targeted", "title": "能力提升班", "on": "2027-03-01", "place": "芜湖",
            "audiences": ["key_team_members"],
        },
        "occurred_on": "2026-05-20",
    });
    house.post(OFFICE, &format!("/cycles/{CYCLE}/sessions"), &plan).await.ok();
    let page = house.get(&format!("{schedule}?missing=true&class=C&kind=targeted&count=true")).await.ok();
    assert_eq!(page["total"], 1, "{page}");
    let entry = &page["items"][0];
    assert_eq!((&entry["uscc"], &entry["due"]["year"]), (&MEMBER.into(), &2.into()), "{entry}");
    assert_eq!(entry["booked"][0]["on"], "2027-03-01");
    assert_eq!(house.get(&format!("{schedule}?class=A")).await.ok()["items"], json!([]));
    house.get("/cycles/wuhu-incubation-1999/schedule").await.refused("not_found");
}

#[tokio::test]
async fn a_long_schedule_is_read_page_by_page_either_way() {
    let house = House::seeded().await;
    house.admit(uscc(7).as_str(), "另一组织", "C").await;
    for sort in ["organization", "-organization"] {
        let path = format!("/cycles/{CYCLE}/schedule?limit=1&sort={sort}");
        let first = house.get(&path).await.ok();
        let cursor = first["next_cursor"].as_str().unwrap();
        let second = house.get(&format!("{path}&cursor={cursor}")).await.ok();
        assert_eq!(second["next_cursor"], json!(null), "{sort}");
        assert_ne!(first["items"][0]["uscc"], second["items"][0]["uscc"], "{sort}");
    }
}
