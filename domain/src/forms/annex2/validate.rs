//! What makes an Annex 2 complete: nine sections, what each must show (§四（一）, rows W-107 … W-120).

use chrono::{Datelike, NaiveDate};

use super::{Analysis, AnalysisSource, Capability, Conclusion, ContentOrNone, Profile, QualityOfficer, Survey};
use crate::forms::check::{FormCheck, LINE};
use crate::refusal::{FieldCode, FieldError};
use crate::rulebook::Rulebook;

/// The longest text of a section.
const TEXT: usize = 10_000;
/// The largest amount of money, in yuan.
const YUAN: i64 = 1_000_000_000_000_000;
/// The most employees.
const EMPLOYEES: u32 = 10_000_000;
/// The first year that a revenue can be of.
const FIRST_YEAR: i32 = 1949;

impl Survey {
    /// Everything that is missing or wrong, section by section; pointers begin with `/survey`.
    #[must_use]
    pub fn section_errors(&self, rulebook: &Rulebook, today: NaiveDate) -> Vec<FieldError> {
        let mut check = FormCheck::of("/survey");
        section(&mut check, "/profile", self.profile.as_ref(), "附件2 一 W-107", |s, c| s.check(c, today));
        section(&mut check, "/quality_officer", self.quality_officer.as_ref(), "附件2 二 W-109", |s, c| {
            s.check(c, today);
        });
        section(&mut check, "/capability", self.capability.as_ref(), "附件2 三 W-110", Capability::check);
        let stated = [
            ("/quality_model", &self.quality_model, "附件2 四 W-113"),
            ("/self_assessors", &self.self_assessors, "附件2 五 W-114"),
            ("/city_county_awards", &self.city_county_awards, "附件2 六 W-115"),
            ("/provincial_honours", &self.provincial_honours, "附件2 七 W-116"),
        ];
        for (at, content, clause) in stated {
            section(&mut check, at, content.as_ref(), clause, |s, c| s.check(c, at, clause));
        }
        section(&mut check, "/analysis", self.analysis.as_ref(), "附件2 八 W-117", Analysis::check);
        section(&mut check, "/conclusion", self.conclusion.as_ref(), "附件2 九 W-118", |conclusion, check| {
            if let Conclusion::Class(class) = &conclusion.suggestion {
                let known = rulebook.class(class).is_some();
                check.unless(known, "/conclusion/suggestion", FieldCode::NotOneOf, "附件2 九 W-118");
            }
            check.text("/conclusion/grounds", &conclusion.grounds, TEXT, "附件2 九 W-118");
            let other = conclusion.other_information.as_deref().unwrap_or("");
            check.text("/conclusion/other_information", other, TEXT, "附件2 九 W-120");
        });
        check.into_errors()
    }
}

fn section<T>(
    check: &mut FormCheck,
    pointer: &str,
    content: Option<&T>,
    clause: &'static str,
    inside: impl FnOnce(&T, &mut FormCheck),
) {
    match content {
        Some(content) => inside(content, check),
        None => check.refuse(pointer, FieldCode::Required, clause),
    }
}

impl Profile {
    fn check(&self, check: &mut FormCheck, today: NaiveDate) {
        const CLAUSE: &str = "附件2 一 W-107";
        // 需反映员工总数和近3年营收情况
        const MUST: &str = "附件2 一 W-108";
        check.required("/profile/business", &self.business, TEXT, CLAUSE);
        check.unless(self.registered_on <= today, "/profile/registered_on", FieldCode::OutOfRange, CLAUSE);
        let capital = self.registered_capital_yuan.is_none_or(|yuan| (0..=YUAN).contains(&yuan));
        check.unless(capital, "/profile/registered_capital_yuan", FieldCode::OutOfRange, CLAUSE);
        check.text("/profile/scale_and_benefit", &self.scale_and_benefit, TEXT, CLAUSE);
        check.text("/profile/sales", &self.sales, TEXT, CLAUSE);
        check.text("/profile/market_position", &self.market_position, TEXT, CLAUSE);
        check.unless((1..=EMPLOYEES).contains(&self.employees), "/profile/employees", FieldCode::OutOfRange, MUST);
        check.unless(self.revenue.len() == 3, "/profile/revenue", FieldCode::OutOfRange, MUST);
        for (i, revenue) in self.revenue.iter().enumerate().take(3) {
            let at = format!("/profile/revenue/{i}");
            let year = (FIRST_YEAR..=today.year()).contains(&revenue.year);
            check.unless(year, &format!("{at}/year"), FieldCode::OutOfRange, MUST);
            let twice = self.revenue[..i].iter().any(|earlier| earlier.year == revenue.year);
            check.unless(!twice, &format!("{at}/year"), FieldCode::Exclusive, MUST);
            let amount = (-YUAN..=YUAN).contains(&revenue.revenue_yuan);
            check.unless(amount, &format!("{at}/revenue_yuan"), FieldCode::OutOfRange, MUST);
        }
    }
}

