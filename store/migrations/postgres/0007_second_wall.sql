-- A second wall behind the program's own (S2). Whoever reads says in `hatchery.scope` what it may see, and sees nothing
-- where it says nothing: `all`, or the districts, stations, recommenders and organisations of one reader, as JSON. The
-- server's role owns no table; `hatchery_grant` says what it may do.

-- Read models have a schema of their own, so that what makes and drops them can reach nothing else. Those of before are
-- made anew.
CREATE SCHEMA models;
DO $$
DECLARE
    model text;
BEGIN
    FOR model IN SELECT checkpoints.model FROM checkpoints LOOP
        EXECUTE format('DROP TABLE IF EXISTS public.%I', model);
    END LOOP;
    DROP TABLE IF EXISTS public.visits_due;
END
$$;

-- What a reader may see; null where nothing is said of it, and for whoever sees all.
CREATE FUNCTION hatchery_scope() RETURNS jsonb LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    IF COALESCE(current_setting('hatchery.scope', true), '') IN ('', 'all') THEN
        RETURN NULL;
    END IF;
    RETURN current_setting('hatchery.scope')::jsonb;
END
$$;

-- Whether a file of these is the reader's.
CREATE FUNCTION hatchery_admits(scope jsonb, organization text, district text, station text, recommender text)
RETURNS boolean LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    RETURN scope -> 'organizations' ? organization
        OR ((scope -> 'districts' ? district OR scope -> 'stations' ? station OR scope -> 'recommenders' ? recommender)
            AND (jsonb_typeof(scope -> 'within') IS DISTINCT FROM 'array' OR scope -> 'within' ? district));
END
$$;

-- Whether the roster shows a file to the reader. What names a file is seen with it.
CREATE FUNCTION hatchery_sees_file(named text) RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN EXISTS (SELECT 1 FROM models.roster WHERE roster.key = named);
END
$$;

-- Whether an organisation is the reader's, or the roster shows one of its files.
CREATE FUNCTION hatchery_sees_organization(named text) RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN hatchery_scope() -> 'organizations' ? named
        OR EXISTS (SELECT 1 FROM models.roster WHERE roster.organization = named AND roster.cycle IS NOT NULL);
END
$$;

