//! Annex 1 and Annex 2 of the story's organisations: the domain's samples, made their own.

use chrono::NaiveDate;
use domain::context::add_years;
use domain::document::DocumentRef;
use domain::forms::annex1::{
    Application, Certifications, Contact, LegalRepresentative, Nature, PracticeRating, Sector, Standardization,
    Testing, YesNo,
};
use domain::forms::annex2::{Conclusion, ContentOrNone, Profile, Survey, YearRevenue};
use domain::forms::facts::Score;
use domain::forms::samples;
use domain::ids::{ClassId, ScoreCategoryId};
use domain::rulebook::ScoreSheet;

use super::organizations::Organization;
use super::register;
use super::script::{People, id};

/// The scans that go with an application.
#[derive(Debug, Clone)]
pub(super) struct Scans {
    pub(super) sealed_form: DocumentRef,
    pub(super) certificate: DocumentRef,
}

/// Annex 1 of an organisation, `age` years before the application for the running cycle.
pub(super) fn application(
    organization: &Organization,
    own_class: Option<ClassId>,
    (applied_on, age): (NaiveDate, i32),
    people: People,
    scans: &Scans,
) -> anyhow::Result<Application> {
    let mut form = samples::application(organization.name, id(organization.district)?, own_class, applied_on);
    let number = organization.number;
    form.address = format!("{}示例路{number}号", register::name(organization.district)?);
    form.contact = Contact { person: people.contact, department: Some("质量管理部".to_owned()) };
    form.nature = organization.nature;
    form.enterprise_type = organization.enterprise_type;
    form.size = organization.size;
    form.sector = organization.sector;
    form.key_field = organization.key_field;
    form.sealed_form = Some(scans.sealed_form.document_id);

    let supplement = &mut form.supplement;
    supplement.tags = organization.tags.iter().map(|tag| (*tag).to_owned()).collect();
    licence(organization).clone_into(&mut supplement.licence.name);
    supplement.licence.number = format!("示例{number:08}");
    // Two years are the least that the guide asks for.
    supplement.model_introduced_on = add_years(applied_on, -(organization.model_years - age).max(2));
    supplement.legal_representative =
        LegalRepresentative { person: people.legal_representative, no_criminal_record: true };
    if let Some(certificate) = &mut supplement.certificate {
        certificate.number = format!("DEMO-Q-{number:05}");
        certificate.document_id = Some(scans.certificate.document_id);
    }
    fit_to_sector(&mut form);
    Ok(form)
}

const fn licence(organization: &Organization) -> &'static str {
    match (organization.nature, organization.sector) {
        (_, Sector::Medical) => "医疗机构执业许可证",
        (Nature::PublicInstitution, _) => "事业单位法人证书",
        (Nature::SocialOrganization, _) => "民办非企业单位登记证书",
        (Nature::Organ | Nature::CivilServiceReference | Nature::Enterprise | Nature::Other, _) => "营业执照",
    }
}

/// The sample is a manufacturer; others have no product standards, and schools and the like no laboratory.
fn fit_to_sector(form: &mut Application) {
    match form.sector {
        Sector::Manufacturing => return,
        Sector::Agriculture => form.certifications.product = vec!["绿色食品认证".to_owned()],
        Sector::Construction | Sector::Services | Sector::Medical | Sector::Education => {
            form.certifications = Certifications {
                service: vec!["服务认证（示例）".to_owned()],
                management_system: vec!["GB/T 45001-2020".to_owned()],
                ..Certifications::default()
            };
            form.standardization = Standardization {
                in_committee: YesNo::No,
                committee_seats: Vec::new(),
                pilots: Vec::new(),
                practice_rating: PracticeRating::NotRated,
                standards: Vec::new(),
                technical_level: None,
            };
        }
    }
    if matches!(form.sector, Sector::Education) {
        form.testing = Testing { not_applicable: true, description: String::new() };
    }
}

/// Annex 2 of an organisation.
pub(super) fn survey(organization: &Organization, suggestion: Conclusion, surveyed_on: NaiveDate) -> Survey {
    let below = suggestion == Conclusion::BelowA;
    let mut survey = samples::survey(suggestion, surveyed_on);
    if let Some(profile) = &mut survey.profile {
        let of_last_year = organization.revenue * 10_000;
        *profile = Profile {
            business: organization.business.to_owned(),
            scale_and_benefit: format!("上年收入{}万元。", organization.revenue),
            sales: "以本市和长三角为主，逐步向全国拓展。".to_owned(),
            market_position: "在本地同行业中居前列。".to_owned(),
            employees: organization.employees,
            revenue: profile
                .revenue
                .iter()
                .zip([82, 91, 100])
                .map(|(known, percent)| YearRevenue { revenue_yuan: of_last_year / 100 * percent, ..known.clone() })
                .collect(),
            ..profile.clone()
        };
    }
    if below {
        survey.quality_model = Some(none());
        survey.self_assessors = Some(none());
        if let Some(conclusion) = &mut survey.conclusion {
            "质量管理团队尚未系统了解卓越绩效管理模式，未见试点导入记录。".clone_into(&mut conclusion.grounds);
        }
    }
    survey
}

const fn none() -> ContentOrNone {
    ContentOrNone { none: true, content: String::new() }
}

/// Every category scored at so many percent of its points.
pub(super) fn scores(sheet: &ScoreSheet, percent: u32) -> Vec<Score> {
    let of = |category: &ScoreCategoryId, points: u32| Score {
        category: category.clone(),
        points: i64::from(points * percent / 100),
    };
    sheet.categories.iter().map(|category| of(&category.id, category.points)).collect()
}
