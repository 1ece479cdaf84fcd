//! Lists, page by page: cursors are bound to their list, filters and order, and point behind the last row.

mod cursor;

use axum::extract::{FromRequestParts, OriginalUri};
use axum::http::request::Parts;
use projections::page::Paging;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::openapi::Required;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::{IntoParams, ToSchema};

use crate::answer::Found;
use crate::problem::{Code, Problem};
use crate::query::Given;
use cursor::Cursor;

/// The most rows of one page.
pub const LIMIT_MAX: usize = 200;
/// The rows of a page where the request names no number.
pub const LIMIT_DEFAULT: usize = 50;
/// How many rows a page has that is asked for from inside, to be exported. No client can ask for so many.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PageRows(pub(crate) usize);
/// The parameters that every list has beside its filters.
const OWN: [&str; 4] = ["limit", "cursor", "sort", "count"];

/// The filters of a list, and the orders that it offers.
pub trait Filter: IntoParams + DeserializeOwned + Send {
    /// Fields to sort by; the first one, ascending, is the default. Each also descends as `-field`.
    const SORTS: &'static [&'static str];
}

/// Which way a list runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From the smallest.
    Ascending,
    /// From the largest.
    Descending,
}

/// The order of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sort {
    /// The field, one of the list's.
    pub field: &'static str,
    /// Which way.
    pub direction: Direction,
}

impl Sort {
    /// As it stands in the query.
    fn text(self) -> String {
        match self.direction {
            Direction::Ascending => self.field.to_owned(),
            Direction::Descending => format!("-{}", self.field),
        }
    }
}

/// Whether the answer counts all rows that the filters leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Count {
    /// Only the page.
    Page,
    /// All.
    All,
}

/// What a request wants of a list with the filters `F`.
#[derive(Debug, Clone)]
pub struct List<F> {
    /// The filters.
    pub filter: F,
    /// Rows of this page.
    pub limit: usize,
    /// The order.
    pub sort: Sort,
    /// Whether all rows are counted.
    pub count: Count,
    /// The path of the list: one cycle's roster is another list than the next one's.
    path: String,
    /// The filters as one text.
    filters: String,
    after: Option<Value>,
}

impl<F: Filter> IntoParams for List<F> {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let own = |name: &str, text: &str, schema: ObjectBuilder| {
            ParameterBuilder::new()
                .name(name)
                .parameter_in(ParameterIn::Query)
                .required(Required::False)
                .description(Some(text))
                .schema(Some(schema))
                .build()
        };
        let sorts: Vec<String> = F::SORTS.iter().flat_map(|s| [(*s).to_owned(), format!("-{s}")]).collect();
        let limit = ObjectBuilder::new()
            .schema_type(Type::Integer)
            .minimum(Some(1))
            .maximum(Some(LIMIT_MAX))
            .default(Some(LIMIT_DEFAULT.into()));
        let sort = ObjectBuilder::new()
            .schema_type(Type::String)
            .enum_values(Some(sorts))
            .default(F::SORTS.first().map(|s| (*s).into()));
        let mut parameters = F::into_params(|| Some(ParameterIn::Query));
        parameters.extend([
            own("limit", "Rows of one page.", limit),
            own("cursor", "`next_cursor` of the page before.", ObjectBuilder::new().schema_type(Type::String)),
            own("sort", "The order; a leading `-` turns it round.", sort),
            own("count", "Whether `total` counts all rows.", ObjectBuilder::new().schema_type(Type::Boolean)),
        ]);
        parameters
    }
}

impl<S: Send + Sync, F: Filter> FromRequestParts<S> for List<F> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        // Inside a nested router the URI has lost its prefix; the original one names the list.
        let uri = parts.extensions.get::<OriginalUri>().map_or(&parts.uri, |OriginalUri(uri)| uri);
        let mut list = Self::read(uri.path(), &Given::parse(uri.query().unwrap_or_default())?)?;
        if let Some(PageRows(rows)) = parts.extensions.get() {
            list.limit = *rows;
        }
        Ok(list)
    }
}

impl<F: Filter> List<F> {
    fn read(path: &str, given: &Given) -> Result<Self, Problem> {
        let filters = F::into_params(|| Some(ParameterIn::Query));
        let mut list = Self {
            filter: given.decode(&filters)?,
            limit: limit(given.one("limit")?)?,
            sort: sort::<F>(given.one("sort")?)?,
            count: count(given.one("count")?)?,
            path: path.to_owned(),
            filters: given.canonical(&OWN),
            after: None,
        };
        if let Some(text) = given.one("cursor")? {
            let cursor: Cursor = text.parse().map_err(|_| Problem::of(Code::InvalidCursor))?;
            if !cursor.belongs_to(&list.path, &list.filters, &list.sort.text()) {
                return Err(Problem::of(Code::CursorMismatch));
            }
            list.after = Some(cursor.into_key());
        }
        Ok(list)
    }

    /// The key of the last row of the page before, if there was one.
    pub fn after<K: DeserializeOwned>(&self) -> Result<Option<K>, Problem> {
        let key = self.after.clone().map(serde_json::from_value).transpose();
        key.map_err(|_| Problem::of(Code::InvalidCursor))
    }

