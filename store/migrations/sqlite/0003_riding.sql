-- A model without a position rides along with appends: it stands wherever the head does. Nothing has to be written
-- for it, model by model, with every append.
CREATE TABLE checkpoints_now (
    model TEXT PRIMARY KEY,
    definition TEXT NOT NULL,
    generation INTEGER NOT NULL,
    position INTEGER,
    status TEXT NOT NULL CHECK (status IN ('live', 'stopped')),
    error TEXT,
    CHECK (status = 'live' OR position IS NOT NULL)
) STRICT;
INSERT INTO checkpoints_now SELECT model, definition, generation, position, status, error FROM checkpoints;
DROP TABLE checkpoints;
ALTER TABLE checkpoints_now RENAME TO checkpoints;
