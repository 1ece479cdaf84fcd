//! Who takes part in the running cycle, and how the three see it: itself, the station, the award office.

use super::classes::Decided;
use super::organizations::{Organization, numbered};

/// An applicant of the running cycle.
#[derive(Debug)]
pub(super) struct Candidate {
    pub(super) number: u32,
    pub(super) recommender: &'static str,
    /// 自评孵化分类建议
    pub(super) own: &'static str,
    /// 调查结论; nothing for below the lowest class.
    pub(super) station: Option<&'static str>,
    /// What the award office's paper says; nothing where it declines.
    pub(super) office: Option<&'static str>,
    /// Why, where it differs from the station.
    pub(super) grounds: Option<&'static str>,
}

const fn candidate(number: u32, recommender: &'static str, own: &'static str) -> Candidate {
    Candidate { number, recommender, own, station: Some(own), office: Some(own), grounds: None }
}

impl Candidate {
    /// The station sees it otherwise, and the award office follows the station.
    const fn surveyed_as(self, class: &'static str) -> Self {
        Self { station: Some(class), office: Some(class), ..self }
    }

    /// The award office sees it otherwise than the station.
    const fn decided_as(self, class: &'static str, grounds: &'static str) -> Self {
        Self { office: Some(class), grounds: Some(grounds), ..self }
    }

    /// The station finds it below the lowest class.
    const fn below_the_lowest(self) -> Self {
        Self { station: None, office: None, ..self }
    }

    /// The organisation.
    pub(super) fn organization(&self) -> anyhow::Result<&'static Organization> {
        numbered(self.number)
    }

    /// The award office's decision.
    pub(super) fn decided(&self) -> anyhow::Result<Decided<'static>> {
        Ok(Decided { organization: self.organization()?, class: self.office, grounds: self.grounds })
    }
}

/// Who applies before the cycle begins. C and D are five each, so that every loss of a C shows.
pub(super) static CANDIDATES: [Candidate; 21] = [
    candidate(1, "office-industry", "D"),
    candidate(2, "committee-wuwei", "C")
        .decided_as("D", "经现场复核，该组织卓越绩效管理模式已全员导入，管理方法特色鲜明，符合D类条件。"),
    candidate(3, "committee-fanchang", "B"),
    candidate(4, "association-appliances", "D"),
    candidate(5, "association-food", "C"),
    candidate(6, "office-quality", "B"),
    candidate(7, "association-equipment", "D").surveyed_as("C"),
    candidate(8, "office-health", "C"),
    candidate(9, "office-education", "B"),
    candidate(10, "committee-nanling", "A")
        .surveyed_as("B")
        .decided_as("A", "导入时间较短，仅在一个车间试点，按A类实施基础型教学更为适宜。"),
    candidate(11, "chamber-holding", "A"),
    candidate(12, "association-equipment", "D"),
    candidate(13, "committee-fanchang", "C"),
    candidate(14, "committee-yijiang", "D"),
    candidate(15, "office-industry", "B").surveyed_as("A"),
    candidate(16, "committee-jiujiang", "B"),
    candidate(17, "committee-jinghu", "A").below_the_lowest(),
    candidate(18, "committee-wanzhi", "B")
        .below_the_lowest()
        .decided_as("A", "补充材料显示质量管理团队已完成试点导入方案并启动实施，达到A类条件。"),
    candidate(19, "committee-jinghu", "B"),
    candidate(20, "committee-nanling", "B")
        .surveyed_as("A")
        .decided_as("B", "质量管理方法系统，已在两个车间导入卓越绩效管理模式，符合B类条件。"),
    candidate(21, "office-quality", "C"),
];
