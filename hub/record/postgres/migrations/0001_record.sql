-- The tables of the record. Names and columns are those of every store; texts compare byte by byte.

-- The event store package's table with text ids. Positions are given explicitly, from the head.
CREATE TABLE hub_record.stored_events (
    originator_id text COLLATE "C" NOT NULL,
    originator_version bigint NOT NULL,
    topic text COLLATE "C" NOT NULL,
    state bytea NOT NULL,
    notification_id bigint NOT NULL,
    PRIMARY KEY (originator_id, originator_version)
);
CREATE UNIQUE INDEX stored_events_notification_id_idx ON hub_record.stored_events (notification_id);
-- What is stored is sealed, so the server would try in vain to compress it.
ALTER TABLE hub_record.stored_events ALTER COLUMN state SET STORAGE EXTERNAL;

-- One row per item: its name and what a retry is compared with (an HMAC), and its leaf.
CREATE TABLE hub_record.items (
    position bigint PRIMARY KEY,
    leaf_index bigint NOT NULL UNIQUE,
    source text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    type text COLLATE "C" NOT NULL,
    leaf_data bytea NOT NULL,
    leaf_hash bytea NOT NULL,
    payload_digest bytea NOT NULL,
    UNIQUE (id, source)
);

-- One row: the last position and the number of leaves. Whoever appends holds it until the commit.
CREATE TABLE hub_record.head (
    one bigint PRIMARY KEY CHECK (one = 1),
    position bigint NOT NULL,
    leaves bigint NOT NULL
) WITH (fillfactor = 10, autovacuum_vacuum_threshold = 500, autovacuum_vacuum_scale_factor = 0);
INSERT INTO hub_record.head VALUES (1, 0, 0);

-- `wrapped` is NULL once the key is destroyed; a later item of the stream gets a new key.
CREATE TABLE hub_record.stream_keys (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    stream text COLLATE "C" NOT NULL,
    key_id bytea NOT NULL UNIQUE,
    wrapped bytea
);
CREATE INDEX stream_keys_by_stream ON hub_record.stream_keys (stream, number);

CREATE TABLE hub_record.claims (
    kind text COLLATE "C" NOT NULL,
    name bytea NOT NULL,
    value text COLLATE "C" NOT NULL,
    row_digest bytea NOT NULL,
    PRIMARY KEY (kind, name)
);

-- Names that may be used once until a time (microseconds since 1970, UTC).
CREATE TABLE hub_record.once (
    kind text COLLATE "C" NOT NULL,
    name_digest bytea NOT NULL,
    until bigint NOT NULL,
    row_digest bytea NOT NULL,
    PRIMARY KEY (kind, name_digest)
);
CREATE INDEX once_by_end ON hub_record.once (kind, until);

-- Named whole numbers that only grow.
CREATE TABLE hub_record.marks (
    name text COLLATE "C" PRIMARY KEY,
    value bigint NOT NULL,
    row_digest bytea NOT NULL
) WITH (fillfactor = 50);

-- Hashes only: tile n of level l holds the roots of up to 256 subtrees of 256**l leaves (C2SP tlog-tiles).
CREATE TABLE hub_record.tiles (
    level bigint NOT NULL,
    number bigint NOT NULL,
    hashes bytea NOT NULL,
    PRIMARY KEY (level, number)
);
ALTER TABLE hub_record.tiles ALTER COLUMN hashes SET STORAGE EXTERNAL;

CREATE TABLE hub_record.tree (
    one bigint PRIMARY KEY CHECK (one = 1),
    size bigint NOT NULL
) WITH (fillfactor = 10);
INSERT INTO hub_record.tree VALUES (1, 0);

CREATE TABLE hub_record.checkpoints (
    size bigint PRIMARY KEY,
    text text NOT NULL
);

CREATE TABLE hub_record.about (
    name text COLLATE "C" PRIMARY KEY,
    value bytea NOT NULL
);
