//! The one place where a [`Refusal`] of the domain becomes a [`Problem`]: code, words and members.

mod words;

use domain::refusal::{CitedRule, EntryRefused, FieldError};
use domain::{Refusal, Refused};

use super::{Code, FieldProblem, Problem};
use crate::language::Text;
use words::{days, field_errors, list, states};

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        let problem = describe(&refused.refusal);
        match refused.rule {
            Some(cited) => citing(problem, &cited),
            None => problem,
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        describe(&refusal)
    }
}

impl From<&FieldError> for FieldProblem {
    fn from(error: &FieldError) -> Self {
        let field = Self::faulty(error.pointer.as_str(), error.code);
        if error.clause.is_empty() { field } else { field.with("clause", error.clause) }
    }
}

/// Adds the rule that refuses: where it stands, in whose words, and whether it may be waived.
fn citing(problem: Problem, cited: &CitedRule) -> Problem {
    problem
        .with("rule", &cited.key)
        .with("clause", &cited.rule.clause)
        .with("rule_text", &cited.rule.text)
        .with("strength", cited.rule.strength)
        .with("waivable", cited.waivable())
        .with("ours", cited.rule.ours)
}

/// A problem of one field: the top code is also the field's.
fn at(pointer: &str, problem: Problem) -> Problem {
    let field = FieldProblem::new(pointer, problem.code().as_str(), problem.detail().clone());
    problem.with_errors([field])
}

/// Whether a pointer names a field that all entries of a batch share.
fn of_whole(pointer: &str) -> bool {
    let field = pointer.split('/').nth(1).unwrap_or_default();
    matches!(field, "occurred_on" | "approved_on" | "documents" | "waiver")
}

/// One problem for all refused entries of a batch. The top code is that of the first.
fn batch(entries: &[EntryRefused]) -> Problem {
    let mut errors = Vec::with_capacity(entries.len());
    let mut first = None;
    for entry in entries {
        let problem = Problem::from(entry.refused.clone());
        let pointer = format!("/entries/{}", entry.index);
        let inner = problem.errors().iter().cloned().map(|mut error| {
            if !error.pointer.starts_with("/entries/") && !of_whole(&error.pointer) {
                error.pointer.insert_str(0, &pointer);
            }
            error
        });
        errors.push(FieldProblem {
            errors: inner.collect(),
            members: problem.members().clone(),
            ..FieldProblem::new(pointer, problem.code().as_str(), problem.detail().clone())
        });
        first.get_or_insert(problem);
    }
    let Some(first) = first else {
        return Problem::of(Code::BatchSize);
    };
    let detail = Text::new(
        format!("批次中有 {} 项被拒绝；第一项：{}", errors.len(), first.detail().zh),
        format!("{} entries of the batch are refused. The first: {}", errors.len(), first.detail().en),
    );
    first
        .members()
        .iter()
        .fold(Problem::new(first.code(), detail.zh, detail.en), |p, (k, v)| p.with(k, v))
        .with_errors(errors)
}

