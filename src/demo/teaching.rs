//! Teaching (§四（二）2, 四（三）): booked, moved, cancelled, attended, with what came of it.

use chrono::NaiveDate;
use domain::Command;
use domain::document::{Common, Waiver};
use domain::forms::facts::SessionOutcome;
use domain::ids::{AttendanceId, OrganizationId, OutcomeId, SessionId};
use domain::session::{
    AssignExperts, AttendanceEntry, CancelSession, Plan, RecordAttendance, RecordOutcome, RescheduleSession,
    ScheduleSession, SessionCommand,
};

use super::organizations::Organization;
use super::script::{Script, id, ids};

/// A kind of teaching as the story gives it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Course {
    kind: &'static str,
    title: &'static str,
    place: &'static str,
    audiences: &'static [&'static str],
    experts: &'static [&'static str],
}

/// 基础型教学
pub(super) const FOUNDATION: Course = Course {
    kind: "foundation",
    title: "卓越绩效基础理论培训班",
    place: "市质量培训中心（示例）第一教室",
    audiences: &["key_staff"],
    experts: &["expert-1"],
};

/// 提高型教学
pub(super) const IMPROVEMENT: Course = Course {
    kind: "improvement",
    title: "卓越绩效评价准则实施与自评师培训班",
    place: "市质量培训中心（示例）第二教室",
    audiences: &["quality_managers"],
    experts: &["expert-1", "expert-4"],
};

/// 精准型教学
pub(super) const TARGETED: Course = Course {
    kind: "targeted",
    title: "中高层管理者能力提升圆桌班",
    place: "市质量培训中心（示例）圆桌会议室",
    audiences: &["middle_and_senior_managers", "key_team_members"],
    experts: &["expert-3", "expert-5"],
};

/// 进阶型诊断指导
pub(super) const DIAGNOSIS: Course = Course {
    kind: "advanced_diagnosis",
    title: "“零距离”现场诊断",
    place: "组织生产现场",
    audiences: &[],
    experts: &["expert-2", "expert-5"],
};

impl Script<'_> {
    /// The award office books a session; a diagnosis is brought to its host.
    pub(super) async fn book(
        &mut self,
        course: &Course,
        on: Option<NaiveDate>,
        host: Option<&Organization>,
    ) -> anyhow::Result<SessionId> {
        let common = self.fact();
        self.book_with(course, on, host, common).await
    }

    /// The award office books a session in another year than the guide names in principle, and says why.
    pub(super) async fn book_out_of_year(
        &mut self,
        course: &Course,
        on: Option<NaiveDate>,
        reason: &str,
    ) -> anyhow::Result<SessionId> {
        let waiver = Some(Waiver { reason: reason.to_owned(), document: None });
        let common = Common { waiver, ..self.fact() };
        self.book_with(course, on, None, common).await
    }

    async fn book_with(
        &mut self,
        course: &Course,
        on: Option<NaiveDate>,
        host: Option<&Organization>,
        common: Common,
    ) -> anyhow::Result<SessionId> {
        let session_id = SessionId::new(self.fresh()?);
        let host = host.map(Organization::uscc).transpose()?.map(OrganizationId::first_registered);
        let plan = Plan {
            kind: id(course.kind)?,
            title: course.title.to_owned(),
            on: on.unwrap_or(self.today()),
            place: course.place.to_owned(),
            capacity: Some(60),
            audiences: ids(course.audiences)?,
            host,
            experts: ids(course.experts)?,
        };
        let command = SessionCommand::Schedule(ScheduleSession { session_id, cycle: self.cycle.clone(), plan, common });
        self.by_office("book a session", command).await?;
        Ok(session_id)
    }

    /// The award office moves a session.
    pub(super) async fn move_session(
        &mut self,
        session_id: SessionId,
        course: &Course,
        on: Option<NaiveDate>,
        reason: &str,
    ) -> anyhow::Result<()> {
        let command = SessionCommand::Reschedule(RescheduleSession {
            session_id,
            on: on.unwrap_or(self.today()),
            place: course.place.to_owned(),
            reason: reason.to_owned(),
            common: self.fact(),
        });
        self.by_office("move a session", command).await
    }

    /// The award office cancels a session.
    pub(super) async fn cancel(&mut self, session_id: SessionId, reason: &str) -> anyhow::Result<()> {
        let (reason, common) = (reason.to_owned(), self.fact());
        let command = SessionCommand::Cancel(CancelSession { session_id, reason, common });
        self.by_office("cancel a session", command).await
    }

    /// The award office asks further experts to a session.
    pub(super) async fn ask_experts(&mut self, session_id: SessionId, experts: &[&str]) -> anyhow::Result<()> {
        let (experts, common) = (ids(experts)?, self.fact());
        let command = SessionCommand::AssignExperts(AssignExperts { session_id, experts, common });
        self.by_office("ask experts to a session", command).await
    }

    /// The award office records who attended a session of today, each with so many people.
    pub(super) async fn attend(
        &mut self,
        session_id: SessionId,
        course: &Course,
        attending: &[(&Organization, u32)],
    ) -> anyhow::Result<()> {
        let mut entries = Vec::with_capacity(attending.len());
        for (organization, participants) in attending {
            entries.push(AttendanceEntry {
                attendance_id: AttendanceId::new(self.fresh()?),
                uscc: organization.uscc()?,
                audiences: ids(course.audiences)?,
                participants: *participants,
            });
        }
        let by = self.office()?;
        let common = self.on_paper(&by, "签到表").await?;
        let command = SessionCommand::RecordAttendance(RecordAttendance { session_id, entries, common });
        self.by_office("record attendance", command).await
    }

    /// The award office records what came of a session of today.
    pub(super) async fn outcome(&mut self, session_id: SessionId, outcome: SessionOutcome) -> anyhow::Result<()> {
        let (outcome_id, common) = (OutcomeId::new(self.fresh()?), self.fact());
        let command = SessionCommand::RecordOutcome(RecordOutcome { session_id, outcome_id, outcome, common });
        self.by_office("record an outcome", command).await
    }

    async fn by_office(&mut self, step: &str, command: SessionCommand) -> anyhow::Result<()> {
        self.run(step, &self.office()?, Command::Session(command)).await?;
        Ok(())
    }
}