-- Walls a table that is no read model: it is the system's own.
CREATE FUNCTION hatchery_wall(own text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    everything constant text := 'current_setting(''hatchery.scope'', true) = ''all''';
BEGIN
    EXECUTE format('ALTER TABLE public.%I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', own);
    EXECUTE format('CREATE POLICY the_system ON public.%I USING (%s) WITH CHECK (%s)', own, everything, everything);
END
$$;
SELECT hatchery_wall(own) FROM unnest(ARRAY['events', 'head', 'idempotency', 'idempotency_persons', 'checkpoints',
    'persons', 'documents', 'document_contents', 'accounts', 'grants', 'sign_ins', 'tokens', 'followers',
    'chain_origin', 'chain', 'audit', 'audit_targets', 'erasures', 'disclosures', 'corrections']) AS own;
-- Where the log and its read models stand is everybody's.
CREATE POLICY everybody ON head FOR SELECT USING (current_setting('hatchery.scope', true) <> '');
CREATE POLICY everybody ON checkpoints FOR SELECT USING (current_setting('hatchery.scope', true) <> '');

-- The roles that servers run as: those that were let in.
CREATE FUNCTION hatchery_servers() RETURNS SETOF name LANGUAGE sql STABLE AS $$
    SELECT grantee.rolname FROM pg_class, aclexplode(relacl) AS acl JOIN pg_roles AS grantee ON grantee.oid = acl.grantee
    WHERE pg_class.oid = 'public.checkpoints'::regclass AND acl.privilege_type = 'UPDATE' AND acl.grantee <> relowner
$$;

-- Makes the table of a read model; the caller may then read and write it, and so may every other server's role.
--
-- `walled` says who sees a row: `closed` the system, `scoped` whoever has a scope, `files` by the row's own columns,
-- `of_file` by the file that the key ends with, `of_cycle` by its columns `cycle` and `organization`,
-- `of_organization` by the column `walled_by`. Rows whose key begins with `open` are everybody's.
CREATE FUNCTION hatchery_make_model(
    model text, made text, names text[], kinds text[], indexes text[], generation bigint,
    walled text, walled_by text, open text
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    columns text := '';
    listed text;
    sees text;
    number integer;
    server name;
BEGIN
    FOR number IN 1 .. cardinality(names) LOOP
        columns := columns || format(', %I %s', names[number],
            CASE kinds[number] WHEN 'int' THEN 'bigint' ELSE 'text COLLATE "C"' END);
    END LOOP;
    EXECUTE format('CREATE TABLE models.%I (key text COLLATE "C" PRIMARY KEY%s, body text NOT NULL)', made, columns);
    FOR number IN 1 .. cardinality(indexes) LOOP
        SELECT string_agg(quote_ident(part), ', ' ORDER BY place) INTO listed
            FROM unnest(string_to_array(indexes[number], ',')) WITH ORDINALITY AS parts (part, place);
        EXECUTE format('CREATE INDEX %I ON models.%I (%s) WHERE %I IS NOT NULL',
            format('%s_ix%s_g%s', model, number - 1, generation), made, listed,
            split_part(indexes[number], ',', 1));
    END LOOP;
    sees := CASE walled
        WHEN 'closed' THEN 'false'
        WHEN 'scoped' THEN 'current_setting(''hatchery.scope'', true) <> '''''
        WHEN 'files' THEN 'hatchery_admits((SELECT hatchery_scope()), organization, district, station, recommender)'
        WHEN 'of_file' THEN 'hatchery_sees_file(substring(key from ''[^/]+/[^/]+$''))'
        WHEN 'of_cycle' THEN '(CASE WHEN cycle IS NULL THEN hatchery_sees_organization(organization)
            ELSE hatchery_sees_file(cycle || ''/'' || organization) END)'
        WHEN 'of_organization' THEN format('hatchery_sees_organization(%I)', walled_by)
    END;
    IF sees IS NULL THEN
        RAISE EXCEPTION 'no wall is called %', walled;
    END IF;
    IF open IS NOT NULL THEN
        sees := format('(%s OR (starts_with(key, %L) AND current_setting(''hatchery.scope'', true) <> ''''))', sees, open);
    END IF;
    EXECUTE format('ALTER TABLE models.%I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', made);
    -- The system first: nothing more is looked at then.
    EXECUTE format('CREATE POLICY seen ON models.%I FOR SELECT
        USING ((SELECT current_setting(''hatchery.scope'', true) = ''all'') OR %s)', made, sees);
    EXECUTE format('CREATE POLICY added ON models.%I FOR INSERT
        WITH CHECK (current_setting(''hatchery.scope'', true) = ''all'')', made);
    EXECUTE format('CREATE POLICY changed ON models.%I FOR UPDATE
        USING (current_setting(''hatchery.scope'', true) = ''all'')', made);
    EXECUTE format('CREATE POLICY deleted ON models.%I FOR DELETE
        USING (current_setting(''hatchery.scope'', true) = ''all'')', made);
    FOR server IN SELECT hatchery_servers() LOOP
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON models.%I TO %I', made, server);
    END LOOP;
END
$$;

-- Drops the table of a read model, if it is there.
CREATE FUNCTION hatchery_drop_model(made text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    EXECUTE format('DROP TABLE IF EXISTS models.%I', made);
END
$$;

-- Puts a table in the place that the one before it has left.
CREATE FUNCTION hatchery_rename_model(made text, model text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    EXECUTE format('ALTER TABLE models.%I RENAME TO %I', made, model);
END
$$;

-- Lets a role do what a server does, and no more: it adds to the log, to the chain and to the audit trail, and changes
-- nothing there. A migration that makes a table does it again for `hatchery_servers()`.
CREATE FUNCTION hatchery_grant(server name) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('GRANT USAGE ON SCHEMA public, models TO %I', server);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO %I', server);
    EXECUTE format('REVOKE INSERT, UPDATE, DELETE ON _sqlx_migrations FROM %I', server);
    EXECUTE format('REVOKE UPDATE, DELETE ON events, chain_origin, chain, audit, audit_targets, disclosures, corrections,
        documents, document_contents FROM %I', server);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA models TO %I', server);
    EXECUTE format('GRANT EXECUTE ON FUNCTION
        hatchery_make_model(text, text, text[], text[], text[], bigint, text, text, text),
        hatchery_drop_model(text), hatchery_rename_model(text, text) TO %I', server);
END
$$;
REVOKE EXECUTE ON FUNCTION
    hatchery_make_model(text, text, text[], text[], text[], bigint, text, text, text),
    hatchery_drop_model(text), hatchery_rename_model(text, text), hatchery_grant(name), hatchery_wall(text) FROM PUBLIC;
