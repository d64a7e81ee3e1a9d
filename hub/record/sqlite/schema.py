"""The tables of the record's one SQLite file.

Source of the form of `stored_events`: the `eventsourcing` package, with an id that is never used twice.
"""

from __future__ import annotations

from typing import Final

VERSION: Final = 2
"""Counted up with every change of the tables; a file of another version is not opened."""

EVENTS: Final = """
CREATE TABLE IF NOT EXISTS {table} (
    notification_id INTEGER PRIMARY KEY AUTOINCREMENT,
    originator_id TEXT NOT NULL,
    originator_version INTEGER NOT NULL,
    topic TEXT NOT NULL,
    state BLOB NOT NULL,
    UNIQUE (originator_id, originator_version)
)
"""

# One row per item: its name and what a retry is compared with (an HMAC, never a plain digest), and its leaf.
ITEMS: Final = """
CREATE TABLE IF NOT EXISTS items (
    position INTEGER PRIMARY KEY,
    leaf_index INTEGER NOT NULL UNIQUE,
    source TEXT NOT NULL,
    id TEXT NOT NULL,
    type TEXT NOT NULL,
    leaf_data BLOB NOT NULL,
    leaf_hash BLOB NOT NULL,
    payload_digest BLOB NOT NULL,
    UNIQUE (id, source)
)
"""

# One row: the last position and the number of leaves, moved in the transaction that appends.
HEAD: Final = """
CREATE TABLE IF NOT EXISTS head (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    position INTEGER NOT NULL,
    leaves INTEGER NOT NULL
)
"""

# `wrapped` is NULL once the key is destroyed; a later item of the stream gets a new key.
KEYS: Final = """
CREATE TABLE IF NOT EXISTS stream_keys (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    stream TEXT NOT NULL,
    key_id BLOB NOT NULL UNIQUE,
    wrapped BLOB
)
"""
KEYS_BY_STREAM: Final = "CREATE INDEX IF NOT EXISTS stream_keys_by_stream ON stream_keys (stream)"

CLAIMS: Final = """
CREATE TABLE IF NOT EXISTS claims (
    kind TEXT NOT NULL,
    name BLOB NOT NULL,
    value TEXT NOT NULL,
    row_digest BLOB NOT NULL,
    PRIMARY KEY (kind, name)
) WITHOUT ROWID
"""

# Names that may be used once until a time (microseconds since 1970, UTC).
ONCE: Final = """
CREATE TABLE IF NOT EXISTS once (
    kind TEXT NOT NULL,
    name_digest BLOB NOT NULL,
    until INTEGER NOT NULL,
    row_digest BLOB NOT NULL,
    PRIMARY KEY (kind, name_digest)
) WITHOUT ROWID
"""

# Named whole numbers that only grow.
MARKS: Final = """
CREATE TABLE IF NOT EXISTS marks (
    name TEXT PRIMARY KEY,
    value INTEGER NOT NULL,
    row_digest BLOB NOT NULL
) WITHOUT ROWID
"""

# Hashes only: tile n of level l holds the roots of up to 256 subtrees of 256**l leaves (C2SP tlog-tiles).
TILES: Final = """
CREATE TABLE IF NOT EXISTS tiles (
    level INTEGER NOT NULL,
    number INTEGER NOT NULL,
    hashes BLOB NOT NULL,
    PRIMARY KEY (level, number)
)
"""

TREE: Final = """
CREATE TABLE IF NOT EXISTS tree (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    size INTEGER NOT NULL
)
"""

CHECKPOINTS: Final = """
CREATE TABLE IF NOT EXISTS checkpoints (
    size INTEGER PRIMARY KEY,
    text TEXT NOT NULL
)
"""

ABOUT: Final = """
CREATE TABLE IF NOT EXISTS about (
    name TEXT PRIMARY KEY,
    value BLOB NOT NULL
) WITHOUT ROWID
"""

HEAD_ROW: Final = "INSERT OR IGNORE INTO head (one, position, leaves) VALUES (1, 0, 0)"
TREE_ROW: Final = "INSERT OR IGNORE INTO tree (one, size) VALUES (1, 0)"
BESIDE_EVENTS: Final = (
    ITEMS, HEAD, HEAD_ROW, KEYS, KEYS_BY_STREAM, CLAIMS, ONCE, MARKS,
    TILES, TREE, TREE_ROW, CHECKPOINTS, ABOUT,
)  # fmt: skip
