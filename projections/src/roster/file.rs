//! A file as it is kept: the row to answer, and what it takes to keep it true.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use domain::cycle::{Outcome, Stage, Standing};
use domain::enrolment::SurveyStep;
use domain::forms::annex1::Application;
use domain::ids::{ClassId, CycleId, DistrictId, ProgramId, RecommenderId, StationId, TeachingKindId};
use serde::{Deserialize, Serialize};
use store::Value;

use crate::enrolments::Versions;
use crate::roster::census::{Due, FileRules};
use crate::roster::{self, Profile, RosterRow, TeachingOwed};

/// A file as kept. What follows from other fields is set by `File::settle` alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    /// As answered, but for the only station of a district, which is looked up when asked.
    pub(super) row: RosterRow,
    pub(super) standing: Standing,
    pub(super) survey: Option<SurveyStep>,
    /// The station charged with the survey.
    pub(super) charged: Option<StationId>,
    /// Whether the organisation has changed its district since.
    pub(super) moved: bool,
    /// The station that surveyed it; none once the organisation has moved to another district.
    pub(super) surveyed_by: Option<StationId>,
    /// What it needs of the rules of its cycle; none where that was never opened.
    pub(super) rules: Option<FileRules>,
    /// The teaching that its class is due.
    pub(super) due: Option<Due>,
    /// Sessions attended as teaching owed, by kind.
    pub(super) attended: BTreeMap<TeachingKindId, u32>,
    /// The version of the file's stream at its application: what was counted of an earlier attempt has another.
    pub(super) since: u64,
    /// The version of the file's stream.
    pub(super) own_version: u64,
    /// The cycle's version at which this file last changed.
    pub(super) cycle_version: u64,
}

impl File {
    /// The row as kept: without what is looked up when asked.
    #[must_use]
    pub const fn row(&self) -> &RosterRow {
        &self.row
    }

    /// The two versions that make the tag of the file: of its own stream, and of the cycle's when it last named it.
    #[must_use]
    pub const fn versions(&self) -> Versions {
        Versions { enrolment: self.own_version, cycle: self.cycle_version }
    }

    /// The row, by itself.
    #[must_use]
    pub fn into_row(self) -> RosterRow {
        self.row
    }

    /// The program of its cycle.
    pub(super) fn program(&self) -> Option<&ProgramId> {
        self.rules.as_ref().map(|rules| &rules.program)
    }

    /// The station that surveyed it; none once the organisation has moved to another district.
    #[must_use]
    pub const fn surveyed_by(&self) -> Option<&StationId> {
        self.surveyed_by.as_ref()
    }

    /// The file of an application, for the first time or afresh.
    pub(super) fn of(cycle: CycleId, attempt: u32, application: &Application, profile: Profile) -> Self {
        let standing = Standing::Applied;
        let mut file = Self {
            row: RosterRow {
                cycle,
                organization: profile.organization,
                number: 0,
                uscc: profile.uscc,
                name: profile.name,
                district: profile.district,
                station: None,
                recommender: None,
                nature: application.nature,
                size: application.size,
                sector: application.sector,
                key_field: application.key_field,
                tags: Vec::new(),
                own_class: None,
                station_class: None,
                station_below_a: false,
                class: None,
                standing: roster::Standing::of(&standing),
                stage: Stage::of(&standing, None),
                attempt,
                earlier_cycles: Vec::new(),
                applied_on: application.applied_on,
                admitted_on: None,
                last_visit_on: None,
                next_due_on: None,
                teaching: None,
                open_requests: 0,
                ended_on: None,
                ended_ground: None,
                ended_reason: None,
                tag: String::new(),
            },
            standing,
            survey: None,
            charged: None,
            moved: false,
            surveyed_by: None,
            rules: None,
            due: None,
            attended: BTreeMap::new(),
            since: 0,
            own_version: 0,
            cycle_version: 0,
        };
        file.take_form(application);
        file
    }

    /// Takes from the form what is the file's own. Name and district are the organisation's.
    pub(super) fn take_form(&mut self, application: &Application) {
        self.row.nature = application.nature;
        self.row.size = application.size;
        self.row.sector = application.sector;
        self.row.key_field = application.key_field;
        self.row.tags.clone_from(&application.supplement.tags);
        self.row.own_class.clone_from(&application.own_class);
    }

