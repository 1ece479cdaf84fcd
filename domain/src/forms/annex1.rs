//! Annex 1 (附件1): the application form (申报表), rows W-79 … W-106, and the supplementary declarations.
//!
//! What the printed form does not ask but a condition needs stands in [`Supplement`], marked as ours.

mod validate;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ids::{ClassId, DistrictId, DocumentId, PersonId};

/// Kind of organisation (组织性质, W-83).
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema, strum::EnumIter, strum::IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Nature {
    /// 机关
    Organ,
    /// 参公单位
    CivilServiceReference,
    /// 事业单位
    PublicInstitution,
    /// 企业
    Enterprise,
    /// 社会组织
    SocialOrganization,
    /// 其他
    Other,
}

/// Enterprise type (企业类型, W-84); only for an enterprise.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema, strum::EnumIter, strum::IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum EnterpriseType {
    /// 国有、集体及控股企业
    StateCollectiveHolding,
    /// 私营企业
    Private,
    /// 外商投资企业
    ForeignInvested,
}

/// Size (组织规模, W-85).
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema, strum::EnumIter, strum::IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Size {
    /// 大型
    Large,
    /// 中型
    Medium,
    /// 小型
    Small,
    /// 微型
    Micro,
}

/// Sector (所属行业, W-86); the form offers no other.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema, strum::EnumIter, strum::IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Sector {
    /// 农业
    Agriculture,
    /// 制造业
    Manufacturing,
    /// 服务业
    Services,
    /// 建筑业
    Construction,
    /// 医疗行业
    Medical,
    /// 教育行业
    Education,
}

/// Leading industry or key field (所属先导产业和重点领域, W-87 … W-89).
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema, strum::EnumIter, strum::IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum KeyField {
    /// 电子电器
    Electronics,
    /// 汽车及零部件
    CarsAndParts,
    /// 材料
    Materials,
    /// 电线电缆
    WireAndCable,
    /// 新一代信息技术
    InformationTechnology,
    /// 人工智能
    ArtificialIntelligence,
    /// 新材料
    NewMaterials,
    /// 智能家电
    SmartAppliances,
    /// 新能源和节能环保
    NewEnergyAndEnvironment,
    /// 新能源汽车和智能网联汽车
    NewEnergyVehicles,
    /// 航空航天（含低空经济）
    Aerospace,
    /// 高端装备制造（含现代农机）
    HighEndEquipment,
    /// 大健康和绿色食品
    HealthAndGreenFood,
    /// 数字创意（线上经济）
    DigitalCreative,
    /// 其他
    Other,
}

/// 无 or 有.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum NoneOrHas {
    /// 无
    None,
    /// 有
    Has,
}

/// 是 or 否.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum YesNo {
    /// 是
    Yes,
    /// 否
    No,
}

/// Level of a body or pilot.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema, strum::IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Level {
    /// 国际
    International,
    /// 国家
    National,
    /// 省级
    Provincial,
    /// 市级
    City,
}

/// Part in a committee: 秘书处 or 委员.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CommitteePart {
    /// 秘书处
    Secretariat,
    /// 委员
    Member,
}

/// One seat in a standardisation committee (W-95).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CommitteeSeat {
    /// Level of the committee.
    pub level: Level,
    /// Secretariat or member.
    pub part: CommitteePart,
}

/// Rating of good standardisation practice (标准化良好行为企业评价, W-97).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PracticeRating {
    /// AAAAA级
    #[serde(rename = "AAAAA")]
    FiveA,
    /// AAAA级
    #[serde(rename = "AAAA")]
    FourA,
    /// AAA级
    #[serde(rename = "AAA")]
    ThreeA,
    /// AA级
    #[serde(rename = "AA")]
    TwoA,
    /// A级
    #[serde(rename = "A")]
    OneA,
    /// 未评价
    NotRated,
}

/// A standard led or joined (W-98).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StandardDrafted {
    /// 标准号
    #[schema(min_length = 1, max_length = 100)]
    pub number: String,
    /// 标准名称
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    /// 在起草单位中的位次, from 1.
    #[schema(minimum = 1, maximum = 1000)]
    pub rank: u32,
}

/// Technical level of the standards of the main products (W-99).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TechnicalLevel {
    /// 达到或超过国际标准、国外先进标准
    InternationalOrAdvanced,
    /// 超过国家或行业推荐性标准
    AboveRecommended,
    /// 达到国家或行业推荐性标准
    Recommended,
    /// 符合国家或行业强制性标准
    Mandatory,
}

