//! Small read models: a counter of events, a list of stations, and a mood that makes either poison, panic or wait.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex};

use domain::register::{Details, EntryId, RegisterEvent};
use domain::{Event, RecordedEvent};
use serde::{Deserialize, Serialize};
use store::projection::Changes;
use store::{AnyModel, Column, Db, Folding, Model, Poison, ReadModel, Rows, TableDef, Touch, Value, Wall};

use crate::harness::{PATIENCE, eventually, number};

/// Counts the events of each stream.
pub(crate) struct Counter;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Count {
    kind: String,
    events: i64,
    last_position: u64,
}

impl ReadModel for Counter {
    type Row = Count;

    const TABLE: TableDef = TableDef {
        name: "counter",
        version: 1,
        columns: &[Column::text("kind"), Column::int("events")],
        indexes: &[&["kind", "key"], &["events"]],
        wall: Wall::CLOSED,
    };

    fn columns(row: &Count) -> Vec<Value> {
        vec![row.kind.clone().into(), row.events.into()]
    }

    fn touches(event: &RecordedEvent) -> Vec<Touch> {
        vec![Touch::Key(event.stream.to_string())]
    }

    fn fold(rows: &mut Rows<Self>, event: &RecordedEvent) -> Result<(), Poison> {
        let key = event.stream.to_string();
        let events = rows.get(&key).map_or(0, |row| row.events) + 1;
        let row = Count { kind: event.stream.kind().to_string(), events, last_position: event.position };
        rows.put(key, row);
        Ok(())
    }
}

/// The open stations of all programs, each with its district: rows come, move together and go.
pub(crate) struct Stations;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Station {
    name: String,
    district: String,
    moves: i64,
}

impl Stations {
    fn named(event: &RecordedEvent, id: &str) -> String {
        format!("{}/{id}", event.stream.id())
    }
}

impl ReadModel for Stations {
    type Row = Station;

    const TABLE: TableDef = TableDef {
        name: "stations",
        version: 1,
        columns: &[Column::text("name"), Column::text("district"), Column::int("moves")],
        indexes: &[&["district", "key"]],
        wall: Wall::CLOSED,
    };

    fn columns(row: &Station) -> Vec<Value> {
        vec![row.name.clone().into(), row.district.clone().into(), row.moves.into()]
    }

    fn touches(event: &RecordedEvent) -> Vec<Touch> {
        let Event::Register(register) = &event.event else {
            return Vec::new();
        };
        match register {
            RegisterEvent::MergedInto { entry: EntryId::District(district), .. } => {
                vec![Touch::Matching("district", Self::named(event, district.as_str()))]
            }
            RegisterEvent::Registered { entry: entry @ EntryId::Station(_), .. }
            | RegisterEvent::Renamed { entry: entry @ EntryId::Station(_), .. }
            | RegisterEvent::Reassigned { entry: entry @ EntryId::Station(_), .. }
            | RegisterEvent::MergedInto { entry: entry @ EntryId::Station(_), .. }
            | RegisterEvent::Closed { entry: entry @ EntryId::Station(_), .. } => {
                vec![Touch::Key(Self::named(event, entry.as_str()))]
            }
            RegisterEvent::Registered { .. }
            | RegisterEvent::Renamed { .. }
            | RegisterEvent::Reassigned { .. }
            | RegisterEvent::ExpertChanged { .. }
            | RegisterEvent::MergedInto { .. }
            | RegisterEvent::Closed { .. }
            | RegisterEvent::CyclePeriodSet { .. } => Vec::new(),
        }
    }

    fn fold(rows: &mut Rows<Self>, event: &RecordedEvent) -> Result<(), Poison> {
        let Event::Register(register) = &event.event else {
            return Ok(());
        };
        match register {
            RegisterEvent::Registered { entry, details: Details::Station { name, district } } => {
                let district = Self::named(event, district.as_str());
                rows.put(Self::named(event, entry.as_str()), Station { name: name.clone(), district, moves: 0 });
            }
            RegisterEvent::Renamed { entry, name } => {
                if let Some(row) = rows.get_mut(&Self::named(event, entry.as_str())) {
                    row.name.clone_from(name);
                }
            }
            RegisterEvent::Reassigned { entry, district } => {
                let district = Self::named(event, district.as_str());
                if let Some(row) = rows.get_mut(&Self::named(event, entry.as_str())) {
                    *row = Station { name: row.name.clone(), district, moves: row.moves + 1 };
                }
            }
            RegisterEvent::MergedInto { entry: EntryId::District(old), successor } => {
                for key in rows.matching("district", &Self::named(event, old.as_str())) {
                    if let Some(row) = rows.get_mut(&key) {
                        row.district = Self::named(event, successor.as_str());
                        row.moves += 1;
                    }
                }
            }
            RegisterEvent::MergedInto { entry, .. } | RegisterEvent::Closed { entry, .. } => {
                rows.remove(&Self::named(event, entry.as_str()));
            }
            RegisterEvent::Registered { .. }
            | RegisterEvent::ExpertChanged { .. }
            | RegisterEvent::CyclePeriodSet { .. } => {}
        }
        Ok(())
    }
}

