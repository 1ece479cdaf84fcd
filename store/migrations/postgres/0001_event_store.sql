-- The log. The first seven columns are those of the postgres-es crate, which reads single streams from it.
CREATE TABLE events (
    aggregate_type text NOT NULL,
    aggregate_id text NOT NULL,
    sequence bigint NOT NULL CHECK (sequence >= 1),
    event_type text NOT NULL,
    event_version text NOT NULL,
    payload json NOT NULL,
    metadata json NOT NULL,
    -- The place in the total order: dense, from 1, the same after dump and restore.
    position bigint NOT NULL UNIQUE,
    PRIMARY KEY (aggregate_type, aggregate_id, sequence)
);

-- One row. Whoever holds it may append; it is the last thing a group moves before it commits.
CREATE TABLE head (
    id smallint PRIMARY KEY CHECK (id = 1),
    position bigint NOT NULL
);
INSERT INTO head (id, position) VALUES (1, 0);

-- Committed with the events of the command, so that a retry after a kill finds it.
CREATE TABLE idempotency (
    key text PRIMARY KEY,
    fingerprint text NOT NULL,
    decision_id text NOT NULL,
    first_position bigint NOT NULL,
    last_position bigint NOT NULL,
    recorded_at text NOT NULL,
    -- The answer as given, once it was given.
    answer text
);

-- How far each read model has come. A model that stands at the head rides along with appends.
CREATE TABLE checkpoints (
    model text PRIMARY KEY,
    definition text NOT NULL,
    generation bigint NOT NULL,
    position bigint NOT NULL,
    status text NOT NULL CHECK (status IN ('live', 'stopped')),
    error text
);

-- Data of people, kept beside the events so that it can be corrected and erased.
CREATE TABLE persons (
    person_id text PRIMARY KEY,
    name text,
    phone text,
    email text,
    erased_on text,
    recorded_at text NOT NULL
);

-- Papers, by the hash of their content.
CREATE TABLE documents (
    document_id text PRIMARY KEY,
    sha256 text NOT NULL,
    media_type text NOT NULL,
    size bigint NOT NULL,
    title text NOT NULL,
    uploaded_by text NOT NULL,
    recorded_at text NOT NULL
);
CREATE TABLE document_contents (
    sha256 text PRIMARY KEY,
    content bytea NOT NULL
);
