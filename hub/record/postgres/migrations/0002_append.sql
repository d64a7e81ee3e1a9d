-- One group of appends in one call; the caller's transaction is this call where it is on its own.
--
-- 1. Hold the head: groups follow one another, and become visible in the order of their positions.
-- 2. Where the group was judged without the head held (`seen_streams` is not NULL): add nothing unless
--    every stream is as it was seen, every data key is live, and every name and claim is free.
-- 3. Add keys, claims, events and items; raise marks; the greatest wins.
-- 4. Move the head, and tell who listens.
--
-- It gives the head before, or nothing where it added nothing. All names are qualified and all plans go by
-- index: a plan made while a table was small must not be kept when it has grown.
CREATE FUNCTION hub_record.append(
    seen_streams text[], seen_versions bigint[], live_keys bytea[],
    key_streams text[], key_ids bytea[], key_wrapped bytea[],
    claim_kinds text[], claim_names bytea[], claim_values text[], claim_digests bytea[],
    mark_names text[], mark_values bigint[], mark_digests bytea[],
    streams text[], versions bigint[], topics text[], states bytea[],
    sources text[], ids text[], types text[], leaves bytea[], hashes bytea[], digests bytea[],
    OUT before_position bigint, OUT before_leaves bigint
)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
SET enable_bitmapscan = off
AS $body$
DECLARE
    at_position bigint;
    at_leaf bigint;
BEGIN
    -- 1.
    SELECT h.position, h.leaves INTO at_position, at_leaf FROM hub_record.head h WHERE h.one = 1 FOR UPDATE;
    -- 2.
    IF seen_streams IS NOT NULL THEN
        -- A stream that has grown has a later version. Where the one that was seen does not stand, the
        -- database is another one now, older than what the caller saw. A subquery that gives a value is
        -- looked up in the index for each row; EXISTS may be planned as a walk through the whole index.
        PERFORM FROM unnest(seen_streams, seen_versions) AS seen(stream, version)
            WHERE seen.version <> COALESCE((
                SELECT e.originator_version FROM hub_record.stored_events e
                WHERE e.originator_id = seen.stream AND e.originator_version >= seen.version
                ORDER BY e.originator_version DESC LIMIT 1), 0) LIMIT 1;
        IF FOUND THEN RETURN; END IF;
        PERFORM FROM unnest(live_keys) AS live(key_id)
            WHERE (SELECT k.wrapped FROM hub_record.stream_keys k WHERE k.key_id = live.key_id) IS NULL LIMIT 1;
        IF FOUND THEN RETURN; END IF;
        PERFORM FROM unnest(sources, ids) AS name(source, id)
            WHERE (SELECT i.position FROM hub_record.items i
                   WHERE i.id = name.id AND i.source = name.source) IS NOT NULL LIMIT 1;
        IF FOUND THEN RETURN; END IF;
        PERFORM FROM unnest(claim_kinds, claim_names) AS claim(kind, name)
            WHERE (SELECT c.value FROM hub_record.claims c
                   WHERE c.kind = claim.kind AND c.name = claim.name) IS NOT NULL LIMIT 1;
        IF FOUND THEN RETURN; END IF;
    END IF;
    -- 3.
    IF cardinality(key_ids) > 0 THEN
        INSERT INTO hub_record.stream_keys (stream, key_id, wrapped)
            SELECT * FROM unnest(key_streams, key_ids, key_wrapped);
    END IF;
    IF cardinality(claim_names) > 0 THEN
        INSERT INTO hub_record.claims (kind, name, value, row_digest)
            SELECT * FROM unnest(claim_kinds, claim_names, claim_values, claim_digests);
    END IF;
    IF cardinality(mark_names) > 0 THEN
        INSERT INTO hub_record.marks (name, value, row_digest)
            SELECT * FROM unnest(mark_names, mark_values, mark_digests)
            ON CONFLICT (name) DO UPDATE SET value = excluded.value, row_digest = excluded.row_digest
            WHERE excluded.value > hub_record.marks.value;
    END IF;
    before_position := at_position;
    before_leaves := at_leaf;
    IF cardinality(streams) > 0 THEN
        INSERT INTO hub_record.stored_events (originator_id, originator_version, topic, state, notification_id)
            SELECT e.stream, e.version, e.topic, e.state, at_position + e.n
            FROM unnest(streams, versions, topics, states) WITH ORDINALITY AS e(stream, version, topic, state, n);
        INSERT INTO hub_record.items
                (position, leaf_index, source, id, type, leaf_data, leaf_hash, payload_digest)
            SELECT at_position + i.n, at_leaf + i.n - 1, i.source, i.id, i.type, i.leaf, i.hash, i.digest
            FROM unnest(sources, ids, types, leaves, hashes, digests)
                WITH ORDINALITY AS i(source, id, type, leaf, hash, digest, n);
        -- 4.
        UPDATE hub_record.head h
            SET position = at_position + cardinality(streams), leaves = at_leaf + cardinality(sources)
            WHERE h.one = 1;
        PERFORM pg_notify('hub_record', (at_position + cardinality(streams))::text);
    END IF;
END
$body$;
