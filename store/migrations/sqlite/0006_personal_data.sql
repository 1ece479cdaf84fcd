-- Whose data was erased, and when. Nothing here says who they were; those of one act share an id.
CREATE TABLE erasures (
    person_id TEXT PRIMARY KEY,
    erasure_id TEXT NOT NULL,
    erased_at TEXT NOT NULL,
    ground TEXT NOT NULL,
    -- The account of who erased; null where a list said so.
    erased_by TEXT,
    -- Whether the bytes are out of the file, too.
    scrubbed INTEGER NOT NULL
) STRICT;

-- Who was shown a person's data in full, or put it right, and why. Rows stay as they are.
CREATE TABLE disclosures (
    disclosure_id TEXT PRIMARY KEY,
    person_id TEXT NOT NULL,
    disclosed_to TEXT NOT NULL,
    disclosed_at TEXT NOT NULL,
    reason TEXT NOT NULL,
    request_id TEXT NOT NULL
) STRICT;
CREATE TABLE corrections (
    correction_id TEXT PRIMARY KEY,
    person_id TEXT NOT NULL,
    corrected_by TEXT NOT NULL,
    corrected_at TEXT NOT NULL,
    reason TEXT NOT NULL,
    request_id TEXT NOT NULL
) STRICT;
CREATE TRIGGER disclosures_are_not_changed BEFORE UPDATE ON disclosures
BEGIN SELECT RAISE(ABORT, 'disclosures are never changed'); END;
CREATE TRIGGER disclosures_are_not_deleted BEFORE DELETE ON disclosures
BEGIN SELECT RAISE(ABORT, 'disclosures are never deleted'); END;
CREATE TRIGGER corrections_are_not_changed BEFORE UPDATE ON corrections
BEGIN SELECT RAISE(ABORT, 'corrections are never changed'); END;
CREATE TRIGGER corrections_are_not_deleted BEFORE DELETE ON corrections
BEGIN SELECT RAISE(ABORT, 'corrections are never deleted'); END;

-- The keys whose requests name a person, or whose kept answers show one.
CREATE TABLE idempotency_persons (
    person_id TEXT NOT NULL,
    key TEXT NOT NULL,
    PRIMARY KEY (person_id, key)
) STRICT;
-- Of what was kept until now nobody knows whom it shows. Keys stay: nothing is carried out twice.
UPDATE idempotency SET answer = NULL WHERE answer IS NOT NULL;
