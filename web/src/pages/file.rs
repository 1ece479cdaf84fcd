//! 组织档案: one organisation's file in one cycle, and what happened to it over all cycles.

mod chart;
mod timeline;

use api::page::Page;
use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use domain::forms::annex2::Conclusion;
use futures::future::{try_join, try_join_all};
use projections::enrolments::Enrolment;
use projections::facts::Fact;
use projections::organizations::Organization;
use projections::timeline::TimelineEntry;

use self::chart::Chart;
use self::timeline::Entry;
use super::frame::Frame;
use crate::failure::{Failure, optional};
use crate::query::segment;
use crate::shell::{Shell, page};
use crate::visitor::User;
use crate::words::{self, Worded as _};

/// Entries of one cycle that are shown.
const ENTRIES: &str = "100";

#[derive(Template)]
#[template(path = "file.html")]
struct FilePage {
    shell: Shell,
    w: &'static words::File,
    name: String,
    gone: Option<String>,
    facts: Vec<(&'static str, String)>,
    files: Vec<OtherFile>,
    chart: Option<Chart>,
    entries: Vec<Entry>,
    more: bool,
    visits: Option<String>,
    new_visit: Option<String>,
    assistance: String,
    incidents: String,
}

/// A file of the organisation in any cycle.
struct OtherFile {
    href: String,
    cycle: String,
    outcome: String,
    current: bool,
}

pub(super) fn routes() -> Router {
    Router::new()
        .route("/cycles/{cycle}/organizations/{uscc}", get(show_file))
        .route("/documents/{document}", get(download))
}

async fn show_file(user: User, Path((cycle, uscc)): Path<(String, String)>) -> Result<Response, Failure> {
    let frame = Frame::of(&user, &cycle).await?;
    let w = words::File::of(user.language());
    let here = frame.path(&format!("/organizations/{}", segment(&uscc)));
    let (file, whole) = try_join(user.read::<Enrolment>(&here), async {
        optional(user.read::<Organization>(&format!("/organizations/{}", segment(&uscc))).await)
    })
    .await?;

    // Who may not see the organisation at large sees this cycle.
    let mut cycles: Vec<String> =
        whole.iter().flat_map(|whole| &whole.files).map(|file| file.cycle.to_string()).collect();
    if !cycles.contains(&file.cycle.to_string()) {
        cycles.push(file.cycle.to_string());
    }
    let told = try_join_all(cycles.iter().map(|cycle| told(&user, cycle, &uscc))).await?;
    let more = told.iter().any(|(timeline, _)| timeline.next_cursor.is_some());
    let (timelines, evaluations): (Vec<_>, Vec<_>) =
        told.into_iter().map(|(timeline, evaluations)| (timeline.items, evaluations.items)).unzip();
    let entries = timeline::merged(timelines.into_iter().flatten().collect(), &frame);
    let evaluations: Vec<Fact> = evaluations.into_iter().flatten().collect();

    let is_member = file.admission.is_some() && file.outcome.is_none();
    let makes_visits = user.office.role == "station" && is_member && frame.has_visits();
    let template = FilePage {
        shell: frame.shell(&user, format!("{} - {}", file.name, w.title)),
        w,
        gone: whole.as_ref().and_then(|whole| whole.gone.as_ref()).map(|gone| format!("{}：{}", gone.on, gone.reason)),
        facts: facts(&file, whole.as_ref(), &frame, w),
        files: whole.map(|whole| other_files(&whole, &file, w, &frame)).unwrap_or_default(),
        chart: Chart::of(&evaluations, &frame),
        entries,
        more,
        visits: frame.has_visits().then(|| format!("{here}/visits")),
        new_visit: makes_visits.then(|| format!("{here}/visits/new")),
        assistance: format!("{here}/assistance"),
        incidents: format!("{here}/incidents"),
        name: file.name,
    };
    Ok(page(StatusCode::OK, &template))
}

/// What happened in a cycle, the last first, and its self-evaluations. Another cycle may be of a program that this
/// user has no part in.
async fn told(user: &User, cycle: &str, uscc: &str) -> Result<(Page<TimelineEntry>, Page<Fact>), Failure> {
    let file = format!("/cycles/{}/organizations/{}", segment(cycle), segment(uscc));
    let timeline = format!("{file}/timeline?sort=-position&limit={ENTRIES}");
    let evaluations = format!("{file}/self-evaluations?limit=200");
    let (timeline, evaluations) =
        try_join(async { optional(user.read(&timeline).await) }, async { optional(user.read(&evaluations).await) })
            .await?;
    Ok((timeline.unwrap_or_else(nothing), evaluations.unwrap_or_else(nothing)))
}

fn nothing<T>() -> Page<T> {
    Page { items: Vec::new(), next_cursor: None, position: 0, total: None }
}

fn facts(
    file: &Enrolment,
    whole: Option<&Organization>,
    frame: &Frame,
    w: &'static words::File,
) -> Vec<(&'static str, String)> {
    let language = frame.language;
    let mut facts = vec![(w.stage, file.stage.in_words(language).to_owned()), (w.uscc, file.uscc.to_string())];
    facts.extend(file.district.as_ref().map(|district| (w.district, frame.names.district(district.as_str()))));
    let recommender = file.recommendation.as_ref().map(|found| frame.names.recommender(found.recommender.as_str()));
    facts.extend(recommender.map(|name| (w.recommender, name)));
    facts.extend(file.application.as_ref().map(|found| (w.applied_on, found.applied_on.to_string())));
    facts.extend(file.admission.as_ref().map(|found| (w.admitted_on, found.admitted_on.to_string())));
    if file.attempt > 1 {
        facts.push((w.attempt, file.attempt.to_string()));
    }
    if frame.has_classes() {
        let own = file.application.as_ref().and_then(|found| found.form.own_class.as_ref());
        facts.extend(own.map(|class| (w.own_class, frame.class(class.as_str()))));
        let station = file.survey.as_ref().and_then(|survey| survey.conclusion.as_ref()).map(|found| match found {
            Conclusion::Class(class) => frame.class(class.as_str()),
            Conclusion::BelowA => words::Roster::of(language).below_a.to_owned(),
        });
        facts.extend(station.map(|class| (w.station_class, class)));
        facts.extend(file.class.as_ref().map(|class| (w.class, frame.class(class.as_str()))));
    }
    let approval = file.survey.as_ref().and_then(|survey| survey.approval.as_ref());
    facts.extend(approval.map(|found| (w.report_no, found.report_no.clone())));
    facts.extend(file.outcome.as_ref().map(|ending| {
        let reason = ending.reason.as_ref().map(|reason| format!("：{reason}")).unwrap_or_default();
        (w.outcome, format!("{} {}{reason}", ending.outcome.in_words(language), ending.ended_on))
    }));
    if let Some(whole) = whole {
        let names = whole.names.iter().map(|held| held.name.as_str()).filter(|name| *name != whole.name);
        let names: Vec<_> = names.collect();
        if !names.is_empty() {
            facts.push((w.former_names, names.join("、")));
        }
        let numbers = whole.numbers.iter().map(|held| held.uscc.to_string());
        let numbers: Vec<_> = numbers.filter(|number| *number != whole.uscc.to_string()).collect();
        if !numbers.is_empty() {
            facts.push((w.former_numbers, numbers.join("、")));
        }
    }
    facts
}

fn other_files(whole: &Organization, shown: &Enrolment, w: &'static words::File, frame: &Frame) -> Vec<OtherFile> {
    let other = |file: &projections::organizations::FileBrief| OtherFile {
        href: format!("/cycles/{}/organizations/{}", segment(file.cycle.as_str()), segment(&whole.uscc.to_string())),
        cycle: file.cycle.to_string(),
        outcome: file.outcome.map_or(w.live, |outcome| outcome.in_words(frame.language)).to_owned(),
        current: file.cycle == shown.cycle,
    };
    whole.files.iter().rev().map(other).collect()
}

/// A paper, as the API hands it out.
async fn download(user: User, Path(document): Path<String>) -> Result<Response, Failure> {
    user.fetch(&format!("/documents/{}", segment(&document)), "*/*").await
}
