-- How far the log's followers have come: the hash chain and the audit trail.
CREATE TABLE followers (
    name text PRIMARY KEY,
    position bigint NOT NULL
);

-- What the hash chain was begun with. One row.
CREATE TABLE chain_origin (
    id smallint PRIMARY KEY CHECK (id = 1),
    chain_id text NOT NULL,
    algorithm text NOT NULL,
    began_at text NOT NULL
);

-- The hash of each event and of all before it, in hexadecimal digits.
CREATE TABLE chain (
    position bigint PRIMARY KEY,
    hash text NOT NULL
);

-- Who did what, and what became of it. `at` is in microseconds since 1970, UTC.
CREATE TABLE audit (
    audit_id text COLLATE "C" PRIMARY KEY,
    at bigint NOT NULL,
    kind text NOT NULL,
    outcome text NOT NULL,
    code text,
    status bigint,
    role text,
    unit text,
    person text,
    request_id text,
    operation text,
    targets text NOT NULL,
    decision_id text,
    first_position bigint,
    last_position bigint,
    detail text NOT NULL
);
CREATE INDEX audit_at ON audit (at, audit_id);
CREATE INDEX audit_person ON audit (person, at);
CREATE INDEX audit_code ON audit (code, at) WHERE code IS NOT NULL;

-- What an entry concerns, to be found by: `kind:id`.
CREATE TABLE audit_targets (
    target text COLLATE "C" NOT NULL,
    audit_id text COLLATE "C" NOT NULL,
    PRIMARY KEY (target, audit_id)
);

-- Nothing of it is ever changed or removed by the program; this keeps others from doing so by accident. Whoever owns
-- the tables can take the barrier away.
CREATE FUNCTION hatchery_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is only ever added to', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER chain_origin_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON chain_origin
    FOR EACH STATEMENT EXECUTE FUNCTION hatchery_refuse_change();
CREATE TRIGGER chain_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON chain
    FOR EACH STATEMENT EXECUTE FUNCTION hatchery_refuse_change();
CREATE TRIGGER audit_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION hatchery_refuse_change();
CREATE TRIGGER audit_targets_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_targets
    FOR EACH STATEMENT EXECUTE FUNCTION hatchery_refuse_change();
