//! The fields and lists of the guide, row by row: each stands where it belongs, with the values it offers.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use chrono::NaiveDate;
use hatchery_domain::Role;
use hatchery_domain::Rulebook;
use hatchery_domain::cycle::{Outcome, Standing};
use hatchery_domain::forms::annex1::{
    Application, CommitteePart, EnterpriseType, KeyField, Level, Nature, NoneOrHas, PracticeRating, Sector, Size,
    TechnicalLevel, YesNo,
};
use hatchery_domain::forms::annex2::{AnalysisSource, Conclusion, Survey};
use hatchery_domain::forms::samples;
use hatchery_domain::rulebook::load::parse;
use serde_json::Value;
use strum::IntoEnumIterator as _;
use utoipa::PartialSchema;

/// Whether a form must answer a question.
#[derive(Clone, Copy, PartialEq)]
enum Answer {
    Required,
    Optional,
}
use Answer::{Optional, Required};

/// Annex 1: the row, and the questions that it stands for.
const ANNEX_1: &[(&str, &str, Answer)] = &[
    ("W-79", "/name", Required),
    ("W-80", "/address", Required),
    ("W-81", "/contact/person", Required),
    ("W-81", "/contact/department", Optional),
    ("W-83", "/nature", Required),
    ("W-84", "/enterprise_type", Optional),
    ("W-85", "/size", Required),
    ("W-86", "/sector", Required),
    ("W-87", "/key_field", Required),
    ("W-88", "/key_field", Required),
    ("W-89", "/key_field", Required),
    ("W-90", "/profitable", Required),
    ("W-91", "/major_incidents", Required),
    ("W-92", "/complaints_or_dishonesty", Required),
    ("W-93", "/standardization", Required),
    ("W-93", "/certifications", Required),
    ("W-93", "/testing", Required),
    ("W-94", "/standardization/in_committee", Required),
    ("W-95", "/standardization/committee_seats", Optional),
    ("W-96", "/standardization/pilots", Optional),
    ("W-97", "/standardization/practice_rating", Required),
    ("W-98", "/standardization/standards/0/number", Required),
    ("W-98", "/standardization/standards/0/name", Required),
    ("W-98", "/standardization/standards/0/rank", Required),
    ("W-99", "/standardization/technical_level", Optional),
    ("W-100", "/certifications/product", Optional),
    ("W-100", "/certifications/service", Optional),
    ("W-100", "/certifications/management_system", Optional),
    ("W-100", "/certifications/other", Optional),
    ("W-101", "/testing/description", Optional),
    ("W-101", "/testing/not_applicable", Optional),
    ("W-102", "/other_strengths", Optional),
    ("W-103", "/honours/0/name", Required),
    ("W-103", "/honours/0/level", Required),
    ("W-103", "/honours/0/year", Required),
    ("W-104", "/own_class", Optional),
    ("W-105", "/applied_on", Required),
];

/// Annex 2, likewise. A section may be absent from a draft; validation names it.
const ANNEX_2: &[(&str, &str, Answer)] = &[
    ("W-19", "/quality_officer/appointed", Required),
    ("W-107", "/profile/business", Required),
    ("W-107", "/profile/registered_on", Required),
    ("W-107", "/profile/registered_capital_yuan", Optional),
    ("W-107", "/profile/scale_and_benefit", Optional),
    ("W-107", "/profile/sales", Optional),
    ("W-107", "/profile/market_position", Optional),
    ("W-108", "/profile/employees", Required),
    ("W-108", "/profile/revenue", Required),
    ("W-109", "/quality_officer/overall_plan", Required),
    ("W-109", "/quality_officer/current_effect", Required),
    ("W-110", "/capability/management_system", Required),
    ("W-110", "/capability/key_rules", Required),
    ("W-111", "/capability/improvement_practices", Required),
    ("W-112", "/capability/digital_level", Required),
    ("W-113", "/quality_model/none", Optional),
    ("W-114", "/self_assessors/none", Optional),
    ("W-115", "/city_county_awards/none", Optional),
    ("W-116", "/provincial_honours/none", Optional),
    ("W-117", "/analysis/strengths", Required),
    ("W-117", "/analysis/weaknesses", Required),
    ("W-117", "/analysis/sources", Required),
    ("W-118", "/conclusion/suggestion", Required),
    ("W-120", "/conclusion/other_information", Optional),
];

