//! Annex 2 (附件2): the survey in nine sections (孵化组织基本情况调查), rows W-107 … W-120.

mod validate;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ids::ClassId;

/// Revenue of one year, in yuan (W-108).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct YearRevenue {
    /// The year.
    #[schema(minimum = 1949, maximum = 2200)]
    pub year: i32,
    /// Yuan; may be negative by correction of accounts, never beyond ± 10^15.
    #[schema(minimum = -1_000_000_000_000_000_i64, maximum = 1_000_000_000_000_000_i64)]
    pub revenue_yuan: i64,
}

/// 一、组织（企业）基本概况 (W-107, W-108).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// 主营业务及产品/服务的性能、特色
    #[schema(max_length = 10000)]
    pub business: String,
    /// 注册时间
    pub registered_on: NaiveDate,
    /// 注册资本, yuan
    #[serde(default)]
    #[schema(minimum = 0, maximum = 1_000_000_000_000_000_i64)]
    pub registered_capital_yuan: Option<i64>,
    /// 生产规模和效益
    #[serde(default)]
    #[schema(max_length = 10000)]
    pub scale_and_benefit: String,
    /// 销售业绩及销售网络
    #[serde(default)]
    #[schema(max_length = 10000)]
    pub sales: String,
    /// 在行业中的市场地位
    #[serde(default)]
    #[schema(max_length = 10000)]
    pub market_position: String,
    /// 员工总数, required (W-108)
    #[schema(minimum = 1, maximum = 10_000_000)]
    pub employees: u32,
    /// 近3年营收情况: three different years, required (W-108)
    #[schema(min_items = 3, max_items = 3)]
    pub revenue: Vec<YearRevenue>,
}

/// 二、首席质量官任职情况，导入卓越绩效模式的总体策划、当前成效 (W-109).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QualityOfficer {
    /// Whether a chief quality officer is appointed.
    pub appointed: bool,
    /// Since when, if appointed.
    #[serde(default)]
    pub appointed_on: Option<NaiveDate>,
    /// 导入卓越绩效模式的总体策划
    #[schema(max_length = 10000)]
    pub overall_plan: String,
    /// 当前成效
    #[schema(max_length = 10000)]
    pub current_effect: String,
}

/// 三、质量管理能力情况 (W-110 … W-112).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Capability {
    /// 建立质量管理体系（模式）及运行情况
    #[schema(max_length = 10000)]
    pub management_system: String,
    /// 质量领域重要管理制度建立及实施情况
    #[schema(max_length = 10000)]
    pub key_rules: String,
    /// 改进、创新的主要做法、亮点 (W-111)
    #[schema(max_length = 10000)]
    pub improvement_practices: String,
    /// 智能化和信息化水平 (W-112)
    #[schema(max_length = 10000)]
    pub digital_level: String,
}

/// Content, or the explicit statement that there is none (如无相关信息应在本项明确).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContentOrNone {
    /// Set where there is none; then no content.
    #[serde(default)]
    pub none: bool,
    /// What there is; empty only if none.
    #[serde(default)]
    #[schema(max_length = 10000)]
    pub content: String,
}

/// Who made the analysis of strengths and weaknesses (W-117).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AnalysisSource {
    /// 组织自我分析评价
    Own,
    /// 第三方实施的分析评价
    ThirdParty,
    /// 质量基础设施“一站式”服务站点开展的分析评价
    Station,
    /// 等: another, named in words
    Other,
}

/// 八、主要优势和不足; the source must be named (W-117).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Analysis {
    /// 主要优势
    #[schema(max_length = 10000)]
    pub strengths: String,
    /// 不足
    #[schema(max_length = 10000)]
    pub weaknesses: String,
    /// 信息提供来源, at least one
    #[schema(max_items = 4)]
    pub sources: Vec<AnalysisSource>,
    /// The other source, required if `other` is among them.
    #[serde(default)]
    #[schema(max_length = 200)]
    pub other_source: Option<String>,
}

/// What the survey proposes (W-118, W-119).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Conclusion {
    /// 孵化分类建议: a class of the rulebook.
    Class(ClassId),
    /// 不满足孵化分类中A类标准.
    BelowA,
}

/// 九、调查结论 (W-118 … W-120).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SurveyConclusion {
    /// The class proposed, or below A.
    pub suggestion: Conclusion,
    /// Why.
    #[serde(default)]
    #[schema(max_length = 10000)]
    pub grounds: String,
    /// 其他关键信息 (W-120)
    #[serde(default)]
    #[schema(max_length = 10000)]
    pub other_information: Option<String>,
}

/// Annex 2 in full. Sections may be absent here so that a form with one missing can be named, never accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Survey {
    /// 一
    #[serde(default)]
    pub profile: Option<Profile>,
    /// 二
    #[serde(default)]
    pub quality_officer: Option<QualityOfficer>,
    /// 三
    #[serde(default)]
    pub capability: Option<Capability>,
    /// 四、质量管理模式概况 (W-113)
    #[serde(default)]
    pub quality_model: Option<ContentOrNone>,
    /// 五、自评师团队建设情况及自评开展情况 (W-114)
    #[serde(default)]
    pub self_assessors: Option<ContentOrNone>,
    /// 六、获得市县两级人民政府质量奖情况 (W-115)
    #[serde(default)]
    pub city_county_awards: Option<ContentOrNone>,
    /// 七、近三年获得省级及以上奖项（荣誉）情况: content or none (W-116)
    #[serde(default)]
    pub provincial_honours: Option<ContentOrNone>,
    /// 八
    #[serde(default)]
    pub analysis: Option<Analysis>,
    /// 九
    #[serde(default)]
    pub conclusion: Option<SurveyConclusion>,
}
