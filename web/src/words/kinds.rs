//! Words for the values that forms and files have; each match is exhaustive, so that a new value needs its words.

use api::language::Language;
use domain::cycle::{Outcome, Stage};
use domain::forms::annex1::{KeyField, Nature, Sector, Size};
use domain::forms::facts::Channel;
use projections::organizations::IncidentStatus;
use projections::roster::Standing;
use projections::sessions::SessionState;

/// A value with words.
pub(crate) trait Worded: Copy {
    /// Chinese, English.
    fn pair(self) -> (&'static str, &'static str);

    /// Its words in a language.
    fn in_words(self, language: Language) -> &'static str {
        let (zh, en) = self.pair();
        match language {
            Language::Chinese => zh,
            Language::English => en,
        }
    }
}

macro_rules! worded {
    ($($of:ident { $($value:ident: $zh:literal, $en:literal;)+ })+) => {$(
        impl Worded for $of {
            fn pair(self) -> (&'static str, &'static str) {
                match self { $(Self::$value => ($zh, $en)),+ }
            }
        }
    )+};
}

worded! {
    Stage {
        Applied: "已申报", "Applied";
        Nominated: "已推荐", "Recommended";
        Surveying: "调查中", "Being surveyed";
        SurveyFiled: "调查待审定", "Survey to be settled";
        SurveyReturned: "调查已退回", "Survey returned";
        SurveyApproved: "调查已审定", "Survey settled";
        Member: "在池", "Member";
        Withdrawn: "已退出", "Withdrawn";
        Declined: "未入池", "Declined";
        Removed: "已移出", "Removed";
        Ended: "已终止", "Ended";
        Completed: "已完成", "Completed";
        Lapsed: "已失效", "Lapsed";
    }
    Standing {
        Applicant: "申请组织", "Applicant";
        Member: "孵化组织", "Member";
        Former: "已退出组织", "Former member";
    }
    Outcome {
        WithdrawnEarly: "退出（调查前）", "Withdrawn before a survey";
        Withdrawn: "退出", "Withdrawn";
        Declined: "未入池", "Declined";
        Removed: "移出", "Removed";
        Ended: "终止", "Ended";
        Completed: "完成", "Completed";
        Lapsed: "失效", "Lapsed";
    }
    Nature {
        Organ: "机关", "State organ";
        CivilServiceReference: "参公单位", "Unit under civil-service rules";
        PublicInstitution: "事业单位", "Public institution";
        Enterprise: "企业", "Enterprise";
        SocialOrganization: "社会组织", "Social organisation";
        Other: "其他", "Other";
    }
    Size {
        Large: "大型", "Large";
        Medium: "中型", "Medium";
        Small: "小型", "Small";
        Micro: "微型", "Micro";
    }
    Sector {
        Agriculture: "农业", "Agriculture";
        Manufacturing: "制造业", "Manufacturing";
        Services: "服务业", "Services";
        Construction: "建筑业", "Construction";
        Medical: "医疗行业", "Medical care";
        Education: "教育行业", "Education";
    }
    KeyField {
        Electronics: "电子电器", "Electronics";
        CarsAndParts: "汽车及零部件", "Cars and parts";
        Materials: "材料", "Materials";
        WireAndCable: "电线电缆", "Wire and cable";
        InformationTechnology: "新一代信息技术", "Information technology";
        ArtificialIntelligence: "人工智能", "Artificial intelligence";
        NewMaterials: "新材料", "New materials";
        SmartAppliances: "智能家电", "Smart appliances";
        NewEnergyAndEnvironment: "新能源和节能环保", "New energy and environment";
        NewEnergyVehicles: "新能源汽车和智能网联汽车", "New-energy and connected vehicles";
        Aerospace: "航空航天（含低空经济）", "Aerospace";
        HighEndEquipment: "高端装备制造（含现代农机）", "High-end equipment";
        HealthAndGreenFood: "大健康和绿色食品", "Health and green food";
        DigitalCreative: "数字创意（线上经济）", "Digital creative industries";
        Other: "其他", "Other";
    }
    Channel {
        OnSite: "现场", "On site";
        Phone: "电话", "By phone";
        Online: "线上", "Online";
    }
    IncidentStatus {
        Reported: "待认定", "To be determined";
        Major: "重大事故", "Major";
        BelowMajor: "未达重大", "Below major";
        Dismissed: "不成立", "Dismissed";
    }
    SessionState {
        Booked: "已排", "Booked";
        Held: "已举行", "Held";
        Cancelled: "已取消", "Cancelled";
    }
}

/// Roles, as the API names them.
const ROLES: [(&str, &str, &str); 9] = [
    ("office", "市创奖办", "Award office"),
    ("district", "县市区办公室", "District office"),
    ("recommender", "推荐单位", "Recommender"),
    ("station", "“一站式”服务站", "Service station"),
    ("organization", "组织", "Organisation"),
    ("expert", "专家", "Expert"),
    ("auditor", "审计", "Auditor"),
    ("integration", "其他系统", "Another system"),
    ("administrator", "系统管理员", "Administrator"),
];

/// A role in words; one that is not known, as it is named.
pub(crate) fn role(name: &str, language: Language) -> &str {
    ROLES.iter().find(|(known, ..)| *known == name).map_or(name, |(_, zh, en)| match language {
        Language::Chinese => zh,
        Language::English => en,
    })
}
