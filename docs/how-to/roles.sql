-- Who may do what in the hub's database. Run it as the database's owner, who may create roles, or as an
-- administrator of the server: once after the first `hub init`, and again after every `hub init` of a new
-- version and every `hub restore`, which make tables. Running it again changes nothing that is right already.
--
--   the owner       hub init, hub restore, and the erasing of keys; no process that runs all the time
--   hub_server      hub serve, tick, relay, and the commands that change the directory
--   hub_projector   hub project, hub rebuild
--   hub_reader      hub verify, hub fsck, hub backup
--
-- Nobody but the owner can change or remove what was recorded. The roles get no password here, so that none
-- stands in a file: give each one with `\password hub_server` in psql, or let them sign in by certificate.
-- All or nothing: processes that run meanwhile do not lose a right that they have.

BEGIN;
DO $$
DECLARE
    one text;
BEGIN
    FOREACH one IN ARRAY ARRAY['hub_server', 'hub_projector', 'hub_reader'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = one) THEN
            EXECUTE format('CREATE ROLE %I LOGIN', one);
        END IF;
        EXECUTE format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), one);
    END LOOP;
    -- By default everybody on the server may connect and make temporary tables.
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
END $$;
REVOKE ALL ON SCHEMA public FROM PUBLIC;

-- Begin with nothing, so that a right which nobody needs does not stay. What processes of the version before
-- need, which run on while a new one is rolled out, is given below as well.
REVOKE ALL ON SCHEMA hub_record FROM PUBLIC, hub_server, hub_projector, hub_reader;
REVOKE ALL ON ALL TABLES IN SCHEMA hub_record FROM PUBLIC, hub_server, hub_projector, hub_reader;
REVOKE ALL ON ALL SEQUENCES IN SCHEMA hub_record FROM PUBLIC, hub_server, hub_projector, hub_reader;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA hub_record FROM PUBLIC, hub_server, hub_projector, hub_reader;

-- All of them read the record; what stands in it is sealed.
GRANT USAGE ON SCHEMA hub_record TO hub_server, hub_projector, hub_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA hub_record TO hub_server, hub_projector, hub_reader;
GRANT SELECT ON ALL SEQUENCES IN SCHEMA hub_record TO hub_reader;

-- Appending adds rows and moves the head. No UPDATE of stored_events, items, stream_keys or claims, and DELETE
-- of nothing but names that may be used once and have run out.
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA hub_record TO hub_server;
GRANT INSERT ON hub_record.stored_events, hub_record.items, hub_record.stream_keys, hub_record.claims TO hub_server;
GRANT UPDATE ON hub_record.head TO hub_server;
GRANT INSERT, UPDATE ON hub_record.marks TO hub_server;
GRANT INSERT, DELETE ON hub_record.once TO hub_server;

-- The ledger follows the record: tiles fill up, checkpoints are only added.
GRANT UPDATE ON hub_record.tree TO hub_projector;
GRANT INSERT, UPDATE ON hub_record.tiles TO hub_projector;
GRANT INSERT ON hub_record.checkpoints TO hub_projector;

GRANT hub_projector TO CURRENT_USER;

-- The projector makes, fills and drops the tables of its generations; the server reads them. There is a schema
-- for each form of the views: while a new version is rolled out, processes of the old one go on with theirs.
-- What the projector may do with tables that it made itself is left alone. Generations that somebody else
-- made, before these roles or after a restore, become the projector's.
DO $$
DECLARE
    here text;
    one text;
BEGIN
    FOR here IN SELECT nspname FROM pg_namespace WHERE nspname ~ '^hub_views(_[0-9]+)?$' LOOP
        EXECUTE format('REVOKE ALL ON SCHEMA %I FROM PUBLIC, hub_server, hub_projector, hub_reader', here);
        EXECUTE format('REVOKE ALL ON ALL TABLES IN SCHEMA %I FROM PUBLIC, hub_server, hub_reader', here);
        EXECUTE format(
            'REVOKE ALL ON %1$I.about, %1$I.generations, %1$I.parts, %1$I.parked FROM hub_projector', here);
        EXECUTE format('GRANT USAGE ON SCHEMA %I TO hub_server, hub_projector', here);
        EXECUTE format('GRANT CREATE ON SCHEMA %I TO hub_projector', here);
        EXECUTE format('GRANT SELECT ON ALL TABLES IN SCHEMA %I TO hub_server', here);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %1$I.generations, %1$I.parts, %1$I.parked'
            ' TO hub_projector', here);
        EXECUTE format('GRANT SELECT ON %I.about TO hub_projector', here);
        EXECUTE format('ALTER DEFAULT PRIVILEGES FOR ROLE hub_projector IN SCHEMA %I'
            ' GRANT SELECT ON TABLES TO hub_server', here);
        FOR one IN SELECT tablename FROM pg_tables
            WHERE schemaname = here AND tablename ~ '^g[0-9]+_' AND tableowner <> 'hub_projector'
        LOOP
            EXECUTE format('ALTER TABLE %I.%I OWNER TO hub_projector', here, one);
        END LOOP;
    END LOOP;
END $$;
COMMIT;