/// Districts with the number of their stations that are open. An event of a station does not say whose it is: that
/// stands in the station's own row.
pub(crate) struct Wards;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) enum Ward {
    District { stations: i64, renamings: i64 },
    Station { district: String },
}

/// The column of a station that names its district's row.
const DISTRICT: &str = "district";

impl Wards {
    fn station(event: &RecordedEvent, id: &str) -> String {
        format!("station/{}/{id}", event.stream.id())
    }

    fn district(event: &RecordedEvent, id: &str) -> String {
        format!("district/{}/{id}", event.stream.id())
    }

    fn add(rows: &mut Rows<Self>, station: String, district: String) {
        let (stations, renamings) = match rows.get(&district) {
            Some(Ward::District { stations, renamings }) => (stations + 1, *renamings),
            Some(Ward::Station { .. }) | None => (1, 0),
        };
        rows.put(district.as_str(), Ward::District { stations, renamings });
        rows.put(station, Ward::Station { district });
    }

    fn take(rows: &mut Rows<Self>, station: &str) {
        let Some(Ward::Station { district }) = rows.remove(station) else { return };
        if let Some(Ward::District { stations, .. }) = rows.get_mut(&district) {
            *stations -= 1;
        }
    }
}

impl ReadModel for Wards {
    type Row = Ward;

    const TABLE: TableDef = TableDef {
        name: "wards",
        version: 1,
        columns: &[Column::text(DISTRICT), Column::int("stations")],
        indexes: &[],
        wall: Wall::CLOSED,
    };

    fn columns(row: &Ward) -> Vec<Value> {
        match row {
            Ward::District { stations, .. } => vec![Value::Null, (*stations).into()],
            Ward::Station { district } => vec![district.clone().into(), Value::Null],
        }
    }

    fn touches(event: &RecordedEvent) -> Vec<Touch> {
        let Event::Register(register) = &event.event else { return Vec::new() };
        match register {
            RegisterEvent::Registered { entry, details: Details::Station { district, .. } } => {
                let station = Self::station(event, entry.as_str());
                vec![Touch::New(station), Touch::Key(Self::district(event, district.as_str()))]
            }
            RegisterEvent::Reassigned { entry, district } => {
                let station = Self::station(event, entry.as_str());
                let district = Touch::Key(Self::district(event, district.as_str()));
                vec![Touch::Through(DISTRICT, station.clone()), Touch::Key(station), district]
            }
            RegisterEvent::Renamed { entry: entry @ EntryId::Station(_), .. }
            | RegisterEvent::MergedInto { entry: entry @ EntryId::Station(_), .. }
            | RegisterEvent::Closed { entry: entry @ EntryId::Station(_), .. } => {
                let station = Self::station(event, entry.as_str());
                vec![Touch::Through(DISTRICT, station.clone()), Touch::Key(station)]
            }
            RegisterEvent::Registered { .. }
            | RegisterEvent::Renamed { .. }
            | RegisterEvent::ExpertChanged { .. }
            | RegisterEvent::MergedInto { .. }
            | RegisterEvent::Closed { .. }
            | RegisterEvent::CyclePeriodSet { .. } => Vec::new(),
        }
    }

    fn fold(rows: &mut Rows<Self>, event: &RecordedEvent) -> Result<(), Poison> {
        let Event::Register(register) = &event.event else { return Ok(()) };
        match register {
            RegisterEvent::Registered { entry, details: Details::Station { district, .. } } => {
                Self::add(rows, Self::station(event, entry.as_str()), Self::district(event, district.as_str()));
            }
            RegisterEvent::Reassigned { entry, district } => {
                let station = Self::station(event, entry.as_str());
                Self::take(rows, &station);
                Self::add(rows, station, Self::district(event, district.as_str()));
            }
            RegisterEvent::Renamed { entry: entry @ EntryId::Station(_), .. } => {
                let Some(Ward::Station { district }) = rows.get(&Self::station(event, entry.as_str())) else {
                    return Ok(());
                };
                let district = district.clone();
                if let Some(Ward::District { renamings, .. }) = rows.get_mut(&district) {
                    *renamings += 1;
                }
            }
            RegisterEvent::MergedInto { entry: entry @ EntryId::Station(_), .. }
            | RegisterEvent::Closed { entry: entry @ EntryId::Station(_), .. } => {
                Self::take(rows, &Self::station(event, entry.as_str()));
            }
            RegisterEvent::Registered { .. }
            | RegisterEvent::Renamed { .. }
            | RegisterEvent::ExpertChanged { .. }
            | RegisterEvent::MergedInto { .. }
            | RegisterEvent::Closed { .. }
            | RegisterEvent::CyclePeriodSet { .. } => {}
        }
        Ok(())
    }
}

/// The districts as the store registers them.
pub(crate) fn wards() -> Box<dyn AnyModel> {
    Model::<Wards>::boxed()
}

/// The counter as the store registers it.
pub(crate) fn counter() -> Box<dyn AnyModel> {
    Model::<Counter>::boxed()
}

