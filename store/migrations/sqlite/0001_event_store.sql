-- The log. The first seven columns are those of the sqlite-es crate, which reads single streams from it.
CREATE TABLE events (
    aggregate_type TEXT NOT NULL,
    aggregate_id TEXT NOT NULL,
    sequence INTEGER NOT NULL CHECK (sequence >= 1),
    event_type TEXT NOT NULL,
    event_version TEXT NOT NULL,
    payload TEXT NOT NULL,
    metadata TEXT NOT NULL,
    -- The place in the total order: dense, from 1, the same after dump and restore.
    position INTEGER NOT NULL UNIQUE,
    PRIMARY KEY (aggregate_type, aggregate_id, sequence)
) STRICT;

-- One row. Whoever holds it may append; it is the last thing a group moves before it commits.
CREATE TABLE head (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    position INTEGER NOT NULL
) STRICT;
INSERT INTO head (id, position) VALUES (1, 0);

-- Committed with the events of the command, so that a retry after a kill finds it.
CREATE TABLE idempotency (
    key TEXT PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    decision_id TEXT NOT NULL,
    first_position INTEGER NOT NULL,
    last_position INTEGER NOT NULL,
    recorded_at TEXT NOT NULL,
    -- The answer as given, once it was given.
    answer TEXT
) STRICT;

-- How far each read model has come. A model that stands at the head rides along with appends.
CREATE TABLE checkpoints (
    model TEXT PRIMARY KEY,
    definition TEXT NOT NULL,
    generation INTEGER NOT NULL,
    position INTEGER NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('live', 'stopped')),
    error TEXT
) STRICT;

-- Data of people, kept beside the events so that it can be corrected and erased.
CREATE TABLE persons (
    person_id TEXT PRIMARY KEY,
    name TEXT,
    phone TEXT,
    email TEXT,
    erased_on TEXT,
    recorded_at TEXT NOT NULL
) STRICT;

-- Papers, by the hash of their content.
CREATE TABLE documents (
    document_id TEXT PRIMARY KEY,
    sha256 TEXT NOT NULL,
    media_type TEXT NOT NULL,
    size INTEGER NOT NULL,
    title TEXT NOT NULL,
    uploaded_by TEXT NOT NULL,
    recorded_at TEXT NOT NULL
) STRICT;
CREATE TABLE document_contents (
    sha256 TEXT PRIMARY KEY,
    content BLOB NOT NULL
) STRICT;