#[allow(clippy::too_many_lines, reason = "one exhaustive table; splitting it would hide what is missing")]
fn describe(refusal: &Refusal) -> Problem {
    match refusal {
        // Who and where.
        Refusal::NotPermitted { role } => Problem::new(
            Code::NotPermitted,
            format!("角色 {role} 在此处不得进行该操作。"),
            format!("The role {role} may not do this here."),
        )
        .with("role", role),
        Refusal::NotFound { resource } => Problem::not_found(resource),
        Refusal::StaleVersion { given, current } => Problem::new(
            Code::StaleVersion,
            format!("所给版本 {given} 已不是当前版本，当前为 {current}。"),
            format!("Changed since version {given}; now {current}."),
        )
        .with("given", given)
        .with("current", current),

        // Forms and dates.
        Refusal::ValidationFailed(errors) => Problem::fields(field_errors(errors)),
        Refusal::UsccInvalid { pointer, reason } => Problem::fields(vec![FieldProblem::uscc(pointer.as_str(), reason)]),
        Refusal::UnknownReference { pointer, kind, id } => at(
            pointer,
            Problem::new(Code::UnknownReference, format!("{kind} {id} 不存在。"), format!("There is no {kind} {id}."))
                .with("kind", kind)
                .with("id", id),
        ),
        Refusal::ReferenceInactive { pointer, kind, id, successor } => {
            let problem = Problem::new(
                Code::ReferenceInactive,
                format!(
                    "{kind} {id} 已停用。{}",
                    successor.as_ref().map_or(String::new(), |s| format!("承接者：{s}。"))
                ),
                format!(
                    "The {kind} {id} is no longer active.{}",
                    successor.as_ref().map_or(String::new(), |s| format!(" Its successor is {s}."))
                ),
            );
            at(pointer, problem.with("kind", kind).with("id", id).with("successor", successor))
        }
        Refusal::DateInFuture { pointer, date, today } => at(
            pointer,
            Problem::new(
                Code::DateInFuture,
                format!("{date} 晚于今天（{today}）。"),
                format!("{date} is after today, {today}."),
            )
            .with("date", date)
            .with("today", today),
        ),
        Refusal::DateOutOfRange { pointer, date, from, to } => {
            let range = days(*from, *to);
            at(
                pointer,
                Problem::new(
                    Code::DateOutOfRange,
                    format!("{date} 不在允许的日期范围内（{}）。", range.zh),
                    format!("{date} is outside the days allowed ({}).", range.en),
                )
                .with("date", date)
                .with("from", from)
                .with("to", to),
            )
        }
        Refusal::ReasonRequired { pointer } => at(pointer, Problem::of(Code::ReasonRequired)),
        Refusal::DocumentMissing { pointer, what } => at(
            pointer,
            Problem::new(
                Code::DocumentMissing,
                format!("缺少材料：{what}。"),
                format!("A document is required: {what}."),
            )
            .with("document", what),
        ),

        // Cycle and order of steps.
        Refusal::CycleExists { cycle } => Problem::new(
            Code::CycleExists,
            format!("孵化周期 {cycle} 已存在。"),
            format!("The cycle {cycle} exists already."),
        )
        .with("cycle", cycle),
        Refusal::CycleOverlaps { other, starts_on, ends_on } => Problem::new(
            Code::CycleOverlaps,
            format!("与周期 {other}（{starts_on} 起，{ends_on} 前）重叠。"),
            format!("The period overlaps that of {other}, from {starts_on} until before {ends_on}."),
        )
        .with("cycle", other)
        .with("from", starts_on)
        .with("to", ends_on),
        Refusal::CycleClosed { cycle } => Problem::new(
            Code::CycleClosed,
            format!("孵化周期 {cycle} 已结束。"),
            format!("The cycle {cycle} is closed."),
        )
        .with("cycle", cycle),
        Refusal::CycleNotStarted { starts_on } => Problem::new(
            Code::CycleNotStarted,
            format!("孵化周期自 {starts_on} 开始。"),
            format!("The cycle starts on {starts_on}."),
        )
        .with("from", starts_on),
        Refusal::CycleHasOpenItems { applicants, sessions } => Problem::new(
            Code::CycleHasOpenItems,
            format!("尚有申请组织 {} 个、已安排的教学 {} 次。", applicants.len(), sessions.len()),
            format!("{} applicant(s) and {} booked session(s) remain.", applicants.len(), sessions.len()),
        )
        .with("applicants", applicants)
        .with("sessions", sessions),
        Refusal::CycleEndsLater { ends_on } => Problem::new(
            Code::CycleEndsLater,
            format!("周期至 {ends_on} 止，提前结束须写明理由。"),
            format!("The cycle ends on {ends_on}; closing it earlier needs a reason."),
        )
        .with("ends_on", ends_on),
        Refusal::IntakeClosed { from, to } => {
            let range = days(*from, *to);
            Problem::new(
                Code::IntakeClosed,
                format!("申报时间为：{}。", range.zh),
                format!("Applications are taken: {}.", range.en),
            )
            .with("from", from)
            .with("to", to)
        }
        Refusal::StepOutOfOrder { stage, allowed_stages } => Problem::new(
            Code::StepOutOfOrder,
            format!("当前阶段为 {stage}，该操作适用于：{}。", list(allowed_stages)),
            format!("The stage is {stage}; this step fits: {}.", list(allowed_stages)),
        )
        .with("stage", stage)
        .with("allowed_stages", allowed_stages),
        Refusal::NotAMember { organization, standing } => Problem::new(
            Code::NotAMember,
            format!("{organization} 不是入池组织（{standing}）。"),
            format!("{organization} is not a member but: {standing}."),
        )
        .with("organization", organization)
        .with("standing", standing),

        // Application, nomination, eligibility.
        Refusal::ApplicationMissing => Problem::of(Code::ApplicationMissing),
        Refusal::ApplicationFrozen => Problem::of(Code::ApplicationFrozen),
        Refusal::AlreadyInCycle { cycle } => Problem::new(
            Code::AlreadyInCycle,
            format!("该组织在周期 {cycle} 中已有未结束的档案。"),
            format!("The organisation has a live file in {cycle} already."),
        )
        .with("cycle", cycle),
        Refusal::AlreadyInProgram { cycle } => Problem::new(
            Code::AlreadyInProgram,
            format!("该组织在同一项目的周期 {cycle} 中已有未结束的档案。"),
            format!("The organisation has a live file in {cycle} of the same program."),
        )
        .with("cycle", cycle),
        Refusal::NotAgainInCycle { cycle, outcome } => Problem::new(
            Code::NotAgainInCycle,
            format!("该组织在周期 {cycle} 中的结果为 {outcome}，本周期内不得再次申请。"),
            format!("The file in {cycle} ended as {outcome}; no second application in the same cycle."),
        )
        .with("cycle", cycle)
        .with("outcome", outcome),
        Refusal::QuotaExceeded { recommender, limit, used } => Problem::new(
            Code::QuotaExceeded,
            format!("推荐单位 {recommender} 的 {limit} 个名额已用 {used} 个。"),
            format!("The recommender {recommender} has used {used} of its {limit} places."),
        )
        .with("recommender", recommender)
        .with("limit", limit)
        .with("used", used),
        Refusal::EligibilityNotMet { conditions } => Problem::new(
            Code::EligibilityNotMet,
            format!("不符合的申报条件：{}。", list(conditions.iter().map(|c| &c.id))),
            format!("Conditions not met: {}.", list(conditions.iter().map(|c| &c.id))),
        )
        .with("conditions", states(conditions)),
        Refusal::EligibilityOpen { conditions } => Problem::new(
            Code::EligibilityOpen,
            format!("尚缺证明的申报条件：{}。", list(conditions.iter().map(|c| &c.id))),
            format!("Conditions that lack proof: {}.", list(conditions.iter().map(|c| &c.id))),
        )
        .with("conditions", states(conditions)),
        Refusal::LookbackIncident { incident, occurred_on, free_from } => Problem::new(
            Code::LookbackIncident,
            format!("{occurred_on} 的重大事故在回溯期内，{free_from} 起可再申请。"),
            format!("The major incident of {occurred_on} lies inside the look-back; free from {free_from}."),
        )
        .with("incident", incident)
        .with("occurred_on", occurred_on)
        .with("free_from", free_from),
        Refusal::SelfEvaluationMissing { cycle } => Problem::new(
            Code::SelfEvaluationMissing,
            format!("缺少周期 {cycle} 的自我评价报告。"),
            format!("The self-evaluation report for {cycle} is missing."),
        )
        .with("cycle", cycle),
        Refusal::RuleNotWaivable => Problem::of(Code::RuleNotWaivable),

        // Survey and class.
        Refusal::SurveyNotAssigned => Problem::of(Code::SurveyNotAssigned),
        Refusal::StationNotResponsible { station, responsible } => Problem::new(
            Code::StationNotResponsible,
            format!("服务站 {station} 不负责该组织{}。", words::named(responsible.as_deref(), "，负责的是 ")),
            format!("The station {station} is not responsible{}.", words::named(responsible.as_deref(), "; it is ")),
        )
        .with("station", station)
        .with("responsible", responsible),
        Refusal::SurveyIncomplete { sections } => Problem::new(
            Code::SurveyIncomplete,
            format!("调查表有 {} 处不完整。", sections.len()),
            format!("The survey is incomplete in {} place(s).", sections.len()),
        )
        .with("sections", sections.iter().map(|s| &s.pointer).collect::<Vec<_>>())
        .with_errors(field_errors(sections)),
        Refusal::SurveyNotApproved { organizations } => Problem::new(
            Code::SurveyNotApproved,
            format!("调查尚未审定：{}。", list(organizations)),
            format!("The survey is not approved: {}.", list(organizations)),
        )
        .with("organizations", organizations),
        Refusal::SelfApproval => Problem::of(Code::SelfApproval),
        Refusal::ClassUnknown { class, known } => Problem::new(
            Code::ClassUnknown,
            format!("没有类别 {class}，已有：{}。", list(known)),
            format!("{class} is not a class of this program; its classes: {}.", list(known)),
        )
        .with("class", class)
        .with("known", known),
        Refusal::ClassNotMovable { class, movable } => Problem::new(
            Code::ClassNotMovable,
            format!("类别 {class} 不得动态调整，可调整的有：{}。", list(movable)),
            format!("The class {class} does not move; those that do: {}.", list(movable)),
        )
        .with("class", class)
        .with("movable", movable),
        Refusal::ClassUnchanged { class } => Problem::new(
            Code::ClassUnchanged,
            format!("该组织已在 {class} 类。"),
            format!("The organisation is in class {class} already."),
        )
        .with("class", class),
        Refusal::GroundsRequired { station, office } => Problem::new(
            Code::GroundsRequired,
            format!(
                "服务站建议 {}，创奖办定为 {}，须写明依据。",
                words::class(station.as_ref()),
                words::class(office.as_ref())
            ),
            format!(
                "The station says {}, the office {}: grounds are required.",
                words::class(station.as_ref()),
                words::class(office.as_ref())
            ),
        )
        .with("station", station)
        .with("office", office),
        Refusal::BalanceViolated { before, after, excess_before, excess_after } => Problem::new(
            Code::BalanceViolated,
            format!(
                "各类数量将由 {} 变为 {}，超出数由 {excess_before} 变为 {excess_after}。",
                words::counts(before),
                words::counts(after)
            ),
            format!(
                "The counts would go from {} to {}, the excess from {excess_before} to {excess_after}.",
                words::counts(before),
                words::counts(after)
            ),
        )
        .with("before", before)
        .with("after", after)
        .with("excess_before", excess_before)
        .with("excess_after", excess_after),
        Refusal::DuplicateInBatch { organization } => Problem::new(
            Code::DuplicateInBatch,
            format!("{organization} 在同一批中重复出现。"),
            format!("{organization} stands twice in the batch."),
        )
        .with("organization", organization),
        Refusal::BatchSize { limit, actual } => Problem::new(
            Code::BatchSize,
            format!("一批为 1 至 {limit} 项，现为 {actual} 项。"),
            format!("A batch has 1 to {limit} entries, not {actual}."),
        )
        .with("limit", limit)
        .with("actual", actual),
        Refusal::Batch(entries) => batch(entries),

        // Incident, removal.
        Refusal::IncidentNotDetermined { incident } => {
            Problem::of(Code::IncidentNotDetermined).with("incident", incident)
        }
        Refusal::IncidentNotMajor { incident } => Problem::of(Code::IncidentNotMajor).with("incident", incident),
        Refusal::IncidentOutsideMembership { incident, occurred_on, from, to } => {
            let range = days(Some(*from), *to);
            Problem::new(
                Code::IncidentOutsideMembership,
                format!("事故发生于 {occurred_on}，不在入池期间（{}）。", range.zh),
                format!("The incident of {occurred_on} lies outside the membership ({}).", range.en),
            )
            .with("incident", incident)
            .with("occurred_on", occurred_on)
            .with("from", from)
            .with("to", to)
        }
        Refusal::RemovalNotFound => Problem::of(Code::RemovalNotFound),

        // Teaching, visits, self-evaluation.
        Refusal::SessionClassMismatch { class, kind_classes } => Problem::new(
            Code::SessionClassMismatch,
            format!("该类教学面向 {} 类，不是 {class} 类。", list(kind_classes)),
            format!("This kind of teaching is for {}, not for {class}.", list(kind_classes)),
        )
        .with("class", class)
        .with("expected", kind_classes),
        Refusal::SessionYearMismatch { due, actual } => Problem::new(
            Code::SessionYearMismatch,
            format!("该类教学应在周期的第 {due} 年，不是第 {actual} 年。"),
            format!("This kind of teaching belongs to year {due} of the cycle, not {actual}."),
        )
        .with("expected", due)
        .with("actual", actual),
        Refusal::SessionFull { capacity, actual } => Problem::new(
            Code::SessionFull,
            format!("该次教学共 {capacity} 个名额，现需 {actual} 个。"),
            format!("The session has {capacity} places; {actual} would be needed."),
        )
        .with("limit", capacity)
        .with("actual", actual),
        Refusal::SessionCancelled => Problem::of(Code::SessionCancelled),
        Refusal::SessionNotHeldYet { on } => Problem::new(
            Code::SessionNotHeldYet,
            format!("该次教学将于 {on} 举行。"),
            format!("The session is on {on}."),
        )
        .with("from", on),
        Refusal::SessionHasAttendance => Problem::of(Code::SessionHasAttendance),
        Refusal::AudienceMismatch { audience, expected } => Problem::new(
            Code::AudienceMismatch,
            format!("教学对象 {audience} 不符，应为：{}。", list(expected)),
            format!("The audience {audience} does not fit; expected: {}.", list(expected)),
        )
        .with("audience", audience)
        .with("expected", expected),
        Refusal::ScoresOutOfRange { category, limit, actual } => Problem::new(
            Code::ScoresOutOfRange,
            format!("类目 {category} 的满分为 {limit}，现为 {actual}。"),
            format!("The category {category} has {limit} points, not {actual}."),
        )
        .with("category", category)
        .with("limit", limit)
        .with("actual", actual),
        Refusal::ScoresIncomplete { missing } => Problem::new(
            Code::ScoresIncomplete,
            format!("尚缺类目：{}。", list(missing)),
            format!("Categories without a score: {}.", list(missing)),
        )
        .with("missing", missing),
        Refusal::AlreadyAnswered => Problem::of(Code::AlreadyAnswered),
        Refusal::AlreadyVoided => Problem::of(Code::AlreadyVoided),
    }
}

#[cfg(test)]
mod tests;