/// The stations as the store registers them.
pub(crate) fn stations() -> Box<dyn AnyModel> {
    Model::<Stations>::boxed()
}

/// What a moody model does with the next events. All its clones are one.
#[derive(Clone, Default)]
pub(crate) struct Mood(Arc<Inner>);

#[derive(Default)]
struct Inner {
    poison: AtomicBool,
    panic: AtomicBool,
    gate: Mutex<Gate>,
    changed: Condvar,
}

#[derive(Default)]
struct Gate {
    /// How many folds pass before one is held.
    hold_after: Option<u32>,
    holding: bool,
}

impl Mood {
    /// A counter in this mood, under another name.
    pub(crate) fn counter(&self, name: &'static str) -> Box<dyn AnyModel> {
        self.model(name, counter())
    }

    /// A model in this mood, under another name.
    pub(crate) fn model(&self, name: &'static str, inner: Box<dyn AnyModel>) -> Box<dyn AnyModel> {
        Box::new(Moody { name, version: 1, inner, mood: self.clone() })
    }

    /// The same, as a later program defines it.
    pub(crate) fn newer_counter(&self, name: &'static str) -> Box<dyn AnyModel> {
        Box::new(Moody { name, version: 2, inner: counter(), mood: self.clone() })
    }

    /// From now on it cannot take the district `poison`; or it can again.
    pub(crate) fn poison(&self, on: bool) {
        self.0.poison.store(on, Ordering::SeqCst);
    }

    /// From now on it panics at the district `poison`; or no longer.
    pub(crate) fn panic(&self, on: bool) {
        self.0.panic.store(on, Ordering::SeqCst);
    }

    /// After `folds` more, one fold waits until [`Mood::release`]; others pass.
    pub(crate) fn hold_after(&self, folds: u32) {
        self.0.gate.lock().unwrap().hold_after = Some(folds);
    }

    /// Waits until a fold is held.
    pub(crate) async fn held(&self) {
        eventually("a fold is held", || async { self.0.gate.lock().unwrap().holding.then_some(()) }).await;
    }

    /// Lets the fold go on that is held.
    pub(crate) fn release(&self) {
        self.0.gate.lock().unwrap().holding = false;
        self.0.changed.notify_all();
    }

    fn pass(&self) {
        let mut gate = self.0.gate.lock().unwrap();
        match gate.hold_after {
            Some(0) => {
                gate.hold_after = None;
                gate.holding = true;
                // The other tasks of this worker must go on meanwhile.
                tokio::task::block_in_place(|| {
                    drop(self.0.changed.wait_timeout_while(gate, PATIENCE, |gate| gate.holding).unwrap());
                });
            }
            Some(folds) => gate.hold_after = Some(folds - 1),
            None => {}
        }
    }
}

struct Moody {
    name: &'static str,
    version: u32,
    inner: Box<dyn AnyModel>,
    mood: Mood,
}

impl AnyModel for Moody {
    fn table(&self) -> TableDef {
        TableDef { name: self.name, version: self.version, ..self.inner.table() }
    }

    fn touches(&self, event: &RecordedEvent) -> Vec<Touch> {
        self.inner.touches(event)
    }

    fn folding(&self, room: usize) -> Box<dyn Folding> {
        Box::new(MoodyRows { inner: self.inner.folding(room), mood: self.mood.clone() })
    }
}

struct MoodyRows {
    inner: Box<dyn Folding>,
    mood: Mood,
}

impl Folding for MoodyRows {
    fn begin(&mut self, events: &[&RecordedEvent]) -> Option<BTreeSet<Touch>> {
        self.inner.begin(events)
    }

    fn fold(&mut self, loaded: Vec<(String, String)>, events: &[&RecordedEvent]) -> Result<Changes, Poison> {
        self.mood.pass();
        let poison = events.iter().find(|event| {
            matches!(&event.event, Event::Register(RegisterEvent::Registered { entry, .. }) if entry.as_str() == "poison")
        });
        if let Some(event) = poison {
            assert!(!self.mood.0.panic.load(Ordering::SeqCst), "this model panics");
            if self.mood.0.poison.load(Ordering::SeqCst) {
                return Err(Poison { position: event.position, reason: "not to my taste".to_owned() });
            }
        }
        self.inner.fold(loaded, events)
    }

    fn confirm(&mut self) {
        self.inner.confirm();
    }

    fn overtaken(&mut self, event: &RecordedEvent) {
        self.inner.overtaken(event);
    }

    fn clear(&mut self) {
        self.inner.clear();
    }
}

/// Checks that a counter has seen every event up to its checkpoint exactly once, and answers how many those are.
pub(crate) async fn sound_counter(db: &Db, table: &str) -> u64 {
    let counted = format!("SELECT CAST(coalesce(sum(events), 0) AS bigint) FROM {table}");
    let apart = format!(
        "SELECT ({counted}) - coalesce(checkpoints.position, head.position) \
         FROM checkpoints, head WHERE model = '{table}'"
    );
    assert_eq!(number(db, &apart).await, 0, "{table}: rows and checkpoint go together");
    number(db, &counted).await.try_into().unwrap()
}
