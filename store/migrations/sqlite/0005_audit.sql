-- How far the log's followers have come: the hash chain and the audit trail.
CREATE TABLE followers (
    name TEXT PRIMARY KEY,
    position INTEGER NOT NULL
) STRICT;

-- What the hash chain was begun with. One row.
CREATE TABLE chain_origin (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    chain_id TEXT NOT NULL,
    algorithm TEXT NOT NULL,
    began_at TEXT NOT NULL
) STRICT;

-- The hash of each event and of all before it, in hexadecimal digits.
CREATE TABLE chain (
    position INTEGER PRIMARY KEY,
    hash TEXT NOT NULL
) STRICT;

-- Who did what, and what became of it. `at` is in microseconds since 1970, UTC.
CREATE TABLE audit (
    audit_id TEXT PRIMARY KEY,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    outcome TEXT NOT NULL,
    code TEXT,
    status INTEGER,
    role TEXT,
    unit TEXT,
    person TEXT,
    request_id TEXT,
    operation TEXT,
    targets TEXT NOT NULL,
    decision_id TEXT,
    first_position INTEGER,
    last_position INTEGER,
    detail TEXT NOT NULL
) STRICT;
CREATE INDEX audit_at ON audit (at, audit_id);
CREATE INDEX audit_person ON audit (person, at);
CREATE INDEX audit_code ON audit (code, at) WHERE code IS NOT NULL;

-- What an entry concerns, to be found by: `kind:id`.
CREATE TABLE audit_targets (
    target TEXT NOT NULL,
    audit_id TEXT NOT NULL,
    PRIMARY KEY (target, audit_id)
) STRICT;

-- Nothing of it is ever changed or removed by the program; this keeps others from doing so by accident. Whoever can
-- write to the file can take the barrier away.
CREATE TRIGGER chain_origin_is_not_changed BEFORE UPDATE ON chain_origin BEGIN SELECT RAISE(ABORT, 'chain_origin is only ever added to'); END;
CREATE TRIGGER chain_origin_is_not_deleted BEFORE DELETE ON chain_origin BEGIN SELECT RAISE(ABORT, 'chain_origin is only ever added to'); END;
CREATE TRIGGER chain_is_not_changed BEFORE UPDATE ON chain BEGIN SELECT RAISE(ABORT, 'chain is only ever added to'); END;
CREATE TRIGGER chain_is_not_deleted BEFORE DELETE ON chain BEGIN SELECT RAISE(ABORT, 'chain is only ever added to'); END;
CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'audit is only ever added to'); END;
CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'audit is only ever added to'); END;
CREATE TRIGGER audit_targets_is_not_changed BEFORE UPDATE ON audit_targets BEGIN SELECT RAISE(ABORT, 'audit_targets is only ever added to'); END;
CREATE TRIGGER audit_targets_is_not_deleted BEFORE DELETE ON audit_targets BEGIN SELECT RAISE(ABORT, 'audit_targets is only ever added to'); END;
