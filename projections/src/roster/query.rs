//! Questions to the roster.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use domain::cycle::Stage;
use domain::forms::annex1::{KeyField, Nature, Sector, Size};
use domain::ids::{ClassId, CycleId, DistrictId, OrganizationId, RecommenderId, StationId};
use store::sql::Sql;
use store::{Db, Shown, StoreError};

use crate::address::file_key;
use crate::page;
use crate::register::{self, Directory, EntryKind};
use crate::roster::{File, Kept, Roster, RosterRow, Standing};
use crate::scope::Scope;

/// Which rows of a cycle's roster. Several values of one field mean *or*, none means *any*.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RosterFilter {
    /// Standings; the contract's default is members.
    pub standings: Vec<Standing>,
    /// Stages.
    pub stages: Vec<Stage>,
    /// Classes decided.
    pub classes: Vec<ClassId>,
    /// Districts, with those merged into them.
    pub districts: Vec<DistrictId>,
    /// Stations, with those merged into them.
    pub stations: Vec<StationId>,
    /// Recommenders, with those merged into them.
    pub recommenders: Vec<RecommenderId>,
    /// Kinds of organisation.
    pub natures: Vec<Nature>,
    /// Sizes.
    pub sizes: Vec<Size>,
    /// Sectors.
    pub sectors: Vec<Sector>,
    /// Key fields.
    pub key_fields: Vec<KeyField>,
    /// Priority tags.
    pub tags: Vec<String>,
    /// Parts of the name or number, in any case.
    pub search: Vec<String>,
}

impl RosterFilter {
    /// The members: the pool.
    #[must_use]
    pub fn members() -> Self {
        Self { standings: vec![Standing::Member], ..Self::default() }
    }
}

/// What the roster is sorted by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum RosterSort {
    /// The number: the order of entry.
    #[default]
    Number,
    /// The name, by its characters' codes.
    Name,
    /// The USCC.
    Uscc,
    /// The class.
    Class,
    /// The day of admission.
    AdmittedOn,
    /// The last visit.
    LastVisitOn,
    /// The day that the next visit is due: in one cycle, the same order as what it is reckoned from.
    NextDueOn,
}

impl RosterSort {
    pub(super) const fn column(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::Name => "name",
            Self::Uscc => "uscc",
            Self::Class => "class",
            Self::AdmittedOn => "admitted_on",
            Self::LastVisitOn => "last_visit_on",
            Self::NextDueOn => "visit_due_from",
        }
    }
}

/// One file's row.
pub async fn get(db: &Db, cycle: &CycleId, organization: &OrganizationId) -> Result<Option<RosterRow>, StoreError> {
    let kept = page::get::<Roster>(db, &file_key(cycle.as_str(), organization)).await?;
    let Some(file) = kept.and_then(Kept::into_file) else { return Ok(None) };
    let program = file.program().cloned();
    let mut row = file.into_row();
    if let (None, Some(program)) = (&row.station, program) {
        row.station = register::directory(db, &program).await?.only_station(&row.district);
    }
    Ok(Some(row))
}

/// One file as a command has just written it; none where it did not, or read models lag.
#[must_use]
pub fn shown(shown: &Shown, cycle: &CycleId, organization: &OrganizationId) -> Option<File> {
    Arc::unwrap_or_clone(shown.row::<Roster>(&file_key(cycle.as_str(), organization))?).into_file()
}

/// Several files of a cycle, by their organisations.
pub async fn files(
    db: &Db,
    cycle: &CycleId,
    organizations: impl IntoIterator<Item = &OrganizationId>,
) -> Result<BTreeMap<OrganizationId, File>, StoreError> {
    let keys: Vec<String> = organizations.into_iter().map(|id| file_key(cycle.as_str(), id)).collect();
    let kept = page::all::<Roster>(db, |sql| {
        sql.push(" AND ").is_in("key", keys);
    })
    .await?;
    let files = kept.into_iter().filter_map(Kept::into_file);
    Ok(files.map(|file| (file.row().organization.clone(), file)).collect())
}

