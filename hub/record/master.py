"""Which master key a record is under, and the change to another one."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Final, TypeAlias

from hub.errors import HubError
from hub.record.opening import open_place
from hub.record.ports import Chance
from hub.record.sealing import NONCE_BYTES, MasterKey
from hub.record.store import ABOUT, CHECK, FORMAT, KEPT, Change, Store

Progress: TypeAlias = Callable[[int, int], None]
_SOME: Final = 1000
_UNKNOWN_FORMAT: Final = "This record has a format that this version does not know."
_NOT_ITS_KEY: Final = (
    "The master key does not open this record. Set HUB_MASTER_KEY to the one that does; to change it, or to "
    "go on with a change, run `hub master-key change`."
)
_CHANGED: Final = (
    "The master key does not open this record, whose master key has been changed. Set HUB_MASTER_KEY to the "
    "one that it was changed to; to change it again, or to go on with a change, run `hub master-key change`."
)
_LIVE: Final = (
    "SELECT number, stream, key_id, wrapped FROM stream_keys"
    " WHERE number > ? AND wrapped IS NOT NULL ORDER BY number LIMIT ?"
)
_KEEP: Final = (
    "INSERT INTO about (name, value) VALUES (?,?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
)


def master_of(about: Mapping[str, bytes], master_key: bytes) -> MasterKey:
    """The keys of a record, from what it says about itself.

    Raises: HubError("store") where it has another format or is under another master key.
    """
    if about.get("format") != FORMAT.encode():
        raise HubError("store", _UNKNOWN_FORMAT)
    kept = about.get(KEPT)
    try:
        master = MasterKey(master_key, kept)
    except HubError:
        raise HubError("store", _CHANGED) from None
    if not hmac.compare_digest(about.get(CHECK, b""), master.check(FORMAT)):
        raise HubError("store", _NOT_ITS_KEY if kept is None else _CHANGED)
    return master


def master_of_store(store: Store, master_key: bytes) -> MasterKey:
    """The keys of the record in a store.

    Raises: HubError("store"), as `master_of`.
    """
    return master_of(dict(store.rows(ABOUT)), master_key)


def is_under(where: Path | str, master_key: bytes) -> bool:
    """Whether a record is under this master key, and not under another one.

    Raises: HubError("store") where there is no record, or it has a format that is not known.
    """
    with closing(open_place(where)) as store:
        store.check()
        about: dict[str, bytes] = dict(store.rows(ABOUT))
    try:
        master_of(about, master_key)
    except HubError as fault:
        if fault.detail == _UNKNOWN_FORMAT:
            raise
        return False
    return True


def change_master_key(
    where: Path | str, *, former: bytes, current: bytes, chance: Chance, progress: Progress
) -> int:
    """Bring a record from one master key under another, all of it or nothing; how many data keys it has.

    1. Alone: nobody else has the record open, nor can open it meanwhile.
    2. Wrap each live data key anew. What it sealed it goes on opening; new content gets a new one.
    3. Keep the index key, and with it every keyed digest and token, wrapped under the new master key.
    4. Once this is durable, take the former form out of what the store keeps beside its tables.

    Shape: where the record is under `current` already nothing is changed, and step 4 is made again.
    Raises: HubError("store") where somebody else has the record open, it is under neither key, or a data
    key does not open.
    """
    with closing(open_place(where)) as store:
        store.check()
        with store.alone() as change:  # 1.
            keys = _changed(change, former, current, chance, progress)
        # 4.
        if not store.scrub():
            raise HubError("store", "The master key is changed, but the store's log is in use; repeat.")
    return keys


def _changed(change: Change, former: bytes, current: bytes, chance: Chance, progress: Progress) -> int:
    about: dict[str, bytes] = dict(change.rows(ABOUT))
    ((live,),) = change.rows("SELECT COUNT(*) FROM stream_keys WHERE wrapped IS NOT NULL")
    total = int(live)
    try:
        master_of(about, current)
        return total
    except HubError:
        before = master_of(about, former)
    after = MasterKey(current)
    done = last = 0
    while rows := change.rows(_LIVE, (last, _SOME)):  # 2.
        nonces = chance.bytes(NONCE_BYTES * len(rows))
        wrapped = [
            (after.rewrap(before, nonces[at * NONCE_BYTES :][:NONCE_BYTES], stream, key_id, one), number)
            for at, (number, stream, key_id, one) in enumerate(rows)
        ]
        change.execute_each("UPDATE stream_keys SET wrapped = ? WHERE number = ?", wrapped)
        last, done = rows[-1][0], done + len(rows)
        progress(done, total)
    change.execute(_KEEP, (KEPT, after.keep(before, chance.bytes(NONCE_BYTES))))  # 3.
    return total
