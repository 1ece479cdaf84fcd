//! What may be done about an incident: its page, its form, and what the API is asked.

use api::language::Language;
use chrono::NaiveDate;
use domain::forms::facts::Incident;
use projections::facts::Fact;
use projections::organizations::IncidentStatus;
use serde_json::{Value, json};

use super::Concerned;
use crate::day;
use crate::form::{Choice, Field, Fields, Form};
use crate::query::Query;
use crate::visitor::User;
use crate::words::{self, Worded as _};

/// What is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Act {
    Report,
    Determine,
    Dismiss,
    Remove,
    Rescind,
    Correct,
    Void,
}

const ALL: [Act; 7] = [Act::Report, Act::Determine, Act::Dismiss, Act::Remove, Act::Rescind, Act::Correct, Act::Void];

/// Whether this role reports incidents; the API decides.
pub(super) fn reports(user: &User) -> bool {
    matches!(user.office.role.as_str(), "office" | "district" | "station" | "recommender" | "organization")
}

impl Act {
    /// What one may do about this incident, as the API's permissions have it.
    pub(super) fn on(fact: &Fact, status: IncidentStatus, user: &User, concerned: &Concerned) -> Vec<Self> {
        let office = user.office.role == "office";
        let open = status == IncidentStatus::Reported;
        let unit = format!("{}/{}/", user.office.role, user.office.unit);
        let own = fact.recorded.actor.starts_with(&unit) && open;
        if !fact.in_force() {
            return Vec::new();
        }
        let major =
            status == IncidentStatus::Major && concerned.is_member() && concerned.frame.cycle.closed_on.is_none();
        let acts = [
            (office, Self::Determine),
            (office, Self::Dismiss),
            (office && major, Self::Remove),
            (office || own, Self::Correct),
            (office || own, Self::Void),
        ];
        acts.into_iter().filter(|(may, _)| *may).map(|(_, act)| act).collect()
    }

