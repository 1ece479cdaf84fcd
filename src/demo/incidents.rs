//! Incidents, what the authority determines of them, and what follows for the membership (§三, Q-14).

use domain::cycle::{CycleCommand, Remove, RescindRemoval};
use domain::forms::facts::Incident;
use domain::ids::IncidentId;
use domain::organization::{DetermineIncident, DismissIncident, OrganizationCommand, ReportIncident, Severity};
use domain::{Actor, Command};

use super::organizations::Organization;
use super::script::{Script, id};

impl Script<'_> {
    /// Somebody reports an incident of today.
    pub(super) async fn report(
        &mut self,
        by: &Actor,
        organization: &Organization,
        kind: &str,
        description: &str,
    ) -> anyhow::Result<IncidentId> {
        let incident_id = IncidentId::new(self.fresh()?);
        let command = OrganizationCommand::ReportIncident(ReportIncident {
            cycle: self.cycle.clone(),
            uscc: organization.uscc()?,
            incident_id,
            incident: Incident { kind: id(kind)?, description: description.to_owned() },
            common: self.fact(),
        });
        self.run("report an incident", by, Command::Organization(command)).await?;
        Ok(incident_id)
    }

    /// The award office records what the competent authority determined today.
    pub(super) async fn determine(
        &mut self,
        organization: &Organization,
        incident_id: IncidentId,
        (authority, document_no): (&str, &str),
        major: Severity,
    ) -> anyhow::Result<()> {
        let by = self.office()?;
        let common = self.on_paper(&by, "事故认定书").await?;
        let command = OrganizationCommand::DetermineIncident(DetermineIncident {
            cycle: self.cycle.clone(),
            uscc: organization.uscc()?,
            incident_id,
            authority: authority.to_owned(),
            document_no: document_no.to_owned(),
            major,
            determined_on: self.today(),
            common,
        });
        self.run("determine an incident", &by, Command::Organization(command)).await?;
        Ok(())
    }

    /// The award office removes a member today, citing the incident (W-28).
    pub(super) async fn remove(
        &mut self,
        organization: &Organization,
        incident_id: IncidentId,
        reason: &str,
    ) -> anyhow::Result<u64> {
        let by = self.office()?;
        let common = self.on_paper(&by, "移出孵化池决定").await?;
        let command = CycleCommand::Remove(Remove {
            cycle: self.cycle.clone(),
            uscc: organization.uscc()?,
            incident_id,
            reason: Some(reason.to_owned()),
            common,
        });
        self.run("remove", &by, Command::Cycle(command)).await
    }

    /// The authority overturns its determination today, and the award office rescinds the removal.
    pub(super) async fn overturn(
        &mut self,
        organization: &Organization,
        incident_id: IncidentId,
        (authority, document_no): (&str, &str),
        reason: &str,
    ) -> anyhow::Result<()> {
        let by = self.office()?;
        let common = self.on_paper(&by, "撤销事故认定的决定").await?;
        let dismissed = OrganizationCommand::DismissIncident(DismissIncident {
            cycle: self.cycle.clone(),
            uscc: organization.uscc()?,
            incident_id,
            authority: authority.to_owned(),
            document_no: document_no.to_owned(),
            reason: reason.to_owned(),
            common: common.clone(),
        });
        self.run("dismiss an incident", &by, Command::Organization(dismissed)).await?;
        let rescinded = CycleCommand::RescindRemoval(RescindRemoval {
            cycle: self.cycle.clone(),
            uscc: organization.uscc()?,
            reason: reason.to_owned(),
            common,
        });
        self.run("rescind a removal", &by, Command::Cycle(rescinded)).await?;
        Ok(())
    }
}