/// What the rulebook of the guide says: the row, where, and the words.
const RULEBOOK: &[(&str, &str, &str)] = &[
    ("W-01", "/name/zh", "争创省级以上政府质量奖培育孵化"),
    ("W-01", "/sources/0/title", "工作指南（试行）"),
    ("W-03", "/sources/0/bases/2", "《安徽省质量促进条例》"),
    ("W-07", "/tags/key_industry_chain/zh", "重点产业链供应链"),
    ("W-07", "/tags/modern_services/zh", "现代服务业"),
    ("W-07", "/tags/livelihood/zh", "重要民生"),
    ("W-07", "/tags/city_governance/zh", "城市治理"),
    ("W-08", "/tags/grassroots_quality_brand/zh", "基层质量品牌名录库"),
    ("W-08", "/tags/quality_brand/zh", "质量品牌企业"),
    ("W-08", "/tags/specialised_new/zh", "“专精特新”企业"),
    ("W-12", "/office/zh", "市创奖办"),
    ("W-20", "/expert_kinds/0/name/zh", "市政府质量奖专家库成员"),
    ("W-20", "/expert_kinds/1/name/zh", "首席质量官"),
    ("W-20", "/expert_kinds/2/name/zh", "个人奖（含提名奖）获得者"),
    ("W-26", "/pool/zh", "创奖孵化池"),
    ("W-49", "/classes/rule/text", "按照导入卓越绩效管理模式时间和成熟度分类实施培育"),
    ("W-50", "/classes/rule/text", "比较其现有质量基础能力和质量管理现状"),
    ("W-51", "/classes/list/0/conditions/text", "初步了解并已试点导入"),
    ("W-52", "/classes/list/1/conditions/text", "部分部门或班组导入"),
    ("W-53", "/classes/list/2/conditions/text", "部分班组或部门成熟实施"),
    ("W-54", "/classes/list/3/conditions/text", "全员导入实施"),
    ("W-57", "/teaching/kinds/0/name/zh", "基础型教学"),
    ("W-57", "/teaching/kinds/1/name/zh", "提高型教学"),
    ("W-57", "/teaching/kinds/2/name/zh", "精准型教学"),
    ("W-57", "/teaching/kinds/3/name/zh", "进阶型诊断指导"),
    ("W-58", "/teaching/kinds/0/rule/text", "开设卓越绩效基础理论培训班"),
    ("W-59", "/teaching/kinds/0/core_standards/0", "GB/T 19580《卓越绩效评价准则》"),
    ("W-60", "/teaching/kinds/0/mode/zh", "集中授课"),
    ("W-60", "/teaching/kinds/1/mode/zh", "集中授课"),
    ("W-61", "/teaching/kinds/1/core_standards/0", "GB/Z 19579《卓越绩效评价准则实施指南》"),
    ("W-61", "/teaching/kinds/1/rule/text", "获奖组织的经验分享"),
    ("W-63", "/teaching/kinds/2/mode/zh", "圆桌教学"),
    ("W-64", "/teaching/kinds/3/mode/zh", "“零距离”现场诊断"),
    ("W-65", "/teaching/kinds/3/rule/text", "理论和案例讲解，交流互动、示范教学、现场问诊"),
];

fn embedded(program: &str) -> Rulebook {
    let rulebooks = Rulebook::embedded().expect("the embedded rulebooks are good");
    rulebooks.into_iter().find(|r| r.program.as_str() == program).expect("is embedded")
}

fn wuhu() -> Rulebook {
    embedded("wuhu-incubation")
}

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

/// The form without the answer at `pointer`.
fn without(form: &Value, pointer: &str) -> Value {
    let (parent, key) = pointer.rsplit_once('/').expect("a pointer");
    let mut form = form.clone();
    form.pointer_mut(parent).and_then(Value::as_object_mut).expect("an object").remove(key).expect("an answer");
    form
}

/// Asserts that each question is on the form, and is answered or not as the table says.
fn assert_asked<F: serde::de::DeserializeOwned>(form: &Value, rows: &[(&str, &str, Answer)]) {
    for (row, pointer, answer) in rows {
        assert!(form.pointer(pointer).is_some(), "{row}: the form does not ask {pointer}");
        let read = serde_json::from_value::<F>(without(form, pointer));
        assert_eq!(read.is_err(), *answer == Required, "{row}: {pointer} {:?}", read.err());
    }
}

#[test]
fn every_question_of_annex_1_is_asked() {
    let class = "A".parse().expect("a class");
    let form = samples::application("Acme", "jinghu".parse().expect("a district"), Some(class), day("2026-03-01"));
    assert_asked::<Application>(&serde_json::to_value(form).expect("serialises"), ANNEX_1);
}

#[test]
fn every_question_of_annex_2_is_asked() {
    let form = samples::survey(Conclusion::BelowA, day("2026-05-01"));
    assert_asked::<Survey>(&serde_json::to_value(form).expect("serialises"), ANNEX_2);
}