    /// Puts it into a station's charge.
    pub(super) fn charge(&mut self, station: &StationId) {
        self.charged = Some(station.clone());
        self.surveyed_by = Some(station.clone());
        self.moved = false;
    }

    /// Follows the organisation to a district.
    pub(super) fn move_to(&mut self, district: &DistrictId) {
        if self.row.district != *district {
            self.surveyed_by = None;
        }
        self.row.district = district.clone();
        self.moved = true;
    }

    /// Ends the file.
    pub(super) fn end(&mut self, outcome: Outcome, on: NaiveDate, ground: Option<String>, reason: Option<&str>) {
        self.standing = Standing::Former(outcome);
        self.row.ended_on = Some(on);
        self.row.ended_ground = ground;
        self.row.ended_reason = reason.map(str::to_owned);
    }

    /// Makes the file live again as a member, in the class that it had.
    pub(super) fn reinstate(&mut self) {
        self.standing = Standing::Member;
        self.row.ended_on = None;
        self.row.ended_ground = None;
        self.row.ended_reason = None;
    }

    /// Sets what follows from other fields.
    pub(super) fn settle(&mut self) {
        let stage = Stage::of(&self.standing, self.survey);
        self.row.stage = stage;
        self.row.standing = roster::Standing::of(&self.standing);
        // An open survey stays with its station when the organisation moves; after it the local one follows.
        let survey_open = matches!(stage, Stage::Surveying | Stage::SurveyFiled | Stage::SurveyReturned);
        let follows = self.moved && !survey_open;
        self.row.station = if follows { None } else { self.charged.clone() };
        self.row.next_due_on = self.next_due_on();
        self.row.teaching = (self.standing == Standing::Member).then(|| self.teaching());
        self.row.tag = format!("{}.{}", self.own_version, self.cycle_version);
    }

    fn next_due_on(&self) -> Option<NaiveDate> {
        let days = self.rules.as_ref()?.visit_interval_days?;
        self.visit_due_from()?.checked_add_days(Days::new(days.into()))
    }

    /// What the class is due, and whether it was given.
    fn teaching(&self) -> TeachingOwed {
        let given = |due: &Due| self.attended.contains_key(&due.kind);
        TeachingOwed {
            kind: self.due.as_ref().map(|due| due.kind.clone()),
            year: self.due.as_ref().map(|due| due.year),
            attended: self.attended.values().sum(),
            missing: self.due.as_ref().is_some_and(|due| !given(due)),
        }
    }

    /// The day from which the next visit is reckoned: the last one, or admission; of a member only.
    #[must_use]
    pub fn visit_due_from(&self) -> Option<NaiveDate> {
        match self.standing {
            Standing::Member => self.row.last_visit_on.max(self.row.admitted_on),
            Standing::Applied | Standing::Nominated | Standing::Former(_) => None,
        }
    }

    /// The values of the table's columns, in their order.
    pub(super) fn columns(&self) -> Vec<Value> {
        let row = &self.row;
        let day = |day: Option<NaiveDate>| Value::from(day.map(|day| day.to_string()));
        vec![
            row.cycle.as_str().into(),
            row.organization.as_str().into(),
            row.standing.name().into(),
            row.stage.name().into(),
            row.class.as_ref().map(ClassId::as_str).into(),
            row.district.as_str().into(),
            row.station.as_ref().map(StationId::as_str).into(),
            row.recommender.as_ref().map(RecommenderId::as_str).into(),
            <&str>::from(row.nature).into(),
            <&str>::from(row.size).into(),
            <&str>::from(row.sector).into(),
            <&str>::from(row.key_field).into(),
            tags_column(&row.tags).into(),
            row.name.as_str().into(),
            row.uscc.as_str().into(),
            self.search_column().into(),
            i64::try_from(row.number).unwrap_or(i64::MAX).into(),
            day(row.admitted_on),
            day(row.last_visit_on),
            day(self.visit_due_from()),
            day(row.ended_on),
            Value::Null,
            self.surveyed_by.as_ref().map(StationId::as_str).into(),
        ]
    }

    /// What a search looks in: the name, the number in force and the one first registered.
    fn search_column(&self) -> String {
        format!("{} {} {}", self.row.name, self.row.uscc, self.row.organization).to_lowercase()
    }
}

/// Tags in one text, each between bars.
fn tags_column(tags: &[String]) -> String {
    tags.iter().fold(String::from("|"), |column, tag| column + tag + "|")
}
