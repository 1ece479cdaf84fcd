//! Annex 1 as a body: the form of the domain, with the data of people in place of references to them.

use chrono::{DateTime, NaiveDate, Utc};
use domain::document::DocumentRef;
use domain::forms::annex1::{
    Application, Certifications, Contact, EnterpriseType, HonourClaimed, KeyField, LegalRepresentative, Licence,
    Nature, NoneOrHas, Sector, Size, Standardization, Supplement, SystemCertificate, Testing, YesNo,
};
use domain::forms::samples;
use domain::ids::{ClassId, DistrictId, DocumentId, PersonId};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::persons::Person;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::problem::Problem;
use crate::state::Api;

/// 联系人、所在部门、电话、邮箱 (W-81, W-82). Kept beside the events, where it can be erased.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContactBody {
    /// 联系人
    #[schema(min_length = 1, max_length = 100, pattern = r"\S")]
    pub name: String,
    /// 所在部门
    #[serde(default)]
    #[schema(max_length = 200)]
    pub department: Option<String>,
    /// 电话; not a masked one
    #[schema(min_length = 1, max_length = 50, pattern = r"^[^*]*[^*\s][^*]*$")]
    pub phone: String,
    /// 邮箱; not a masked one
    #[schema(min_length = 3, max_length = 254, format = "email", pattern = r"^[^*]*$")]
    pub email: String,
}

/// 法定代表人 (W-39): a name, kept beside the events, and a declaration; never the record itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LegalRepresentativeBody {
    /// The name.
    #[schema(min_length = 1, max_length = 100, pattern = r"\S")]
    pub name: String,
    /// Declares that there is no criminal record.
    pub no_criminal_record: bool,
}

/// Declarations beyond the printed form; ours, because conditions need them (Q-20).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SupplementBody {
    /// District of registration.
    pub district: DistrictId,
    /// Qualification or licence held (W-32).
    pub licence: Licence,
    /// First pilot of the excellence model anywhere in the organisation (W-34, Q-26).
    pub model_introduced_on: NaiveDate,
    /// Management-system certificate (W-34).
    #[serde(default)]
    pub certificate: Option<SystemCertificate>,
    /// National or provincial spot-check failures in the look-back (W-37, Q-25).
    pub spot_check_failures: NoneOrHas,
    /// Other serious breaches (W-38).
    pub serious_breaches: NoneOrHas,
    /// Legal representative (W-39).
    pub legal_representative: LegalRepresentativeBody,
    /// Priority tags of the rulebook (W-07, W-08).
    #[serde(default)]
    #[schema(max_items = 20)]
    pub tags: Vec<String>,
}

/// Annex 1 in full (附件1), with the supplement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!(example()))]
pub struct ApplicationBody {
    /// 组织名称 (W-79)
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    /// 地址 (W-80)
    #[schema(min_length = 1, max_length = 300)]
    pub address: String,
    /// 联系人、所在部门、电话、邮箱 (W-81, W-82)
    pub contact: ContactBody,
    /// 组织性质 (W-83)
    pub nature: Nature,
    /// 企业类型, only for an enterprise, and then required (W-84)
    #[serde(default)]
    pub enterprise_type: Option<EnterpriseType>,
    /// 组织规模 (W-85)
    pub size: Size,
    /// 所属行业 (W-86)
    pub sector: Sector,
    /// 所属先导产业和重点领域 (W-87 … W-89)
    pub key_field: KeyField,
    /// 近三年主营业务是否保持持续盈利（政策性亏损除外）(W-90); shown, never blocks (Q-11)
    pub profitable: YesNo,
    /// 近三年有无重大质量、安全、环境、公共卫生、食品安全等事故 (W-91)
    pub major_incidents: NoneOrHas,
    /// 近三年有无因组织责任导致的重大质量投诉和严重失信行为 (W-92)
    pub complaints_or_dishonesty: NoneOrHas,
    /// 一、标准化 (W-94 … W-99)
    pub standardization: Standardization,
    /// 二、认证 (W-100)
    pub certifications: Certifications,
    /// 三、检验检测 (W-101)
    pub testing: Testing,
    /// 其他质量基础能力建设方面的优势项 (W-102)
    #[serde(default)]
    #[schema(max_length = 5000)]
    pub other_strengths: Option<String>,
    /// 近三年获得的市级及以上与质量相关的荣誉 (W-103)
    #[serde(default)]
    #[schema(max_items = 100)]
    pub honours: Vec<HonourClaimed>,
    /// 自评孵化分类建议, exactly one class of the rulebook; absent only where the program has none (W-104)
    #[serde(default)]
    pub own_class: Option<ClassId>,
    /// 申报日期 (W-105)
    pub applied_on: NaiveDate,
    /// A scan of the sealed form (W-31, Q-19)
    #[serde(default)]
    pub sealed_form: Option<DocumentId>,
    /// Declarations beyond the printed form.
    pub supplement: SupplementBody,
}

