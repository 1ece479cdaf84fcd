//! Filled-in sample forms for tests, examples and the demo: complete, valid, and about nobody.

use chrono::{Datelike, NaiveDate};
use uuid::Uuid;

use crate::context::add_years;
use crate::forms::annex1::{
    Application, Certifications, CommitteePart, CommitteeSeat, Contact, EnterpriseType, HonourClaimed, KeyField,
    LegalRepresentative, Level, Licence, Nature, NoneOrHas, PracticeRating, Sector, Size, StandardDrafted,
    Standardization, Supplement, SystemCertificate, TechnicalLevel, Testing, YesNo,
};
use crate::forms::annex2::{
    Analysis, AnalysisSource, Capability, Conclusion, ContentOrNone, Profile, QualityOfficer, Survey, SurveyConclusion,
    YearRevenue,
};
use crate::ids::{ClassId, DistrictId, DocumentId, PersonId};

/// A complete Annex 1 of a private manufacturer that meets every condition provable by form.
///
/// `own_class` is absent only for programs without classes. Change fields to get other cases.
#[must_use]
pub fn application(name: &str, district: DistrictId, own_class: Option<ClassId>, applied_on: NaiveDate) -> Application {
    Application {
        name: name.to_owned(),
        address: "芜湖市鸠江区示范路1号".to_owned(),
        contact: Contact { person: person(1), department: Some("质量部".to_owned()) },
        nature: Nature::Enterprise,
        enterprise_type: Some(EnterpriseType::Private),
        size: Size::Medium,
        sector: Sector::Manufacturing,
        key_field: KeyField::CarsAndParts,
        profitable: YesNo::Yes,
        major_incidents: NoneOrHas::None,
        complaints_or_dishonesty: NoneOrHas::None,
        standardization: standardization(),
        certifications: Certifications {
            product: vec!["强制性产品认证".to_owned()],
            management_system: vec!["GB/T 24001-2016".to_owned()],
            ..Certifications::default()
        },
        testing: Testing { not_applicable: false, description: "设有通过认可的企业实验室。".to_owned() },
        other_strengths: None,
        honours: vec![HonourClaimed {
            name: "市级质量管理小组一等奖".to_owned(),
            level: Level::City,
            year: applied_on.year() - 1,
        }],
        own_class,
        applied_on,
        sealed_form: None,
        supplement: supplement(district, applied_on),
    }
}

fn standardization() -> Standardization {
    Standardization {
        in_committee: YesNo::Yes,
        committee_seats: vec![CommitteeSeat { level: Level::National, part: CommitteePart::Member }],
        pilots: vec![Level::Provincial],
        practice_rating: PracticeRating::FourA,
        standards: vec![StandardDrafted {
            number: "GB/T 1.1-2020".to_owned(),
            name: "标准化工作导则".to_owned(),
            rank: 3,
        }],
        technical_level: Some(TechnicalLevel::AboveRecommended),
    }
}

fn supplement(district: DistrictId, applied_on: NaiveDate) -> Supplement {
    Supplement {
        district,
        licence: Licence {
            name: "营业执照".to_owned(),
            number: "340200000000001".to_owned(),
            held_since: add_years(applied_on, -8),
        },
        model_introduced_on: add_years(applied_on, -4),
        certificate: Some(SystemCertificate {
            standard: "GB/T 19001-2016".to_owned(),
            number: "00123Q45678R0M".to_owned(),
            issuer: "示范认证中心".to_owned(),
            valid_until: add_years(applied_on, 2),
            document_id: Some(DocumentId::new(Uuid::from_u128(1))),
        }),
        spot_check_failures: NoneOrHas::None,
        serious_breaches: NoneOrHas::None,
        legal_representative: LegalRepresentative { person: person(2), no_criminal_record: true },
        tags: Vec::new(),
    }
}

/// A reference to a person whose record nobody has written: samples hold no personal data.
fn person(number: u128) -> PersonId {
    PersonId::new(Uuid::from_u128(number))
}

/// A complete Annex 2, on site on `surveyed_on`, that ends in `suggestion`.
#[must_use]
pub fn survey(suggestion: Conclusion, surveyed_on: NaiveDate) -> Survey {
    let none = || Some(ContentOrNone { none: true, content: String::new() });
    Survey {
        profile: Some(Profile {
            business: "汽车零部件的研发与制造，主导产品市场占有率居省内前列。".to_owned(),
            registered_on: add_years(surveyed_on, -12),
            registered_capital_yuan: Some(50_000_000),
            scale_and_benefit: "年产零部件三百万件。".to_owned(),
            sales: "销往全国二十余个省市。".to_owned(),
            market_position: "细分行业前五。".to_owned(),
            employees: 420,
            revenue: [(3, 310_000_000), (2, 345_000_000), (1, 398_000_000)]
                .map(|(ago, revenue_yuan)| YearRevenue { year: surveyed_on.year() - ago, revenue_yuan })
                .into(),
        }),
        quality_officer: Some(QualityOfficer {
            appointed: true,
            appointed_on: Some(add_years(surveyed_on, -3)),
            overall_plan: "三年导入规划，逐部门推进。".to_owned(),
            current_effect: "一次交验合格率逐年提高。".to_owned(),
        }),
        capability: Some(Capability {
            management_system: "质量管理体系运行有效。".to_owned(),
            key_rules: "质量责任与追溯制度健全。".to_owned(),
            improvement_practices: "QC小组活动常态化。".to_owned(),
            digital_level: "关键工序数控化率超过八成。".to_owned(),
        }),
        quality_model: Some(ContentOrNone {
            none: false, content: "“三全四控”质量管理模式。".to_owned()
        }),
        self_assessors: Some(ContentOrNone {
            none: false, content: "自评师六名，每年自评一次。".to_owned()
        }),
        city_county_awards: none(),
        provincial_honours: none(),
        analysis: Some(Analysis {
            strengths: "过程控制扎实，领导重视。".to_owned(),
            weaknesses: "绩效测量与标杆对比不足。".to_owned(),
            sources: vec![AnalysisSource::Own, AnalysisSource::Station],
            other_source: None,
        }),
        conclusion: Some(SurveyConclusion {
            suggestion,
            grounds: "见第三、四项。".to_owned(),
            other_information: None,
        }),
    }
}
