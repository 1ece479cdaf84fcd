-- Whose data was erased, and when. Nothing here says who they were; those of one act share an id.
CREATE TABLE erasures (
    person_id text PRIMARY KEY,
    erasure_id text NOT NULL,
    erased_at text NOT NULL,
    ground text NOT NULL,
    -- The account of who erased; null where a list said so.
    erased_by text,
    -- Whether the bytes are out of the file, too; here the server's VACUUM sees to that.
    scrubbed bigint NOT NULL
);

-- Who was shown a person's data in full, or put it right, and why. Rows stay as they are.
CREATE TABLE disclosures (
    disclosure_id text PRIMARY KEY,
    person_id text NOT NULL,
    disclosed_to text NOT NULL,
    disclosed_at text NOT NULL,
    reason text NOT NULL,
    request_id text NOT NULL
);
CREATE TABLE corrections (
    correction_id text PRIMARY KEY,
    person_id text NOT NULL,
    corrected_by text NOT NULL,
    corrected_at text NOT NULL,
    reason text NOT NULL,
    request_id text NOT NULL
);
CREATE FUNCTION rows_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% are never changed or deleted', TG_TABLE_NAME;
END $$;
CREATE TRIGGER disclosures_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON disclosures
    FOR EACH STATEMENT EXECUTE FUNCTION rows_stay();
CREATE TRIGGER corrections_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON corrections
    FOR EACH STATEMENT EXECUTE FUNCTION rows_stay();

-- The keys whose requests name a person, or whose kept answers show one.
CREATE TABLE idempotency_persons (
    person_id text NOT NULL,
    key text NOT NULL,
    PRIMARY KEY (person_id, key)
);
-- Of what was kept until now nobody knows whom it shows. Keys stay: nothing is carried out twice.
UPDATE idempotency SET answer = NULL WHERE answer IS NOT NULL;