    /// The last part of its page's address.
    pub(super) const fn place(self) -> &'static str {
        match self {
            Self::Report => "new",
            Self::Determine => "determination",
            Self::Dismiss => "dismissal",
            Self::Remove => "removal",
            Self::Rescind => "removal-rescission",
            Self::Correct => "correction",
            Self::Void => "voiding",
        }
    }

    pub(super) fn at(place: &str) -> Option<Self> {
        ALL.into_iter().find(|act| act.place() == place)
    }

    pub(super) const fn title(self, w: &'static words::Incidents) -> &'static str {
        match self {
            Self::Report => w.report,
            Self::Determine => w.determine,
            Self::Dismiss => w.dismiss,
            Self::Remove => w.remove,
            Self::Rescind => w.rescind,
            Self::Correct => w.correct,
            Self::Void => w.void,
        }
    }

    /// What was done, in the words of the list that one comes back to.
    pub(super) fn done(query: &Query, w: &'static words::Incidents) -> Option<&'static str> {
        let act = query.get("done").and_then(Self::at);
        act.map(|act| match act {
            Self::Report => w.report_done,
            Self::Determine => w.determine_done,
            Self::Dismiss => w.dismiss_done,
            Self::Remove => w.remove_done,
            Self::Rescind => w.rescind_done,
            Self::Correct => w.correct_done,
            Self::Void => w.void_done,
        })
        .or_else(|| query.get("sent").map(|_| w.sent_before))
    }

    /// Whether it is a decision on membership, made on a version of the pool.
    pub(super) const fn concerns_the_pool(self) -> bool {
        matches!(self, Self::Remove | Self::Rescind)
    }

    /// Where the API takes it, under the file or under the cycle.
    pub(super) fn path(self, concerned: &Concerned, incident: Option<&str>) -> String {
        let id = incident.unwrap_or_default();
        let of_file = |rest: &str| format!("{}/incidents{rest}", concerned.path);
        match self {
            Self::Report => of_file(""),
            Self::Determine => of_file(&format!("/{id}/determinations")),
            Self::Dismiss => of_file(&format!("/{id}/dismissals")),
            Self::Correct => of_file(&format!("/{id}/corrections")),
            Self::Void => of_file(&format!("/{id}/voidings")),
            Self::Remove => concerned.frame.path("/removals"),
            Self::Rescind => concerned.frame.path("/removal-rescissions"),
        }
    }

    const fn day(self, w: &'static words::Incidents) -> &'static str {
        match self {
            Self::Report | Self::Correct => w.on,
            Self::Determine | Self::Dismiss => w.learned_on,
            Self::Remove | Self::Rescind => w.decided_on,
            Self::Void => w.voided_on,
        }
    }

    /// The fields of its form.
    pub(super) fn fill_in(self, form: Form, concerned: &Concerned, now: Option<(&Incident, NaiveDate)>) -> Form {
        let language = concerned.frame.language;
        let (w, hint) = (words::Incidents::of(language), words::Form::of(language).day_hint);
        let on = now.map_or_else(|| concerned.frame.today(), |(_, on)| on);
        let mut form = form.with(Field::day("on", self.day(w)).at("/occurred_on").hint(hint).value(on.to_string()));
        if matches!(self, Self::Report | Self::Correct) {
            let kinds = concerned.frame.incident_kinds().into_iter().map(|(id, name)| Choice::new(id, name)).collect();
            let (kind, text) = now.map(|(now, _)| (now.kind.to_string(), now.description.clone())).unwrap_or_default();
            form = form.with(Field::radios("kind", w.kind, kinds).at("/incident/kind").value(kind)).with(
                Field::area("description", w.description).at("/incident/description").hint(w.no_people).value(text),
            );
        }
        if self == Self::Determine {
            form = form.with(Field::radios("finding", w.finding, findings(language)).at("/finding"));
        }
        if matches!(self, Self::Determine | Self::Dismiss) {
            form = form
                .with(Field::text("authority", w.authority).at("/authority"))
                .with(Field::text("document_no", w.document_no).at("/document_no"));
        }
        if self == Self::Determine {
            form = form.with(Field::day("determined_on", w.determined_on).at("/determined_on").hint(hint));
        }
        if !matches!(self, Self::Report | Self::Determine) {
            let reason = Field::area("reason", w.reason).at("/reason").hint(w.no_people);
            form = form.with(if self == Self::Remove { reason.optional() } else { reason });
        }
        let paper = Field::file("paper", w.paper, "application/pdf,image/jpeg,image/png").at("/documents");
        let paper = paper.hint(w.paper_hint);
        let needed = matches!(self, Self::Determine | Self::Dismiss | Self::Rescind);
        form.with(if needed { paper } else { paper.optional() })
    }

    /// The body that the API takes; none where a day or a choice is missing, which the form then says.
    pub(super) fn body(
        self,
        typed: &Fields,
        concerned: &Concerned,
        incident: Option<&str>,
        form: &mut Form,
    ) -> Option<Value> {
        let mut body = json!({});
        let mut days = vec![("on", "occurred_on")];
        if self == Self::Determine {
            days.push(("determined_on", "determined_on"));
        }
        for (name, member) in days {
            match typed.filled(name).and_then(day::parse) {
                Some(day) => body[member] = json!(day),
                None => form.fault(name, form.w.not_a_day),
            }
        }
        let choice = match self {
            Self::Report | Self::Correct => Some("kind"),
            Self::Determine => Some("finding"),
            Self::Dismiss | Self::Remove | Self::Rescind | Self::Void => None,
        };
        if let Some(name) = choice.filter(|name| typed.filled(name).is_none()) {
            form.fault(name, form.w.required);
        }
        match self {
            Self::Report | Self::Correct => {
                body["incident"] = json!({ "kind": typed.text("kind"), "description": typed.text("description") });
            }
            Self::Determine => body["finding"] = json!(typed.text("finding")),
            Self::Remove => {
                body["uscc"] = json!(concerned.file.uscc);
                body["incident_id"] = json!(incident);
            }
            Self::Rescind => body["uscc"] = json!(concerned.file.uscc),
            Self::Dismiss | Self::Void => {}
        }
        if matches!(self, Self::Determine | Self::Dismiss) {
            for name in ["authority", "document_no"] {
                body[name] = json!(typed.text(name));
            }
        }
        match self {
            Self::Report | Self::Determine => {}
            Self::Remove => body["reason"] = json!(typed.filled("reason")),
            Self::Dismiss | Self::Rescind | Self::Correct | Self::Void => body["reason"] = json!(typed.text("reason")),
        }
        (!form.is_faulty()).then_some(body)
    }
}

fn findings(language: Language) -> Vec<Choice> {
    [("major", IncidentStatus::Major), ("below_major", IncidentStatus::BelowMajor)]
        .map(|(value, status)| Choice::new(value, status.in_words(language)))
        .into()
}