#[test]
fn every_list_of_the_guide_is_in_its_rulebook() {
    let rulebook = serde_json::to_value(wuhu()).expect("serialises");
    for (row, pointer, words) in RULEBOOK {
        let found = rulebook.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        assert!(found.contains(words), "{row}: {pointer} is `{found}`");
    }
}

/// The values that a choice offers, in the form's order.
fn offered<T: PartialSchema>() -> Vec<String> {
    let schema = serde_json::to_value(T::schema()).expect("serialises");
    schema["enum"].as_array().expect("a choice").iter().map(|v| v.as_str().expect("a text").to_owned()).collect()
}

#[test]
fn w83_to_w86_kind_type_size_and_sector_offer_what_the_form_prints() {
    assert_eq!(
        offered::<Nature>(),
        ["organ", "civil_service_reference", "public_institution", "enterprise", "social_organization", "other"]
    );
    assert_eq!(offered::<EnterpriseType>(), ["state_collective_holding", "private", "foreign_invested"]);
    assert_eq!(offered::<Size>(), ["large", "medium", "small", "micro"]);
    assert_eq!(
        offered::<Sector>(),
        ["agriculture", "manufacturing", "services", "construction", "medical", "education"]
    );
}

#[test]
fn w87_to_w89_the_fifteen_key_fields_are_offered() {
    let expected = [
        "electronics",
        "cars_and_parts",
        "materials",
        "wire_and_cable",
        "information_technology",
        "artificial_intelligence",
        "new_materials",
        "smart_appliances",
        "new_energy_and_environment",
        "new_energy_vehicles",
        "aerospace",
        "high_end_equipment",
        "health_and_green_food",
        "digital_creative",
        "other",
    ];
    assert_eq!(offered::<KeyField>(), expected);
}

#[test]
fn w90_to_w99_choices_offer_what_the_form_prints() {
    assert_eq!(offered::<YesNo>(), ["yes", "no"]);
    assert_eq!(offered::<NoneOrHas>(), ["none", "has"]);
    assert_eq!(offered::<Level>(), ["international", "national", "provincial", "city"]);
    assert_eq!(offered::<CommitteePart>(), ["secretariat", "member"]);
    assert_eq!(offered::<PracticeRating>(), ["AAAAA", "AAAA", "AAA", "AA", "A", "not_rated"]);
    assert_eq!(
        offered::<TechnicalLevel>(),
        ["international_or_advanced", "above_recommended", "recommended", "mandatory"]
    );
}

#[test]
fn w117_an_analysis_names_one_of_three_sources_or_another() {
    assert_eq!(offered::<AnalysisSource>(), ["own", "third_party", "station", "other"]);
}

#[test]
fn w13_to_w15_w23_three_kinds_of_unit_recommend_and_the_list_is_open() {
    let kinds: Vec<_> = wuhu().recommenders.kinds.iter().map(|k| k.id.to_string()).collect();
    // Sector authorities, scholars and winners mobilise; they are no kind of their own.
    assert_eq!(kinds, ["office_member", "district_committee", "industry_association", "other"]);
}

#[test]
fn w16_w17_the_district_office_and_the_station_are_roles_of_their_own() {
    let roles: Vec<_> = Role::iter().map(|role| role.to_string()).collect();
    assert_eq!(roles, ["office", "district", "recommender", "station", "organization", "expert"]);
}

#[test]
fn w18_one_organisation_is_applicant_then_member_then_former() {
    let path = [Standing::Applied, Standing::Nominated, Standing::Member, Standing::Former(Outcome::Completed)];
    assert_eq!(path.map(|standing| standing.name()), ["applicant", "applicant", "member", "former"]);
}

#[test]
fn w24_a_district_a_group_or_an_association_runs_a_program_by_a_rulebook_of_its_own() {
    let text = include_str!("../rulebooks/wuhu-incubation.toml").replacen("wuhu-incubation", "group-incubation", 1);
    let text = text.replacen("limit = 2\n", "limit = 5\n", 1).replacen("市创奖办", "集团创奖办", 1);
    let own = parse("group-incubation.toml", &text).expect("a rulebook");
    assert_eq!((own.program.as_str(), own.office.zh.as_str()), ("group-incubation", "集团创奖办"));
    assert_eq!(own.recommenders.quota.map(|quota| quota.limit), Some(5));
}

#[test]
fn w29_five_kinds_of_incident_and_any_other() {
    let kinds: Vec<_> = wuhu().incidents.kinds.iter().map(|k| k.id.to_string()).collect();
    assert_eq!(kinds, ["quality", "safety", "environment", "public_health", "food_safety", "other"]);
}

#[test]
fn h10_the_pool_of_hangzhou_has_a_name_of_its_own() {
    assert_eq!(embedded("hangzhou-cultivation").pool.zh, "杭州市实施卓越绩效模式培育库");
}