/// The organisations of a cycle whose files a reader may see; none is said of who sees them all.
pub async fn seen(db: &Db, cycle: &CycleId, scope: &Scope) -> Result<Option<BTreeSet<OrganizationId>>, StoreError> {
    if scope.is_all() {
        return Ok(None);
    }
    let kept = page::all::<Roster>(db, |sql| {
        page::equals(sql, "cycle", Some(cycle.as_str()));
        scope.of_roster(sql);
    })
    .await?;
    Ok(Some(kept.into_iter().filter_map(Kept::into_file).map(|file| file.row.organization).collect()))
}

/// The files of a cycle that hold a recommender's place, by their number.
pub async fn nominated(db: &Db, cycle: &CycleId) -> Result<Vec<RosterRow>, StoreError> {
    let kept = page::all::<Roster>(db, |sql| {
        sql.push(" AND cycle = ").bind(cycle.as_str()).push(" AND recommender IS NOT NULL");
    })
    .await?;
    let mut rows: Vec<RosterRow> = kept.into_iter().filter_map(Kept::into_file).map(|file| file.row).collect();
    rows.sort_by_key(|row| row.number);
    Ok(rows)
}

impl RosterFilter {
    /// Whether it takes the register to say which files are meant.
    pub(super) const fn needs_register(&self) -> bool {
        !(self.districts.is_empty() && self.stations.is_empty() && self.recommenders.is_empty())
    }
}

/// Adds what the reader may see, and what the filter asks for. Only files have a cycle, so the organisations' own rows stay out.
pub(super) fn conditions(sql: &mut Sql, cycle: &CycleId, scope: &Scope, filter: &RosterFilter, directory: &Directory) {
    page::equals(sql, "cycle", Some(cycle.as_str()));
    scope.of_roster(sql);
    page::any_of(sql, "standing", &names(&filter.standings, Standing::name));
    page::any_of(sql, "stage", &names(&filter.stages, Stage::name));
    page::any_of(sql, "class", &filter.classes);
    in_districts(sql, &filter.districts, directory);
    at_stations(sql, &filter.stations, directory);
    of_recommenders(sql, &filter.recommenders, directory);
    page::any_of(sql, "nature", &names(&filter.natures, Into::into));
    page::any_of(sql, "size", &names(&filter.sizes, Into::into));
    page::any_of(sql, "sector", &names(&filter.sectors, Into::into));
    page::any_of(sql, "key_field", &names(&filter.key_fields, Into::into));
    any_like(sql, "tags", filter.tags.iter().map(|tag| format!("|{tag}|")));
    let searched = filter.search.iter().map(|text| text.trim().to_lowercase());
    any_like(sql, "search", searched.filter(|text| !text.is_empty()));
}

fn names<T: Copy>(values: &[T], name: impl Fn(T) -> &'static str) -> Vec<&'static str> {
    values.iter().map(|value| name(*value)).collect()
}

fn like<'s>(sql: &'s mut Sql, column: &str, text: &str) -> &'s mut Sql {
    sql.push(column).push(" LIKE ").bind(page::containing(text)).push(" ESCAPE '!'")
}

/// Rows that have one of these texts in a column; no text is no condition.
fn any_like(sql: &mut Sql, column: &str, texts: impl Iterator<Item = String>) {
    let mut opening = " AND (";
    for text in texts {
        like(sql.push(opening), column, &text);
        opening = " OR ";
    }
    if opening == " OR " {
        sql.push(")");
    }
}

fn in_districts(sql: &mut Sql, districts: &[DistrictId], directory: &Directory) {
    page::any_of(sql, "district", &merged(districts, EntryKind::District, directory));
}

fn of_recommenders(sql: &mut Sql, recommenders: &[RecommenderId], directory: &Directory) {
    page::any_of(sql, "recommender", &merged(recommenders, EntryKind::Recommender, directory));
}

/// Files of these stations: charged with the survey, or the only ones of the district where none is charged.
fn at_stations(sql: &mut Sql, stations: &[StationId], directory: &Directory) {
    if stations.is_empty() {
        return;
    }
    let local = stations.iter().flat_map(|station| directory.districts_of_only(station.as_str()));
    sql.push(" AND (").is_in("station", merged(stations, EntryKind::Station, directory));
    sql.push(" OR (station IS NULL AND ").is_in("district", local).push("))");
}

fn merged<T: ToString>(ids: &[T], kind: EntryKind, directory: &Directory) -> Vec<String> {
    ids.iter().flat_map(|id| directory.merged_with(kind, &id.to_string())).collect()
}