/// 一、标准化 (W-94 … W-99).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Standardization {
    /// 1.是否承担或参与标准化技术委员会 (W-94)
    pub in_committee: YesNo,
    /// The seats, at least one if `in_committee` is yes, none otherwise (W-95).
    #[serde(default)]
    #[schema(max_items = 8)]
    pub committee_seats: Vec<CommitteeSeat>,
    /// 是否承担标准化试点(示范)工作; empty = 未承担; national, provincial or city (W-96).
    #[serde(default)]
    #[schema(max_items = 3)]
    pub pilots: Vec<Level>,
    /// 3.标准化良好行为企业评价 (W-97)
    pub practice_rating: PracticeRating,
    /// 4.主持或参与标准制修订情况 (W-98)
    #[serde(default)]
    #[schema(max_items = 200)]
    pub standards: Vec<StandardDrafted>,
    /// 5.标准技术水平 (W-99); none where there are no products.
    #[serde(default)]
    pub technical_level: Option<TechnicalLevel>,
}

/// 二、认证: names of certificates, without ISO 9001 (W-100).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Certifications {
    /// 产品认证
    #[serde(default)]
    #[schema(max_items = 50)]
    pub product: Vec<String>,
    /// 服务认证
    #[serde(default)]
    #[schema(max_items = 50)]
    pub service: Vec<String>,
    /// 管理体系认证
    #[serde(default)]
    #[schema(max_items = 50)]
    pub management_system: Vec<String>,
    /// 其他
    #[serde(default)]
    #[schema(max_items = 50)]
    pub other: Vec<String>,
}

/// 三、检验检测: a text, or the note that the trade has none (W-101).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Testing {
    /// Set where the trade has no such thing (因行业特殊性无此项内容).
    #[serde(default)]
    pub not_applicable: bool,
    /// Ability and accreditation; empty only if not applicable.
    #[serde(default)]
    #[schema(max_length = 5000)]
    pub description: String,
}

/// A quality honour at city level or above in the last three years (W-103).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HonourClaimed {
    /// Its name.
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    /// Its level.
    pub level: Level,
    /// The year that it was given in.
    #[schema(minimum = 1949, maximum = 2200)]
    pub year: i32,
}

/// Whom to talk to (W-81, W-82). The person's name, phone and mail are kept beside the events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Contact {
    /// The person's record.
    pub person: PersonId,
    /// 所在部门
    #[serde(default)]
    #[schema(max_length = 200)]
    pub department: Option<String>,
}

/// Qualification or licence (W-32).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Licence {
    /// What it is.
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    /// Its number.
    #[schema(min_length = 1, max_length = 100)]
    pub number: String,
    /// Held without a gap since this day.
    pub held_since: NaiveDate,
}

/// A management-system certificate: GB/T 19001 or another (W-34).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SystemCertificate {
    /// The standard, as written on it, e.g. `GB/T 19001-2016`.
    #[schema(min_length = 1, max_length = 100)]
    pub standard: String,
    /// Its number.
    #[schema(min_length = 1, max_length = 100)]
    pub number: String,
    /// Who issued it.
    #[schema(min_length = 1, max_length = 200)]
    pub issuer: String,
    /// Last day of validity.
    pub valid_until: NaiveDate,
    /// A scan of it.
    #[serde(default)]
    pub document_id: Option<DocumentId>,
}

/// The legal representative (法定代表人, W-39): by reference, with a declaration; never the record itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LegalRepresentative {
    /// The person's record.
    pub person: PersonId,
    /// Declares that there is no criminal record.
    pub no_criminal_record: bool,
}

/// Declarations beyond the printed form; ours, because conditions need them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Supplement {
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
    pub legal_representative: LegalRepresentative,
    /// Priority tags of the rulebook (W-07, W-08).
    #[serde(default)]
    #[schema(max_items = 20)]
    pub tags: Vec<String>,
}

/// Annex 1 in full, with the supplement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Application {
    /// 组织名称 (W-79)
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    /// 地址 (W-80)
    #[schema(min_length = 1, max_length = 300)]
    pub address: String,
    /// 联系人、所在部门、电话、邮箱 (W-81, W-82)
    pub contact: Contact,
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
    /// 近三年主营业务是否保持持续盈利（政策性亏损除外）(W-90); shown, never blocks
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
    pub supplement: Supplement,
}