impl ApplicationBody {
    /// The papers that the form names; one that nobody uploaded is refused where the form names it.
    pub(super) async fn papers(&self, api: &Api) -> Result<Vec<DocumentRef>, Problem> {
        let certificate = self.supplement.certificate.as_ref().and_then(|certificate| certificate.document_id);
        let named = [
            (self.sealed_form, "/application/sealed_form"),
            (certificate, "/application/supplement/certificate/document_id"),
        ];
        let mut papers = Vec::new();
        for (document, pointer) in named {
            if let Some(document) = document {
                papers.push(api.document(document, pointer).await?);
            }
        }
        Ok(papers)
    }

    /// The form of the domain, and the records of the people whom it refers to.
    pub(super) fn into_form(self, recorded_at: DateTime<Utc>) -> (Application, Vec<Person>) {
        let known = |name: String, phone: Option<String>, email: Option<String>| {
            let person_id = PersonId::new(Uuid::now_v7());
            Person { person_id, name: Some(name), phone, email, recorded_at }
        };
        let contact = known(self.contact.name, Some(self.contact.phone), Some(self.contact.email));
        let representative = known(self.supplement.legal_representative.name, None, None);
        let form = Application {
            name: self.name,
            address: self.address,
            contact: Contact { person: contact.person_id, department: self.contact.department },
            nature: self.nature,
            enterprise_type: self.enterprise_type,
            size: self.size,
            sector: self.sector,
            key_field: self.key_field,
            profitable: self.profitable,
            major_incidents: self.major_incidents,
            complaints_or_dishonesty: self.complaints_or_dishonesty,
            standardization: self.standardization,
            certifications: self.certifications,
            testing: self.testing,
            other_strengths: self.other_strengths,
            honours: self.honours,
            own_class: self.own_class,
            applied_on: self.applied_on,
            sealed_form: self.sealed_form,
            supplement: Supplement {
                district: self.supplement.district,
                licence: self.supplement.licence,
                model_introduced_on: self.supplement.model_introduced_on,
                certificate: self.supplement.certificate,
                spot_check_failures: self.supplement.spot_check_failures,
                serious_breaches: self.supplement.serious_breaches,
                legal_representative: LegalRepresentative {
                    person: representative.person_id,
                    no_criminal_record: self.supplement.legal_representative.no_criminal_record,
                },
                tags: self.supplement.tags,
            },
        };
        (form, vec![contact, representative])
    }
}

/// The day that the example is dated.
pub(super) const EXAMPLE_DAY: &str = "2025-06-02";

/// A complete form of nobody, as the domain's sample fills it in.
pub(crate) fn example() -> Value {
    let (Ok(district), Ok(class), Ok(day)) = ("jinghu".parse(), "C".parse(), EXAMPLE_DAY.parse()) else {
        return Value::Null;
    };
    let form = samples::application("芜湖示例汽车零部件有限公司", district, Some(class), day);
    let mut example = serde_json::to_value(form).unwrap_or_default();
    example["contact"] = json!({
        "name": "示例联系人", "department": "质量部", "phone": "0553-0000000", "email": "contact@example.com",
    });
    example["supplement"]["legal_representative"] = json!({ "name": "示例法定代表人", "no_criminal_record": true });
    // No scan of the sample's certificate is on file.
    example["supplement"]["certificate"]["document_id"] = Value::Null;
    example
}
