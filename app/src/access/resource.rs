//! What a request is about, with what the policy asks of it.

use std::collections::BTreeSet;

use domain::Uscc;
use domain::ids::{CycleId, OrganizationId, ProgramId, SessionId};
use projections::register::EntryKind;
use projections::{enrolments, organizations, register, roster, sessions};
use store::{Db, StoreError};

/// What a request is about.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Resource {
    /// The whole system: accounts, lists of programs and cycles, the feed, papers.
    Installation,
    /// A program.
    Program(ProgramId),
    /// A cycle of a program.
    Cycle(ProgramId),
    /// A file.
    File(FileFacts),
    /// A session.
    Session {
        /// The cycle's program.
        program: ProgramId,
        /// The experts assigned.
        experts: BTreeSet<String>,
    },
    /// An organisation, over all cycles.
    Organization(OrganizationFacts),
}

/// What the policy asks of a file.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FileFacts {
    /// The cycle's program.
    pub program: ProgramId,
    /// The organisation.
    pub organization: OrganizationId,
    /// The organisation's district, as it stands today.
    pub district: String,
    /// The station charged with the survey.
    pub station: Option<String>,
    /// Who nominated it.
    pub recommender: Option<String>,
    /// Experts that take part in the survey.
    pub experts: BTreeSet<String>,
}

/// What the policy asks of an organisation.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct OrganizationFacts {
    /// The organisation.
    pub organization: OrganizationId,
    /// Programs that it has a file in.
    pub programs: BTreeSet<String>,
    /// Its district; a set, because the policy compares sets.
    pub districts: BTreeSet<String>,
    /// Who nominated it, in any cycle.
    pub recommenders: BTreeSet<String>,
}

impl Resource {
    /// A file of a cycle, by any number of its organisation; none if there is none. `experts` says whether those of
    /// its survey matter: only experts ask for them.
    pub async fn file(
        db: &Db,
        program: &ProgramId,
        (cycle, uscc): (&CycleId, &Uscc),
        experts: bool,
    ) -> Result<Option<Self>, StoreError> {
        // Nearly always asked for by the number that it was first registered under: one statement.
        let mut organization = OrganizationId::first_registered(uscc.clone());
        let mut found = roster::get(db, cycle, &organization).await?;
        if found.is_none() {
            let Some(known) = organizations::resolve(db, uscc).await?.filter(|known| *known != organization) else {
                return Ok(None);
            };
            found = roster::get(db, cycle, &known).await?;
            organization = known;
        }
        let Some(row) = found else { return Ok(None) };
        let survey =
            if experts { enrolments::get(db, cycle, &organization).await?.and_then(|f| f.survey) } else { None };
        Ok(Some(Self::File(FileFacts {
            program: program.clone(),
            organization,
            district: row.district.to_string(),
            station: row.station.map(|station| station.to_string()),
            recommender: row.recommender.map(|recommender| recommender.to_string()),
            experts: survey.map(|survey| survey.experts.iter().map(ToString::to_string).collect()).unwrap_or_default(),
        })))
    }

    /// A file that is not there: whoever sees the whole program is told so by whoever looks for it.
    #[must_use]
    pub fn no_file(program: ProgramId, uscc: &Uscc) -> Self {
        Self::File(FileFacts {
            program,
            organization: OrganizationId::first_registered(uscc.clone()),
            district: String::new(),
            station: None,
            // Nobody's, so that it is not taken for one without a recommender.
            recommender: Some(String::new()),
            experts: BTreeSet::new(),
        })
    }

    /// A session; none if there is none.
    pub async fn session(db: &Db, session: SessionId) -> Result<Option<Self>, StoreError> {
        Ok(sessions::get(db, session).await?.map(|session| Self::Session {
            program: session.program,
            experts: session.experts.iter().map(ToString::to_string).collect(),
        }))
    }

    /// An organisation, by any number of it; none if nobody knows it.
    pub async fn organization(db: &Db, uscc: &Uscc) -> Result<Option<Self>, StoreError> {
        let Some(id) = organizations::resolve(db, uscc).await? else { return Ok(None) };
        let Some(known) = organizations::get(db, &id).await? else { return Ok(None) };
        let mut recommenders = BTreeSet::new();
        let mut districts = BTreeSet::from([known.district.to_string()]);
        for file in &known.files {
            if let Some(row) = roster::get(db, &file.cycle, &id).await? {
                recommenders.extend(row.recommender.map(|recommender| recommender.to_string()));
            }
            // The organisation's district may be known to one program's register under a name of before a merger.
            let directory = register::directory(db, &file.program).await?;
            districts.insert(directory.current(EntryKind::District, known.district.as_str()).to_owned());
        }
        Ok(Some(Self::Organization(OrganizationFacts {
            organization: id,
            programs: known.files.iter().map(|file| file.program.to_string()).collect(),
            districts,
            recommenders,
        })))
    }

    /// The organisation that it is, or that it is of.
    #[must_use]
    pub const fn organization_of(&self) -> Option<&OrganizationId> {
        match self {
            Self::File(file) => Some(&file.organization),
            Self::Organization(known) => Some(&known.organization),
            Self::Installation | Self::Program(_) | Self::Cycle(_) | Self::Session { .. } => None,
        }
    }

    /// What it is called in problem documents, where it may not even be said to exist.
    #[must_use]
    pub const fn confidential(&self) -> Option<&'static str> {
        match self {
            Self::File(_) => Some("enrolment"),
            Self::Session { .. } => Some("session"),
            Self::Organization(_) => Some("organization"),
            Self::Installation | Self::Program(_) | Self::Cycle(_) => None,
        }
    }

    /// Whether a token that is bound to districts may touch it.
    #[must_use]
    pub fn is_within(&self, districts: &BTreeSet<String>) -> bool {
        match self {
            Self::File(file) => districts.contains(&file.district),
            Self::Organization(known) => known.districts.iter().any(|district| districts.contains(district)),
            Self::Installation | Self::Program(_) | Self::Cycle(_) | Self::Session { .. } => true,
        }
    }
}
