//! What the story leaves worth looking at.

use std::fmt::Write as _;

use domain::Actor;

use crate::accounts::DemoAccount;

use super::organizations::numbered;
use super::script::{actor, district_office, itself, recommender, station_of};
use super::{FIRST, RUNNING};

/// An address worth opening.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    /// Path and query, from the root of the server.
    pub(crate) path: String,
    /// What is seen there, in Chinese.
    pub(crate) zh: &'static str,
    /// What is seen there, in English.
    pub(crate) en: &'static str,
}

/// What the story leaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Story {
    /// Addresses worth opening, in a good order.
    pub(crate) places: Vec<Place>,
    /// The position at which the running cycle was out of balance: D above C.
    pub(crate) out_of_balance_at: u64,
    /// People of the story to act as: one of each kind.
    pub(crate) actors: Vec<Actor>,
}

impl Story {
    pub(super) fn of(out_of_balance_at: u64) -> anyhow::Result<Self> {
        let running = format!("/api/v1/cycles/{RUNNING}");
        let file = |number| Ok::<_, anyhow::Error>(format!("{running}/organizations/{}", numbered(number)?.uscc()?));
        let place = |path: String, zh, en| Place { path, zh, en };
        let places = vec![
            place("/".to_owned(), "网页", "The pages, for the accounts below"),
            place("/docs".to_owned(), "接口文档", "The API, to read and to try"),
            place(format!("{running}/roster"), "在池组织名册", "The members of the running pool"),
            place(format!("{running}/balance"), "C、D两类数量平衡", "The balance of C and D, in order again"),
            place(
                format!("{running}/balance?known_at={out_of_balance_at}"),
                "移出一家C类组织后失衡的时点",
                "The same as known when a removal had put it out of balance",
            ),
            place(format!("{running}/recommenders"), "推荐单位名额", "Places of the recommenders, one with a third"),
            place(format!("{running}/schedule"), "分类教学安排", "Teaching owed, booked, attended, missing"),
            place(format!("{running}/visits/due"), "逾期未回访", "Follow-up visits that are overdue"),
            place(format!("{running}/roster?standing=applicant"), "申请组织", "Applicants: what waits for whom"),
            place(file(1)?, "再次申请的组织档案", "The file of a member that applied again"),
            place(format!("{}/timeline", file(16)?), "移出后撤销的经过", "A removal and its rescission"),
            place(format!("{}/timeline", file(21)?), "调查报告退回重报", "A survey returned and filed again"),
            place(
                format!("/api/v1/organizations/{}", numbered(11)?.uscc()?),
                "变更过代码的组织（旧代码仍可查）",
                "An organisation under its former number",
            ),
            place(
                format!("/api/v1/cycles/{FIRST}/carry-over"),
                "上一周期回访情况汇总",
                "What the closed cycle hands on to the next",
            ),
        ];
        let (member, surveyed) = (numbered(1)?, numbered(22)?);
        let actors = vec![
            actor("office/wuhu-incubation/clerk-01")?,
            district_office(surveyed.district)?,
            station_of(surveyed)?,
            recommender("association-services")?,
            itself(member)?,
            actor("expert/expert-1/expert-1")?,
        ];
        Ok(Self { places, out_of_balance_at, actors })
    }

    /// What is printed when the story has been told: where to look, how to sign in, and what it is kept in.
    pub(crate) fn guide(&self, listen: &str, database: &str, accounts: &[DemoAccount]) -> String {
        let mut text =
            "Hatchery 演示数据已就绪，内容均为虚构。The demo is ready; everything in it is made up.\n".to_owned();
        // Writing into a string never fails.
        let _ = writeln!(text, "数据库 Database: {database}\n");
        for Place { path, zh, en } in &self.places {
            let _ = writeln!(text, "{zh} · {en}\n  http://{listen}{path}");
        }
        let _ = writeln!(text, "\n账号 Accounts, each with a password and a token:");
        for DemoAccount { login, password, token, acts_as } in accounts {
            let _ = writeln!(text, "  {login} ({acts_as})\n    {password}\n    {token}");
        }
        if let Some(office) = accounts.first() {
            let _ = writeln!(
                text,
                "\n例如 For example:\n  curl -H 'Authorization: Bearer {}' http://{listen}/api/v1/cycles/{RUNNING}/roster",
                office.token
            );
        }
        let at = self.out_of_balance_at;
        let _ = write!(text, "\n失衡时点 The pool was out of balance at position {at}.");
        text
    }
}
