//! The organisations of the story: data only, and clearly made up.

use anyhow::Context as _;
use domain::Uscc;
use domain::forms::annex1::{EnterpriseType, KeyField, Nature, Sector, Size};

use super::register;
use super::script::id;

/// An organisation of the story.
#[derive(Debug)]
pub(super) struct Organization {
    /// From 1; everything that is numbered for it has this number.
    pub(super) number: u32,
    pub(super) name: &'static str,
    pub(super) district: &'static str,
    pub(super) nature: Nature,
    pub(super) enterprise_type: Option<EnterpriseType>,
    pub(super) size: Size,
    pub(super) sector: Sector,
    pub(super) key_field: KeyField,
    pub(super) tags: &'static [&'static str],
    /// 主营业务及产品/服务的性能、特色
    pub(super) business: &'static str,
    pub(super) employees: u32,
    /// Of the last year, in 万元.
    pub(super) revenue: i64,
    /// Years since the first pilot of the excellence model, when it applies for the running cycle.
    pub(super) model_years: i32,
}

impl Organization {
    const fn company(number: u32, name: &'static str, district: &'static str, kind: EnterpriseType) -> Self {
        let enterprise = Self::other(number, name, district, Nature::Enterprise);
        Self { enterprise_type: Some(kind), ..enterprise }
    }

    const fn other(number: u32, name: &'static str, district: &'static str, nature: Nature) -> Self {
        Self {
            number,
            name,
            district,
            nature,
            enterprise_type: None,
            size: Size::Medium,
            sector: Sector::Manufacturing,
            key_field: KeyField::Other,
            tags: &[],
            business: "",
            employees: 1,
            revenue: 0,
            model_years: 4,
        }
    }

    const fn in_sector(self, size: Size, sector: Sector, key_field: KeyField) -> Self {
        Self { size, sector, key_field, ..self }
    }

    const fn tagged(self, tags: &'static [&'static str]) -> Self {
        Self { tags, ..self }
    }

    const fn does(self, business: &'static str, employees: u32, revenue: i64, model_years: i32) -> Self {
        Self { business, employees, revenue, model_years, ..self }
    }

    /// Its number: valid, of its region, and made up.
    pub(super) fn uscc(&self) -> anyhow::Result<Uscc> {
        self.uscc_of(self.number)
    }

    /// The number of it that has this serial number.
    pub(super) fn uscc_of(&self, serial: u32) -> anyhow::Result<Uscc> {
        // Who registers, and as what: institutions, social organisations, then everybody else as an enterprise.
        let kind = match self.nature {
            Nature::Organ | Nature::CivilServiceReference => "11",
            Nature::PublicInstitution => "12",
            Nature::SocialOrganization => "51",
            Nature::Enterprise | Nature::Other => "91",
        };
        let code = format!("{kind}{}MADEM{serial:04}", register::region(self.district)?);
        let check = Uscc::check_character(&code).with_context(|| format!("no check character for {code}"))?;
        id(&format!("{code}{check}"))
    }
}

const PRIVATE: EnterpriseType = EnterpriseType::Private;
const STATE: EnterpriseType = EnterpriseType::StateCollectiveHolding;
const FOREIGN: EnterpriseType = EnterpriseType::ForeignInvested;

