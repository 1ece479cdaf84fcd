//! What people write in the story. No text names a person.

use anyhow::Context as _;
use domain::forms::facts::Channel;

/// Signs that made-up people are told apart by, one for each organisation.
const SIGNS: &str = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥金木水火土";

/// 推荐单位意见
pub(super) const OPINION: &str =
    "该组织质量管理基础扎实，重视卓越绩效管理模式的导入，在行业内有一定示范作用，同意推荐进入培育孵化池。";

/// Of a self-evaluation.
pub(super) const STRENGTHS: &str = "领导层重视，战略目标逐级分解；过程方法应用较为系统；顾客满意度连续三年提升。";
/// Of a self-evaluation.
pub(super) const GAPS: &str = "标杆对比数据不足；部分支持过程缺少绩效测量；知识管理尚未形成闭环。";
/// Of a self-evaluation.
pub(super) const ACTIONS: &str = "建立标杆数据库，按季度对比；为支持过程设定测量指标；开展自评师内部培训并每年自评。";

/// What a station notes of a visit.
#[derive(Debug, Clone, Copy)]
pub(super) struct Note {
    pub(super) channel: Channel,
    pub(super) findings: &'static str,
    pub(super) needs: Option<&'static str>,
    pub(super) carry_over: Option<&'static str>,
}

const NOTES: [Note; 7] = [
    Note {
        channel: Channel::OnSite,
        findings: "已成立卓越绩效推进小组，完成全员宣贯；现场管理改善明显。",
        needs: Some("希望获得自评报告编写辅导。"),
        carry_over: None,
    },
    Note {
        channel: Channel::OnSite,
        findings: "按GB/T 19580开展了一次内部自评，形成改进项清单并逐项落实。",
        needs: None,
        carry_over: Some("改进项跟踪表较完整，可作为下个周期的交流案例。"),
    },
    Note {
        channel: Channel::Phone,
        findings: "QC小组活动正常开展，本季度完成课题两项；关键过程能力指数有所提高。",
        needs: Some("需要质量工具方法的专题培训。"),
        carry_over: None,
    },
    Note {
        channel: Channel::OnSite,
        findings: "质量绩效看板投入使用，一次交验合格率较上期提高。",
        needs: Some("希望与省级获奖组织对标交流。"),
        carry_over: Some("对标交流需求集中，建议下个周期统一组织。"),
    },
    Note {
        channel: Channel::Online,
        findings: "部分部门推进较慢，中层管理者对评价准则的理解有待加深。",
        needs: Some("建议安排中层管理者专题研讨。"),
        carry_over: None,
    },
    Note {
        channel: Channel::OnSite,
        findings: "顾客投诉处理周期缩短，供应商协同改进机制初步建立。",
        needs: None,
        carry_over: None,
    },
    Note {
        channel: Channel::OnSite,
        findings: "已着手提炼质量管理模式，内容框架基本成形，尚需数据支撑。",
        needs: Some("希望专家指导模式提炼。"),
        carry_over: Some("模式提炼辅导宜提前到周期第一年启动。"),
    },
];

/// The sign of an organisation's people.
pub(super) fn sign(number: u32) -> anyhow::Result<char> {
    let place = usize::try_from(number)?.checked_sub(1);
    place.and_then(|place| SIGNS.chars().nth(place)).with_context(|| format!("no sign for organisation {number}"))
}

/// What a station notes of an organisation in one round of visits: others each time.
pub(super) fn visit(number: u32, round: usize) -> Note {
    let place = usize::try_from(number).unwrap_or_default() * 3 + round * 2;
    NOTES[place % NOTES.len()]
}