    /// Which part of the list to ask a read model for.
    pub fn paging(&self) -> Result<Paging, Problem> {
        let count = match self.count {
            Count::Page => projections::page::Count::Skip,
            Count::All => projections::page::Count::Total,
        };
        Ok(Paging { limit: u32::try_from(self.limit).unwrap_or(u32::MAX), after: self.after()?, count })
    }

    /// Which way the list runs.
    #[must_use]
    pub const fn direction(&self) -> projections::page::Direction {
        match self.sort.direction {
            Direction::Ascending => projections::page::Direction::Ascending,
            Direction::Descending => projections::page::Direction::Descending,
        }
    }

    /// The page that a read model answered, as read at a position.
    pub fn found<T>(&self, page: projections::page::Page<T>, position: u64) -> Found<Page<T>> {
        self.answer(page, position).into()
    }

    /// The same page, to be answered as part of something larger.
    pub fn answer<T>(&self, page: projections::page::Page<T>, position: u64) -> Page<T> {
        let next_cursor =
            page.next.map(|after| Cursor::new(&self.path, &self.filters, &self.sort.text(), &after).to_string());
        let total = page.total.and_then(|total| u64::try_from(total).ok());
        Page { items: page.items, next_cursor, position, total }
    }

    /// The page of a list that is at hand as a whole. `key` is what the list is sorted by, unique among its rows.
    pub fn slice<T>(&self, mut rows: Vec<T>, key: impl Fn(&T) -> String, position: u64) -> Result<Page<T>, Problem> {
        let after: Option<String> = self.after()?;
        let total = u64::try_from(rows.len()).ok().filter(|_| self.count == Count::All);
        rows.sort_by_key(&key);
        if self.sort.direction == Direction::Descending {
            rows.reverse();
        }
        rows.retain(|row| match (&after, self.sort.direction) {
            (None, _) => true,
            (Some(after), Direction::Ascending) => key(row) > *after,
            (Some(after), Direction::Descending) => key(row) < *after,
        });
        rows.truncate(self.fetch());
        Ok(self.page(rows, key, Read { position, total }))
    }

    /// How many rows to ask the database for: one more than the page shows tells whether another follows.
    #[must_use]
    pub const fn fetch(&self) -> usize {
        self.limit + 1
    }

    /// The page of what [`List::fetch`] brought. `key` gives what [`List::after`] reads again: the sorted
    /// field and whatever makes it unique.
    pub fn page<T, K: Serialize>(&self, mut rows: Vec<T>, key: impl Fn(&T) -> K, read: Read) -> Page<T> {
        let more = rows.len() > self.limit;
        rows.truncate(self.limit);
        let last = rows.last().filter(|_| more).map(key);
        let next_cursor = last.map(|key| Cursor::new(&self.path, &self.filters, &self.sort.text(), &key).to_string());
        Page { items: rows, next_cursor, position: read.position, total: read.total }
    }
}

/// Where a list was read, and how many rows there are if they were counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Read {
    /// The position that the read model stood at.
    pub position: u64,
    /// All rows that the filters leave.
    pub total: Option<u64>,
}

fn limit(text: Option<&str>) -> Result<usize, Problem> {
    let Some(text) = text else { return Ok(LIMIT_DEFAULT) };
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|n| digits && (1..=LIMIT_MAX).contains(n)).ok_or_else(|| {
        Problem::invalid_parameter("limit", "须为 1 至 200 的整数。", "it is a whole number from 1 to 200.")
            .with("limit", LIMIT_MAX)
    })
}

fn sort<F: Filter>(text: Option<&str>) -> Result<Sort, Problem> {
    let (name, direction) = match text {
        None => (F::SORTS.first().copied().unwrap_or_default(), Direction::Ascending),
        Some(text) => text.strip_prefix('-').map_or((text, Direction::Ascending), |f| (f, Direction::Descending)),
    };
    let field = F::SORTS.iter().find(|field| **field == name);
    field.map(|field| Sort { field, direction }).ok_or_else(|| {
        let all = F::SORTS.join(", ");
        Problem::invalid_parameter(
            "sort",
            &format!("可用：{all}，前加 - 为降序。"),
            &format!("it is one of {all}, or the same after a `-`."),
        )
        .with("allowed", F::SORTS)
    })
}

fn count(text: Option<&str>) -> Result<Count, Problem> {
    match text {
        None | Some("false") => Ok(Count::Page),
        Some("true") => Ok(Count::All),
        Some(_) => Err(Problem::invalid_parameter("count", "须为 true 或 false。", "it is true or false.")),
    }
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Page<T> {
    /// The rows.
    pub items: Vec<T>,
    /// Leads to the next page; null on the last one.
    pub next_cursor: Option<String>,
    /// The position of the event log that this shows.
    pub position: u64,
    /// All rows that the filters leave, if `count=true` asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub total: Option<u64>,
}

#[cfg(test)]
mod tests;