/// The organisations of Wuhu.
pub(super) static WUHU_ORGANIZATIONS: [Organization; 24] = [
    Organization::company(1, "芜湖示例汽车零部件有限公司", "jingkai", PRIVATE)
        .in_sector(Size::Large, Sector::Manufacturing, KeyField::CarsAndParts)
        .tagged(&["key_industry_chain", "quality_brand"])
        .does("制动与转向零部件的研发和制造，配套十余家整车企业。", 2_300, 186_000, 9),
    Organization::company(2, "芜湖示例电缆股份有限公司", "wuwei", PRIVATE)
        .in_sector(Size::Large, Sector::Manufacturing, KeyField::WireAndCable)
        .tagged(&["key_industry_chain", "quality_brand"])
        .does("特种电缆的研发和制造，用于轨道交通与新能源电站。", 1_450, 240_000, 8),
    Organization::company(3, "芜湖示例新材料科技有限公司", "fanchang", PRIVATE)
        .in_sector(Size::Medium, Sector::Manufacturing, KeyField::NewMaterials)
        .tagged(&["specialised_new"])
        .does("高性能陶瓷粉体与薄膜材料。", 310, 21_500, 5),
    Organization::company(4, "芜湖示例智能家电有限公司", "jingkai", FOREIGN)
        .in_sector(Size::Large, Sector::Manufacturing, KeyField::SmartAppliances)
        .tagged(&["key_industry_chain"])
        .does("智能空调与热泵产品，出口三十余国。", 3_800, 520_000, 10),
    Organization::company(5, "芜湖示例食品有限公司", "sanshan", PRIVATE)
        .in_sector(Size::Medium, Sector::Manufacturing, KeyField::HealthAndGreenFood)
        .tagged(&["livelihood", "quality_brand"])
        .does("坚果炒货与烘焙食品，全程冷链配送。", 680, 43_000, 6),
    Organization::company(6, "芜湖示例建筑工程有限公司", "jinghu", STATE)
        .in_sector(Size::Large, Sector::Construction, KeyField::Other)
        .tagged(&["city_governance"])
        .does("房屋建筑与市政公用工程施工总承包。", 1_900, 310_000, 5),
    Organization::company(7, "芜湖示例机器人有限公司", "jiujiang", PRIVATE)
        .in_sector(Size::Medium, Sector::Manufacturing, KeyField::ArtificialIntelligence)
        .tagged(&["key_industry_chain", "specialised_new"])
        .does("焊接与喷涂工业机器人本体及系统集成。", 720, 68_000, 6),
    Organization::other(8, "芜湖示例人民医院", "jinghu", Nature::PublicInstitution)
        .in_sector(Size::Large, Sector::Medical, KeyField::HealthAndGreenFood)
        .tagged(&["livelihood"])
        .does("三级综合医院，以胸痛中心和卒中中心为特色。", 2_600, 152_000, 7),
    Organization::other(9, "芜湖示例实验学校", "yijiang", Nature::PublicInstitution)
        .in_sector(Size::Medium, Sector::Education, KeyField::Other)
        .tagged(&["livelihood"])
        .does("九年一贯制公办学校，以劳动教育课程为特色。", 286, 7_200, 4),
    Organization::company(10, "芜湖示例农业科技有限公司", "nanling", PRIVATE)
        .in_sector(Size::Small, Sector::Agriculture, KeyField::HealthAndGreenFood)
        .tagged(&["livelihood"])
        .does("优质稻米的育种、种植与加工。", 95, 6_800, 3),
    Organization::company(11, "芜湖示例现代物流有限公司", "sanshan", STATE)
        .in_sector(Size::Medium, Sector::Services, KeyField::Other)
        .tagged(&["modern_services"])
        .does("港口集疏运与汽车零部件供应链物流。", 540, 38_500, 3),
    Organization::company(12, "芜湖示例航空装备有限公司", "wanzhi", STATE)
        .in_sector(Size::Medium, Sector::Manufacturing, KeyField::Aerospace)
        .tagged(&["key_industry_chain"])
        .does("轻型航空发动机与螺旋桨的研发和制造。", 460, 35_000, 7),
    Organization::company(13, "芜湖示例水泥建材有限公司", "fanchang", STATE)
        .in_sector(Size::Large, Sector::Manufacturing, KeyField::Materials)
        .tagged(&["grassroots_quality_brand"])
        .does("水泥、骨料与装配式构件。", 890, 97_000, 7),
    Organization::company(14, "芜湖示例新能源汽车有限公司", "yijiang", STATE)
        .in_sector(Size::Large, Sector::Manufacturing, KeyField::NewEnergyVehicles)
        .tagged(&["key_industry_chain", "quality_brand"])
        .does("纯电动乘用车的研发、制造与服务。", 5_200, 1_260_000, 9),
    Organization::company(15, "芜湖示例软件技术有限公司", "yijiang", PRIVATE)
        .in_sector(Size::Small, Sector::Services, KeyField::InformationTechnology)
        .tagged(&["modern_services", "specialised_new"])
        .does("制造执行系统与工业数据平台。", 130, 5_400, 3),
    Organization::company(16, "芜湖示例环保科技有限公司", "jiujiang", PRIVATE)
        .in_sector(Size::Medium, Sector::Services, KeyField::NewEnergyAndEnvironment)
        .tagged(&["city_governance"])
        .does("工业废水处理装备与第三方运营。", 240, 16_800, 5),
    Organization::company(17, "芜湖示例文化创意有限公司", "jinghu", PRIVATE)
        .in_sector(Size::Micro, Sector::Services, KeyField::DigitalCreative)
        .does("铁画衍生品设计与线上展陈。", 22, 900, 2),
    Organization::company(18, "芜湖示例电子元件有限公司", "wanzhi", PRIVATE)
        .in_sector(Size::Small, Sector::Manufacturing, KeyField::Electronics)
        .tagged(&["specialised_new"])
        .does("片式电感与磁性元件。", 180, 9_600, 3),
    Organization::company(19, "芜湖示例供水服务有限公司", "jinghu", STATE)
        .in_sector(Size::Medium, Sector::Services, KeyField::Other)
        .tagged(&["livelihood", "city_governance"])
        .does("城区供水与二次供水管理。", 430, 27_400, 4),
    Organization::company(20, "芜湖示例模具制造有限公司", "nanling", PRIVATE)
        .in_sector(Size::Small, Sector::Manufacturing, KeyField::HighEndEquipment)
        .tagged(&["key_industry_chain"])
        .does("汽车覆盖件与压铸模具。", 165, 8_300, 5),
    Organization::other(21, "芜湖示例公共检测中心", "yijiang", Nature::SocialOrganization)
        .in_sector(Size::Small, Sector::Services, KeyField::Other)
        .tagged(&["modern_services"])
        .does("食品、建材与电气产品的委托检测。", 110, 4_100, 6),
    Organization::company(22, "芜湖示例医疗器械有限公司", "wanzhi", PRIVATE)
        .in_sector(Size::Small, Sector::Manufacturing, KeyField::HealthAndGreenFood)
        .tagged(&["specialised_new"])
        .does("一次性输注器械与微创手术器械。", 210, 11_900, 3),
    Organization::company(23, "芜湖示例餐饮服务有限公司", "jiujiang", PRIVATE)
        .in_sector(Size::Small, Sector::Services, KeyField::HealthAndGreenFood)
        .tagged(&["livelihood"])
        .does("团体膳食与中央厨房。", 260, 7_700, 2),
    Organization::company(24, "芜湖示例园区运营有限公司", "jingkai", STATE)
        .in_sector(Size::Medium, Sector::Services, KeyField::Other)
        .tagged(&["modern_services"])
        .does("产业园区招商、物业与企业服务。", 150, 9_200, 3),
];

/// The organisation of Hangzhou.
pub(super) static HANGZHOU_ORGANIZATION: Organization =
    Organization::company(25, "杭州示例数字科技有限公司", "xihu", PRIVATE)
        .in_sector(Size::Medium, Sector::Services, KeyField::InformationTechnology)
        .does("数字化质量管理软件与咨询。", 330, 24_000, 4);

/// The organisation of Wuhu with that number.
pub(super) fn numbered(number: u32) -> anyhow::Result<&'static Organization> {
    WUHU_ORGANIZATIONS
        .iter()
        .find(|organization| organization.number == number)
        .with_context(|| format!("there is no organisation {number}"))
}

/// The organisations of Wuhu with these numbers.
pub(super) fn all_numbered(numbers: &[u32]) -> anyhow::Result<Vec<&'static Organization>> {
    numbers.iter().map(|number| numbered(*number)).collect()
}
