//! The five fields of a visit, in both of its forms.

use api::language::Language;
use chrono::NaiveDate;
use domain::forms::facts::{Channel, Visit};
use domain::ids::StationId;

use crate::day;
use crate::form::{Choice, Field, Fields, Form};
use crate::words::{self, Worded as _};

/// Adds the fields, with what was recorded where something was.
pub(super) fn of_visit(form: Form, on: NaiveDate, visit: Option<&Visit>, language: Language) -> Form {
    let w = words::Visits::of(language);
    let channels = [Channel::OnSite, Channel::Phone, Channel::Online];
    let channels = channels.map(|channel| Choice::new(<&str>::from(channel), channel.in_words(language))).into();
    let recorded = |text: fn(&Visit) -> Option<&String>| visit.and_then(text).cloned().unwrap_or_default();
    let channel = visit.map(|visit| <&str>::from(visit.channel)).unwrap_or_default();
    form.with(Field::day("on", w.on).at("/occurred_on").hint(words::Form::of(language).day_hint).value(on.to_string()))
        .with(Field::radios("channel", w.channel, channels).at("/visit/channel").value(channel))
        .with(
            Field::area("findings", w.findings)
                .at("/visit/findings")
                .hint(w.no_people)
                .value(recorded(|visit| Some(&visit.findings))),
        )
        .with(Field::area("needs", w.needs).at("/visit/needs").optional().value(recorded(|visit| visit.needs.as_ref())))
        .with(
            Field::area("carry_over", w.carry_over)
                .at("/visit/carry_over")
                .optional()
                .value(recorded(|visit| visit.carry_over.as_ref())),
        )
}

/// What was typed; none where a field cannot be read, which then says so.
pub(super) fn read(typed: &Fields, station: Option<StationId>, form: &mut Form) -> Option<(Visit, NaiveDate)> {
    let w = form.w;
    let on = typed.filled("on").and_then(day::parse);
    if on.is_none() {
        form.fault("on", w.not_a_day);
    }
    let channel = typed.filled("channel").and_then(|text| serde_json::from_value(text.into()).ok());
    if channel.is_none() {
        form.fault("channel", w.required);
    }
    if typed.filled("findings").is_none() {
        form.fault("findings", w.required);
    }
    let text = |name| typed.filled(name).map(ToOwned::to_owned);
    let visit = Visit {
        station: station?,
        channel: channel?,
        findings: text("findings")?,
        needs: text("needs"),
        carry_over: text("carry_over"),
    };
    Some((visit, on?))
}
