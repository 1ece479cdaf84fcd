//! Steps 14 and 15: the end of the cycle, and the way into the next.

use chrono::Days;
use serde_json::json;

use super::{Story, row};
use crate::town::{CYCLE, OFFICE, application, itself, today, uscc};

const NEXT: &str = "wuhu-incubation-next";

impl Story {
    /// Step 14: not while an applicant is left; then all members have completed it (W-75, Q-28).
    pub(super) async fn w75_the_cycle_closes_and_hands_over(&mut self) {
        let town = &self.town;
        let closed_on = today() - Days::new(20);
        let mut closing = json!({ "occurred_on": closed_on });
        let refused = town.refuses("cycle_has_open_items", OFFICE, "closure", closing.clone()).await;
        assert_eq!(refused["applicants"], json!([uscc(7)]));
        closing["applicants"] = json!("lapse");
        town.refuses("reason_required", OFFICE, "closure", closing.clone()).await;
        closing["reason"] = json!("申请未在周期内办结。");
        let closed = town.does(OFFICE, "closure", closing).await;
        assert_eq!(closed["closed_on"], json!(closed_on));
        self.stands([0, 0, 0, 0], &[(0, "completed"), (3, "removed"), (6, "declined"), (7, "lapsed")]).await;

        let carried = self.town.read("carry-over").await;
        let station = &carried["items"][0];
        assert_eq!(station["station"], "jinghu-1");
        let organizations = station["organizations"].as_array().unwrap();
        assert_eq!(organizations.len(), 6, "all who ever were members: {carried:#}");
        let of = |n: usize| organizations.iter().find(|one| one["uscc"] == uscc(n)).unwrap();
        assert_eq!(of(0)["visits"][0]["visit"]["carry_over"], "扩大导入范围。");
        assert_eq!(of(1)["last_self_evaluation"]["content"]["gaps"], "数据不足。");
        assert_eq!(of(2)["missing_teaching"]["kind"], "advanced_diagnosis");
        assert_eq!(of(3)["outcome"], "removed");
        let ended = (closed_on - self.town.start).num_days();
        self.note(ended).await;
    }

    /// Step 15: a new application, with the self-evaluation report of the past cycle (W-76, W-77, W-78).
    pub(super) async fn w76_members_apply_again(&mut self) {
        let on = today() - Days::new(10);
        let town = &self.town;
        let opened = town.open(NEXT, today() - Days::new(15), today() - Days::new(16)).await;
        assert_eq!(opened["members"], 0, "nobody rolls over (W-76)");
        let again = |n: usize| {
            let form = application(n, Some("A"), on, &town.paper);
            json!({ "uscc": uscc(n), "application": form, "occurred_on": on })
        };
        let next = |path: &str| format!("/cycles/{NEXT}/{path}");

        let server = &town.server;
        let refused = server.refuses("self_evaluation_missing", &itself(0), &next("applications"), &again(0)).await;
        assert_eq!(refused["cycle"], CYCLE);
        let report = town.evaluating((0, 700), on);
        let report = town.acts(&itself(0), 0, "self-evaluations", report).await;
        let applied = server.does(&itself(0), &next("applications"), &again(0)).await;
        assert_eq!(applied["result"]["application"]["previous"], CYCLE, "{applied:#}");
        assert_eq!(applied["result"]["application"]["self_evaluation"], report["id"], "{applied:#}");

        let barred = server.refuses("lookback_incident", &itself(3), &next("applications"), &again(3)).await;
        let free_from = town.day(500).checked_add_months(chrono::Months::new(36)).unwrap();
        assert_eq!(barred["free_from"], json!(free_from), "three years from the incident (W-36)");
        server.does(&itself(1), &next("applications"), &again(1)).await;
        server.does(&itself(8), &next("applications"), &again(8)).await;

        let roster = server.read(&next("roster?standing=applicant")).await;
        assert_eq!(row(&roster, 0)["earlier_cycles"], json!([CYCLE]));
        assert_eq!(row(&roster, 8)["earlier_cycles"], json!([]));
        let history = server.read(&format!("/organizations/{}", uscc(0))).await;
        let cycles: Vec<_> = history["files"].as_array().unwrap().iter().map(|file| &file["cycle"]).collect();
        assert_eq!(cycles, [&json!(CYCLE), &json!(NEXT)], "{history:#}");
    }
}
