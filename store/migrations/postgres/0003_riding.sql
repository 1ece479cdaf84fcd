-- A model without a position rides along with appends: it stands wherever the head does. Nothing has to be written
-- for it, model by model, with every append.
ALTER TABLE checkpoints ALTER COLUMN position DROP NOT NULL,
    ADD CHECK (status = 'live' OR position IS NOT NULL);
