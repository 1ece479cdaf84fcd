//! The award office's decisions on classes: admission, moving, putting right.

use domain::Command;
use domain::cycle::{Classify, ClassifyEntry, CorrectClassification, CycleCommand, Reclassify, ReclassifyEntry};

use super::organizations::Organization;
use super::script::{Script, id};

/// One organisation in a meeting's decision: its class, and the grounds where the station found otherwise.
#[derive(Debug, Clone, Copy)]
pub(super) struct Decided<'a> {
    pub(super) organization: &'a Organization,
    pub(super) class: Option<&'a str>,
    pub(super) grounds: Option<&'a str>,
}

impl Script<'_> {
    /// A meeting admits these organisations today (§四（二）1).
    pub(super) async fn classify(&mut self, decided: &[Decided<'_>]) -> anyhow::Result<u64> {
        let by = self.office()?;
        let common = self.on_paper(&by, "孵化分类会议纪要").await?;
        let entries = decided.iter().map(entry).collect::<anyhow::Result<_>>()?;
        let command = CycleCommand::Classify(Classify { cycle: self.cycle.clone(), entries, common });
        self.run("classify", &by, Command::Cycle(command)).await
    }

    /// A meeting moves a member to another class today (W-55).
    pub(super) async fn reclassify(
        &mut self,
        organization: &Organization,
        to: &str,
        grounds: &str,
    ) -> anyhow::Result<u64> {
        let by = self.office()?;
        let common = self.on_paper(&by, "分类调整会议纪要").await?;
        let entry =
            ReclassifyEntry { uscc: organization.uscc()?, to: id(to)?, grounds: grounds.to_owned(), seen: None };
        let command = CycleCommand::Reclassify(Reclassify { cycle: self.cycle.clone(), entries: vec![entry], common });
        self.run("reclassify", &by, Command::Cycle(command)).await
    }

    /// The class that was entered is put right from the meeting's paper today.
    pub(super) async fn correct_class(
        &mut self,
        organization: &Organization,
        class: &str,
        reason: &str,
    ) -> anyhow::Result<()> {
        let by = self.office()?;
        let common = self.on_paper(&by, "孵化分类会议纪要（复核件）").await?;
        let command = CycleCommand::CorrectClassification(CorrectClassification {
            cycle: self.cycle.clone(),
            uscc: organization.uscc()?,
            class: id(class)?,
            reason: reason.to_owned(),
            common,
        });
        self.run("correct a class", &by, Command::Cycle(command)).await?;
        Ok(())
    }
}

fn entry(decided: &Decided<'_>) -> anyhow::Result<ClassifyEntry> {
    Ok(ClassifyEntry {
        uscc: decided.organization.uscc()?,
        class: decided.class.map(id).transpose()?,
        grounds: decided.grounds.map(str::to_owned),
        seen: None,
    })
}