impl QualityOfficer {
    fn check(&self, check: &mut FormCheck, today: NaiveDate) {
        const CLAUSE: &str = "附件2 二 W-109";
        const DAY: &str = "/quality_officer/appointed_on";
        match (self.appointed, self.appointed_on) {
            (true, None) => check.refuse(DAY, FieldCode::RequiresOther, CLAUSE),
            (false, Some(_)) => check.refuse(DAY, FieldCode::Exclusive, CLAUSE),
            (true, Some(day)) if day > today => check.refuse(DAY, FieldCode::OutOfRange, CLAUSE),
            (true, Some(_)) | (false, None) => {}
        }
        check.required("/quality_officer/overall_plan", &self.overall_plan, TEXT, CLAUSE);
        check.required("/quality_officer/current_effect", &self.current_effect, TEXT, CLAUSE);
    }
}

impl Capability {
    /// The guide only suggests (建议) what to look into, so one aspect is enough; none is an empty section.
    fn check(&self, check: &mut FormCheck) {
        let aspects = [
            ("management_system", &self.management_system, "附件2 三 W-110"),
            ("key_rules", &self.key_rules, "附件2 三 W-110"),
            ("improvement_practices", &self.improvement_practices, "附件2 三 W-111"),
            ("digital_level", &self.digital_level, "附件2 三 W-112"),
        ];
        let shown = aspects.iter().any(|(_, text, _)| !text.trim().is_empty());
        check.unless(shown, "/capability", FieldCode::Required, "附件2 三 W-110");
        for (aspect, text, clause) in aspects {
            check.text(&format!("/capability/{aspect}"), text, TEXT, clause);
        }
    }
}

impl ContentOrNone {
    /// 如无相关信息应在本项明确: content or the word that there is none, never both or neither.
    fn check(&self, check: &mut FormCheck, at: &str, clause: &'static str) {
        let content = format!("{at}/content");
        check.text(&content, &self.content, TEXT, clause);
        match (self.none, self.content.trim().is_empty()) {
            (false, true) => check.refuse(&content, FieldCode::Required, clause),
            (true, false) => check.refuse(&content, FieldCode::Exclusive, clause),
            (false, false) | (true, true) => {}
        }
    }
}

impl Analysis {
    /// 本项需明确信息提供来源.
    fn check(&self, check: &mut FormCheck) {
        const CLAUSE: &str = "附件2 八 W-117";
        check.required("/analysis/strengths", &self.strengths, TEXT, CLAUSE);
        check.required("/analysis/weaknesses", &self.weaknesses, TEXT, CLAUSE);
        check.unless(!self.sources.is_empty(), "/analysis/sources", FieldCode::Required, CLAUSE);
        check.list("/analysis/sources", &self.sources, 4, CLAUSE);
        let named = self.other_source.as_deref().unwrap_or("");
        match (self.sources.contains(&AnalysisSource::Other), named.trim().is_empty()) {
            (true, true) => check.refuse("/analysis/other_source", FieldCode::RequiresOther, CLAUSE),
            (false, false) => check.refuse("/analysis/other_source", FieldCode::Exclusive, CLAUSE),
            (true, false) | (false, true) => {}
        }
        check.text("/analysis/other_source", named, LINE, CLAUSE);
    }
}

#[cfg(test)]
mod tests;
