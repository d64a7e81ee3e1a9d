-- contract: from 0004, the index of leaf_index, which code before this step asked for new leaves.
-- One group of appends in one call, as `append_group`, and streams that grew meanwhile hold nothing up.
--
-- 1. Hold the head: groups follow one another, and become visible in the order of their positions.
-- 2. Where the group was judged without the head held (`seen_streams` is not NULL): every stream is as it was
--    seen, or has only grown and nothing was decided on it (its sign in `firm` is 0), and every data key is
--    live; else add nothing. There is nothing to look up where all of it was so under the head row that
--    `seen_head` names and that row stands: whoever adds an event or destroys a key writes the row anew, and
--    `xmin` says which transaction did.
-- 3. Add keys, claims, events and items; raise marks; the greatest wins. Events of a stream that grew follow
--    its last: `places` says to which of the seen streams each belongs. Where one of a group that was judged
--    without the head held is not free, everything is taken back, without a word in the server's log.
-- 4. Move the head, and tell who listens.
--
-- It gives the head before, the rows of the head found and left, and by how much each of the seen streams had
-- grown (NULL where none had); or nothing where it added nothing. Texts come as lines, and digests of 32 bytes
-- and key ids of 16 one behind the other: both sides do that in a fraction of the time that arrays take. All
-- names are qualified and all plans go by index: a plan made while a table was small must not be kept when it
-- has grown.
CREATE FUNCTION hub_record.append_all(
    seen_head text, seen_streams text, seen_versions text, firm text, live_keys bytea,
    key_streams text[], key_ids bytea[], key_wrapped bytea[],
    claim_kinds text[], claim_names bytea[], claim_values text[], claim_digests bytea[],
    mark_names text[], mark_values bigint[], mark_digests bytea[],
    streams text, versions text, places text, topics text, states bytea[],
    sources text, ids text, types text, leaf_datas bytea[], hashes bytea, digests bytea,
    OUT before_position bigint, OUT before_leaves bigint, OUT found_head text, OUT left_head text,
    OUT grown bigint[]
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
    at_head text;
    added bigint := cardinality(states);
    gone boolean;
BEGIN
    -- 1.
    SELECT h.position, h.leaves, h.xmin::text INTO at_position, at_leaf, at_head
        FROM hub_record.head h WHERE h.one = 1 FOR UPDATE;
    -- 2.
    IF seen_streams IS NOT NULL AND seen_head IS DISTINCT FROM at_head THEN
        -- A stream that has grown has a later version. Where the one that was seen does not stand, the
        -- database is another one now, older than what the caller saw. A subquery that gives a value is
        -- looked up in the index for each row; EXISTS may be planned as a walk through the whole index.
        SELECT array_agg(now.version - seen.version::bigint ORDER BY seen.n),
               bool_or(now.version < seen.version::bigint
                       OR now.version > seen.version::bigint AND substr(firm, seen.n::integer, 1) = '1')
            INTO grown, gone
            FROM ROWS FROM (string_to_table(seen_streams, E'\n'), string_to_table(seen_versions, E'\n'))
                WITH ORDINALITY AS seen(stream, version, n),
                LATERAL (SELECT COALESCE((
                    SELECT e.originator_version FROM hub_record.stored_events e
                    WHERE e.originator_id = seen.stream AND e.originator_version >= seen.version::bigint
                    ORDER BY e.originator_version DESC LIMIT 1), 0) AS version) AS now;
        IF gone THEN
            grown := NULL;
            RETURN;
        END IF;
        IF 0 = ALL (grown) THEN grown := NULL; END IF;
        PERFORM FROM generate_series(1, length(live_keys), 16) AS live(start)
            WHERE (SELECT k.wrapped FROM hub_record.stream_keys k
                   WHERE k.key_id = substr(live_keys, live.start, 16)) IS NULL LIMIT 1;
        IF FOUND THEN
            grown := NULL;
            RETURN;
        END IF;
    END IF;
    BEGIN
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
        IF added > 0 THEN
            -- Items first: a repeat is found by the name before its content has been written.
            INSERT INTO hub_record.items
                    (position, leaf_index, source, id, type, leaf_data, leaf_hash, payload_digest)
                SELECT at_position + i.n, at_leaf + i.n - 1, i.source, i.id, i.type, i.leaf,
                       substr(hashes, 32 * i.n::integer - 31, 32), substr(digests, 32 * i.n::integer - 31, 32)
                FROM ROWS FROM (string_to_table(sources, E'\n'), string_to_table(ids, E'\n'),
                                string_to_table(types, E'\n'), unnest(leaf_datas))
                    WITH ORDINALITY AS i(source, id, type, leaf, n);
            INSERT INTO hub_record.stored_events
                    (originator_id, originator_version, topic, state, notification_id)
                SELECT e.stream, e.version::bigint + COALESCE(grown[e.place::integer], 0), e.topic, e.state,
                       at_position + e.n
                FROM ROWS FROM (string_to_table(streams, E'\n'), string_to_table(versions, E'\n'),
                                string_to_table(places, E'\n'), string_to_table(topics, E'\n'), unnest(states))
                    WITH ORDINALITY AS e(stream, version, place, topic, state, n);
        END IF;
    EXCEPTION WHEN unique_violation THEN
        IF seen_streams IS NULL THEN RAISE; END IF;
        grown := NULL;
        RETURN;
    END;
    before_position := at_position;
    before_leaves := at_leaf;
    found_head := at_head;
    left_head := at_head;
    -- 4.
    IF added > 0 THEN
        UPDATE hub_record.head h SET position = at_position + added, leaves = at_leaf + cardinality(leaf_datas)
            WHERE h.one = 1;
        left_head := pg_current_xact_id()::xid::text;
        PERFORM pg_notify('hub_record', (at_position + added)::text);
    END IF;
END
$body$;

-- Leaves are numbered in the order of positions, by whoever holds the head: the index of positions finds them
-- too, and this one cost every append as much as its names do.
ALTER TABLE hub_record.items DROP CONSTRAINT items_leaf_index_key;
