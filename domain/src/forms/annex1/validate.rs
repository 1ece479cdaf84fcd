//! What makes an Annex 1 complete (§三（一）, rows W-79 … W-105).

use chrono::{Datelike, NaiveDate};

use super::{Application, Certifications, Level, Nature, Standardization, Supplement, Testing, YesNo};
use crate::forms::check::{FormCheck, LINE, NUMBER};
use crate::refusal::{FieldCode, FieldError};
use crate::rulebook::Rulebook;

/// The longest free text of the form.
const TEXT: usize = 5000;
/// The longest address.
const ADDRESS: usize = 300;
/// The first year that an honour can be of.
const FIRST_YEAR: i32 = 1949;

impl Application {
    /// Everything that is wrong with the form, field by field; pointers begin with `/application`.
    ///
    /// Whether the district exists is for the register to say, and whether a condition is met for
    /// [`eligibility`](crate::enrolment::eligibility): a form may be complete and say "有".
    #[must_use]
    pub fn field_errors(&self, rulebook: &Rulebook, today: NaiveDate) -> Vec<FieldError> {
        let mut check = FormCheck::of("/application");
        check.required("/name", &self.name, LINE, "附件1 W-79");
        check.required("/address", &self.address, ADDRESS, "附件1 W-80");
        check.text("/contact/department", self.contact.department.as_deref().unwrap_or(""), LINE, "附件1 W-81");
        match (self.nature == Nature::Enterprise, self.enterprise_type) {
            (true, None) => check.refuse("/enterprise_type", FieldCode::RequiresOther, "附件1 W-84"),
            (false, Some(_)) => check.refuse("/enterprise_type", FieldCode::Exclusive, "附件1 W-84"),
            (true, Some(_)) | (false, None) => {}
        }
        self.standardization.check(&mut check);
        self.certifications.check(&mut check);
        self.testing.check(&mut check);
        check.text("/other_strengths", self.other_strengths.as_deref().unwrap_or(""), TEXT, "附件1 W-102");
        self.check_honours(&mut check, today);
        self.check_own_class(&mut check, rulebook);
        self.supplement.check(&mut check, rulebook, today);
        check.into_errors()
    }

    /// 近三年 is asked for, but an older honour does no harm: only a year to come is refused (W-103).
    fn check_honours(&self, check: &mut FormCheck, today: NaiveDate) {
        const CLAUSE: &str = "附件1 W-103";
        check.unless(self.honours.len() <= 100, "/honours", FieldCode::OutOfRange, CLAUSE);
        for (i, honour) in self.honours.iter().enumerate() {
            check.required(&format!("/honours/{i}/name"), &honour.name, LINE, CLAUSE);
            let year = (FIRST_YEAR..=today.year()).contains(&honour.year);
            check.unless(year, &format!("/honours/{i}/year"), FieldCode::OutOfRange, CLAUSE);
        }
    }

    /// 四选一: exactly one class of the program, none where it has no classes (W-104).
    fn check_own_class(&self, check: &mut FormCheck, rulebook: &Rulebook) {
        const CLAUSE: &str = "附件1 W-104";
        match &self.own_class {
            None => check.unless(rulebook.classes.is_none(), "/own_class", FieldCode::Required, CLAUSE),
            Some(class) => check.unless(rulebook.class(class).is_some(), "/own_class", FieldCode::NotOneOf, CLAUSE),
        };
    }
}

impl Standardization {
    fn check(&self, check: &mut FormCheck) {
        const STANDARDS: &str = "附件1 W-98";
        let seats = &self.committee_seats;
        match (self.in_committee, seats.is_empty()) {
            (YesNo::Yes, true) => {
                check.refuse("/standardization/committee_seats", FieldCode::RequiresOther, "附件1 W-95");
            }
            (YesNo::No, false) => check.refuse("/standardization/committee_seats", FieldCode::Exclusive, "附件1 W-94"),
            (YesNo::Yes, false) | (YesNo::No, true) => {}
        }
        check.list("/standardization/committee_seats", seats, 8, "附件1 W-95");
        check.list("/standardization/pilots", &self.pilots, 3, "附件1 W-96");
        for (i, level) in self.pilots.iter().enumerate() {
            let offered = *level != Level::International;
            check.unless(offered, &format!("/standardization/pilots/{i}"), FieldCode::NotOneOf, "附件1 W-96");
        }
        check.unless(self.standards.len() <= 200, "/standardization/standards", FieldCode::OutOfRange, STANDARDS);
        for (i, standard) in self.standards.iter().enumerate() {
            let at = format!("/standardization/standards/{i}");
            check.required(&format!("{at}/number"), &standard.number, NUMBER, STANDARDS);
            check.required(&format!("{at}/name"), &standard.name, LINE, STANDARDS);
            let rank = (1..=1000).contains(&standard.rank);
            check.unless(rank, &format!("{at}/rank"), FieldCode::OutOfRange, STANDARDS);
        }
    }
}

impl Certifications {
    fn check(&self, check: &mut FormCheck) {
        let lists = [
            ("product", &self.product),
            ("service", &self.service),
            ("management_system", &self.management_system),
            ("other", &self.other),
        ];
        for (kind, names) in lists {
            let at = format!("/certifications/{kind}");
            check.unless(names.len() <= 50, &at, FieldCode::OutOfRange, "附件1 W-100");
            for (i, name) in names.iter().enumerate() {
                check.required(&format!("{at}/{i}"), name, LINE, "附件1 W-100");
            }
        }
    }
}

impl Testing {
    /// 因行业特殊性无此项内容的，请注明: a text or the note, never both or neither.
    fn check(&self, check: &mut FormCheck) {
        const CLAUSE: &str = "附件1 W-101";
        check.text("/testing/description", &self.description, TEXT, CLAUSE);
        match (self.not_applicable, self.description.trim().is_empty()) {
            (false, true) => check.refuse("/testing/description", FieldCode::Required, CLAUSE),
            (true, false) => check.refuse("/testing/description", FieldCode::Exclusive, CLAUSE),
            (false, false) | (true, true) => {}
        }
    }
}

impl Supplement {
    fn check(&self, check: &mut FormCheck, rulebook: &Rulebook, today: NaiveDate) {
        const MODEL: &str = "三（一）3 W-34";
        const TAGS: &str = "二（二）W-07";
        const LICENCE: &str = "三（一）1 W-32";
        check.required("/supplement/licence/name", &self.licence.name, LINE, LICENCE);
        check.required("/supplement/licence/number", &self.licence.number, NUMBER, LICENCE);
        let held = self.licence.held_since <= today;
        check.unless(held, "/supplement/licence/held_since", FieldCode::OutOfRange, LICENCE);
        let introduced = self.model_introduced_on <= today;
        check.unless(introduced, "/supplement/model_introduced_on", FieldCode::OutOfRange, MODEL);
        if let Some(certificate) = &self.certificate {
            check.required("/supplement/certificate/standard", &certificate.standard, NUMBER, MODEL);
            check.required("/supplement/certificate/number", &certificate.number, NUMBER, MODEL);
            check.required("/supplement/certificate/issuer", &certificate.issuer, LINE, MODEL);
        }
        check.list("/supplement/tags", &self.tags, 20, TAGS);
        for (i, tag) in self.tags.iter().enumerate() {
            let known = rulebook.tags.contains_key(tag);
            check.unless(known, &format!("/supplement/tags/{i}"), FieldCode::NotOneOf, TAGS);
        }
    }
}

#[cfg(test)]
mod tests;
