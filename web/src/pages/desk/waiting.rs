//! What waits, as the desk shows it.

/// Something that waits.
#[derive(Debug)]
pub(super) struct Item {
    pub(super) text: String,
    pub(super) href: Option<String>,
    /// Since when, or more words.
    pub(super) since: Option<String>,
    /// The day that it is due on.
    pub(super) due_on: Option<String>,
    /// How that day stands to today, in words, and whether it has passed.
    pub(super) due: Option<(String, bool)>,
}

impl Item {
    pub(super) fn new(text: impl Into<String>, href: impl Into<String>) -> Self {
        Self { href: Some(href.into()), ..Self::of_text(text) }
    }

    /// What no page is about.
    pub(super) fn of_text(text: impl Into<String>) -> Self {
        Self { text: text.into(), href: None, since: None, due_on: None, due: None }
    }

    pub(super) fn since(mut self, since: impl Into<String>) -> Self {
        self.since = Some(since.into());
        self
    }
}

/// What waits of one kind.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) title: &'static str,
    /// How many there are, where the items are only the first.
    pub(super) count: u64,
    pub(super) items: Vec<Item>,
    /// Where all of them are.
    pub(super) more: Option<String>,
}

impl Group {
    /// A group; none where nothing waits.
    pub(super) fn of(title: &'static str, items: Vec<Item>, count: Option<u64>, more: Option<String>) -> Option<Self> {
        let shown = u64::try_from(items.len()).unwrap_or(u64::MAX);
        (shown > 0).then(|| Self { title, count: count.unwrap_or(shown).max(shown), items, more })
    }
}
