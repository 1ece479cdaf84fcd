//! What is left out of answers for readers who lack the permission of a field: grounds of refusals, and the papers of
//! incidents. Contact data is not in rows at all.

use app::access::admission::Sight;
use projections::enrolments::Enrolment;
use projections::facts::{Fact, FactKind};
use projections::roster::{Line, RosterRow};
use projections::timeline::TimelineEntry;
use serde_json::Value;

use crate::problem::Problem;

/// Events that say why a file was not taken.
pub(crate) const GROUNDS: [&str; 2] = ["RecommendationRefused", "NominationDeclined"];
/// Events that rest on the papers of an incident.
pub(crate) const INCIDENTS: [&str; 5] =
    ["IncidentReported", "IncidentCorrected", "IncidentVoided", "IncidentDetermined", "IncidentDismissed"];

/// A file as a reader sees it.
pub(crate) fn file(mut file: Enrolment, sight: Sight) -> Enrolment {
    if !sight.grounds {
        file.refusals.clear();
        if let Some(ending) = file.outcome.as_mut().filter(|ending| ending.declined.is_some()) {
            ending.declined = None;
            ending.reason = None;
        }
    }
    file
}

/// An entry of a timeline as a reader sees it.
pub(crate) fn entry(mut entry: TimelineEntry, sight: Sight) -> TimelineEntry {
    if !sight.grounds && GROUNDS.contains(&entry.event_type.as_str()) {
        entry.data = Value::Object(serde_json::Map::new());
    }
    if !sight.incident_papers && INCIDENTS.contains(&entry.event_type.as_str()) {
        entry.trace.documents.clear();
    }
    entry
}

/// A fact as a reader sees it.
pub(crate) fn fact(mut fact: Fact, kind: FactKind, sight: Sight) -> Fact {
    if !sight.incident_papers && kind == FactKind::Incidents {
        fact.recorded.documents.clear();
        for version in &mut fact.history {
            version.trace.documents.clear();
        }
        if let Some(found) = &mut fact.determination {
            found.trace.documents.clear();
        }
    }
    fact
}

/// Rows of a roster as a reader sees them.
pub(crate) fn rows(lines: Vec<Line>, sight: Sight) -> Result<Vec<Line>, Problem> {
    if sight.grounds {
        return Ok(lines);
    }
    lines
        .into_iter()
        .map(|line| {
            // Only a former file has a ground; most rows pass as they are kept.
            if let Line::Kept(row) = &line
                && row.get().contains("\"ended_reason\":null")
            {
                return Ok(line);
            }
            let row = line.into_row()?;
            Ok(Line::Filled(Box::new(RosterRow { ended_reason: None, ended_ground: None, ..row })))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::testing::{APPLICANT, CYCLE, DISTRICT, House, MEMBER, OFFICE, STATION};

    const RECOMMENDER: &str = "recommender/committee-jinghu/luo";

    fn file(uscc: &str, rest: &str) -> String {
        format!("/cycles/{CYCLE}/organizations/{uscc}{rest}")
    }

    #[tokio::test]
    async fn grounds_of_refusals_are_for_those_who_decide_and_those_concerned() {
        let house = House::seeded().await;
        let refusal =
            json!({ "reason": "材料与实际不符", "recommender": "committee-jinghu", "occurred_on": "2026-05-22" });
        house.post(RECOMMENDER, &file(APPLICANT, "/recommendation-refusals"), &refusal).await.ok();
        house.nominate(APPLICANT, "committee-jinghu", "2026-05-23").await;
        let decline = json!({ "uscc": APPLICANT, "grounds": { "text": "成效不突出" }, "occurred_on": "2026-05-30" });
        house.post(OFFICE, &format!("/cycles/{CYCLE}/declines"), &decline).await.ok();
        let itself = format!("organization/{APPLICANT}/zhou");
        let told = |text: &Value| ["材料与实际不符", "成效不突出"].map(|ground| text.to_string().contains(ground));
        for path in [file(APPLICANT, ""), file(APPLICANT, "/timeline")] {
            for reader in [OFFICE, DISTRICT, RECOMMENDER, &itself, "auditor/all/shen"] {
                let answer = house.get_as(reader, &path).await.ok();
                assert_eq!(told(&answer), [true, true], "{reader} {path}");
            }
            for reader in [STATION, "integration/all/exchange"] {
                let answer = house.get_as(reader, &path).await.ok();
                assert_eq!(told(&answer), [false, false], "{reader} {path}");
            }
        }
        let roster = format!("/cycles/{CYCLE}/roster?standing=former");
        assert!(told(&house.get_as(OFFICE, &roster).await.ok())[1]);
        let seen = house.get_as(STATION, &roster).await.ok();
        assert_eq!((seen["items"].as_array().unwrap().len(), told(&seen)[1]), (1, false));
        let events = house.get("/events?limit=1000").await.ok();
        assert_eq!(told(&events), [false, false]);
        assert_eq!(told(&house.get_as(OFFICE, "/events?limit=1000").await.ok()), [true, true]);
    }

    #[tokio::test]
    async fn a_paper_is_for_those_who_may_see_what_it_was_given_for() {
        let house = House::seeded().await;
        let (visited, determined) = (house.paper().await, house.paper().await);
        let visit = json!({ "visit": { "station": "jinghu-1", "channel": "phone", "findings": "稳步推进。" },
            "occurred_on": "2026-05-10", "documents": [visited] });
        house.post(STATION, &file(MEMBER, "/visits"), &visit).await.ok();
        let incident = json!({ "incident": { "kind": "quality", "description": "质量事故" },
            "occurred_on": "2026-05-11", "documents": [determined] });
        house.post(DISTRICT, &file(MEMBER, "/incidents"), &incident).await.ok();
        let itself = format!("organization/{MEMBER}/zhou");
        let paper = |id: &str| format!("/documents/{id}/metadata");
        for reader in [OFFICE, DISTRICT, STATION, &itself, "auditor/all/shen"] {
            house.get_as(reader, &paper(&visited)).await.ok();
        }
        for reader in [OFFICE, DISTRICT, &itself, "auditor/all/shen"] {
            house.get_as(reader, &paper(&determined)).await.ok();
            let incidents = house.get_as(reader, &file(MEMBER, "/incidents")).await.ok();
            assert!(incidents.to_string().contains(&determined), "{reader}");
        }
        house.get_as(STATION, &paper(&determined)).await.refused("not_found");
        let incidents = house.get_as(STATION, &file(MEMBER, "/incidents")).await.ok();
        assert!(!incidents.to_string().contains(&determined), "{incidents}");
        for stranger in ["station/yijiang-1/he", "district/yijiang/gao", "office/hangzhou-cultivation/lu"] {
            house.get_as(stranger, &paper(&visited)).await.refused("not_found");
        }
    }
}
