//! What the values of enumerations are called in Chinese, by the name of their schema.

/// The values of one enumeration with their words.
pub(super) type Values = &'static [(&'static str, &'static str)];

/// The values of the enumeration of this name. One without a name of its own is looked up by the value.
pub(super) fn values(schema: Option<&str>) -> Values {
    let name = schema.unwrap_or(UNNAMED);
    VALUES.iter().find(|(known, _)| *known == name).map_or(&[], |(_, values)| values)
}

/// Enumerations that stand inside of another schema.
const UNNAMED: &str = "";

pub(super) const VALUES: &[(&str, Values)] = &[
    (
        UNNAMED,
        &[
            ("below_a", "不满足A类标准"),
            ("organization", "组织"),
            ("person", "人员"),
            ("admit", "纳入"),
            ("reclassify", "调整类别"),
        ],
    ),
    (
        "Stage",
        &[
            ("applied", "已申报"),
            ("nominated", "已推荐"),
            ("surveying", "调查中"),
            ("survey_filed", "调查已提交"),
            ("survey_returned", "调查退回"),
            ("survey_approved", "调查已审定"),
            ("member", "孵化中"),
            ("withdrawn", "已撤回"),
            ("declined", "未纳入"),
            ("removed", "已移出"),
            ("ended", "已终止"),
            ("completed", "期满"),
            ("lapsed", "未入池期满"),
        ],
    ),
    (
        "Outcome",
        &[
            ("withdrawn_early", "调查前撤回"),
            ("withdrawn", "已撤回"),
            ("declined", "未纳入"),
            ("removed", "已移出"),
            ("ended", "已终止"),
            ("completed", "期满"),
            ("lapsed", "未入池期满"),
        ],
    ),
    ("Standing", &[("applicant", "申请组织"), ("member", "孵化组织"), ("former", "已退出")]),
    (
        "Nature",
        &[
            ("organ", "机关"),
            ("civil_service_reference", "参公单位"),
            ("public_institution", "事业单位"),
            ("enterprise", "企业"),
            ("social_organization", "社会组织"),
            ("other", "其他"),
        ],
    ),
    (
        "EnterpriseType",
        &[
            ("state_collective_holding", "国有、集体及控股企业"),
            ("private", "私营企业"),
            ("foreign_invested", "外商投资企业"),
        ],
    ),
    ("Size", &[("large", "大型"), ("medium", "中型"), ("small", "小型"), ("micro", "微型")]),
    (
        "Sector",
        &[
            ("agriculture", "农业"),
            ("manufacturing", "制造业"),
            ("services", "服务业"),
            ("construction", "建筑业"),
            ("medical", "医疗行业"),
            ("education", "教育行业"),
        ],
    ),
    (
        "KeyField",
        &[
            ("electronics", "电子电器"),
            ("cars_and_parts", "汽车及零部件"),
            ("materials", "材料"),
            ("wire_and_cable", "电线电缆"),
            ("information_technology", "新一代信息技术"),
            ("artificial_intelligence", "人工智能"),
            ("new_materials", "新材料"),
            ("smart_appliances", "智能家电"),
            ("new_energy_and_environment", "新能源和节能环保"),
            ("new_energy_vehicles", "新能源汽车和智能网联汽车"),
            ("aerospace", "航空航天（含低空经济）"),
            ("high_end_equipment", "高端装备制造（含现代农机）"),
            ("health_and_green_food", "大健康和绿色食品"),
            ("digital_creative", "数字创意（线上经济）"),
            ("other", "其他"),
        ],
    ),
    ("YesNo", &[("yes", "是"), ("no", "否")]),
    ("NoneOrHas", &[("none", "无"), ("has", "有")]),
    ("Level", &[("international", "国际"), ("national", "国家"), ("provincial", "省级"), ("city", "市级")]),
    ("CommitteePart", &[("secretariat", "秘书处"), ("member", "委员")]),
    (
        "PracticeRating",
        &[
            ("AAAAA", "AAAAA级"),
            ("AAAA", "AAAA级"),
            ("AAA", "AAA级"),
            ("AA", "AA级"),
            ("A", "A级"),
            ("not_rated", "未评价"),
        ],
    ),
    (
        "TechnicalLevel",
        &[
            ("international_or_advanced", "达到或超过国际标准、国外先进标准"),
            ("above_recommended", "超过国家或行业推荐性标准"),
            ("recommended", "达到国家或行业推荐性标准"),
            ("mandatory", "符合国家或行业强制性标准"),
        ],
    ),
    ("Channel", &[("on_site", "现场"), ("phone", "电话"), ("online", "线上")]),
    ("Strength", &[("must", "应、不得"), ("principle", "原则上")]),
    (
        "FactKind",
        &[
            ("visits", "回访"),
            ("activities", "质量提升活动"),
            ("self_evaluations", "自我评价"),
            ("assistance_requests", "帮扶需求"),
            ("incidents", "事故"),
            ("honours", "荣誉"),
        ],
    ),
    ("Finding", &[("major", "重大事故"), ("below_major", "未达重大"), ("dismissed", "不成立")]),
    ("SurveyStep", &[("assigned", "已指派"), ("filed", "已提交"), ("returned", "已退回"), ("approved", "已审定")]),
    (
        "AnalysisSource",
        &[
            ("own", "组织自我分析评价"),
            ("third_party", "第三方实施的分析评价"),
            ("station", "质量基础设施“一站式”服务站点开展的分析评价"),
            ("other", "其他"),
        ],
    ),
    (
        "WhyOwed",
        &[
            ("class_of_admission", "入池类别应授"),
            ("joined_late", "入池晚于授课年度"),
            ("reclassified", "类别调整后应授"),
        ],
    ),
    ("SessionState", &[("booked", "已排"), ("held", "已举办"), ("cancelled", "已取消")]),
    ("WhyDue", &[("never_visited", "入池后未回访"), ("last_visit_too_long_ago", "距上次回访已满间隔")]),
    ("EntryKind", &[("district", "区县"), ("station", "服务站"), ("recommender", "推荐单位"), ("expert", "专家")]),
];
