-- How often the set of read models that ride along with appends has changed. A node that decides and folds ahead
-- writes only if neither the position nor this has moved.
ALTER TABLE head ADD COLUMN epoch INTEGER NOT NULL DEFAULT 0;
