"""Putting a backup back, and making bind again what was done since it was taken."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import orjson

from hub.cli import backup_sqlite
from hub.cli.backup_manifest import NOT_WHOLE, Manifest, Tell, check_files, read_manifest
from hub.cli.compose import Store, journal_of, migrate, open_projector, open_store, open_views_of
from hub.cli.keys import HubKeys, load_keys
from hub.cli.master_key import bring_journal, bring_record
from hub.cli.signing import signer_of
from hub.cli.world import SystemChance
from hub.errors import HubError
from hub.record import Append, Appended, Checkpoint, Draft, Parked, Record
from hub.record.binding import (
    BEGUN,
    DONE,
    FROM,
    HEAD,
    THROUGH,
    Awaited,
    in_force,
    is_put_back,
    read_erasure,
)
from hub.record.checkpoint import parse_checkpoint
from hub.record.kept_apart import LINES, Act, Journal, Line
from hub.record.master import is_under
from hub.record.verify import verify_record
from hub.settings import Settings

STREAM: Final = "kept-apart"
ERASED: Final = "erased-before-restore"
WAIVED: Final = "awaited-event-waived"
_SOURCE: Final = "urn:safeguarding:hub"
_AGENCY: Final = "urn:safeguarding:org:"
_BODY: Final = b"{}"
_NOT_CHANGED: Final = (
    "What is to be restored and the journal kept apart are both from before the master key was changed. "
    "Restore with the former one as HUB_MASTER_KEY alone; then run `hub master-key change`."
)


@dataclass(frozen=True, slots=True)
class Report:
    """What a restore found and did.

    Shape: `made_at` is that of the backup; `known` the largest checkpoint that the journal's storage or a
    witness has, and `behind` how many items the record had fewer. `erased` counts keys destroyed again,
    `renewed` changes of the directory made again. `awaited` has ids of events by organisation; the children
    they were about are closed until they are posted again.
    """

    made_at: str | None
    leaves: int
    known: int
    behind: int
    erased: int
    renewed: int
    views: int
    awaited: dict[str, list[str]] = field(default_factory=dict)
    parked: tuple[Parked, ...] = ()


def restore(settings: Settings, folder: Path | None, witnessed: Checkpoint | None, tell: Tell) -> Report:
    """Bring a record back: out of a backup's folder, or where it was put back by other means.

    1. The journal, from its first line to its last; of a backup the manifest and every file. One of the two
       may still be under the former master key.
    2. Put it into its place, which must be free, so that it says of itself that it is a backup; or go on
       where a restore of the same backup was interrupted.
    3. Bring it under the master key in force and its tables to this version, and check the whole of it
       against its ledger.
    4. Make bind again what the journal says; note which events it lacks.
    5. Build the views again. Only then may it be served.

    Raises: HubError store, with what to do.
    """
    keys = load_keys(settings)
    journal = _journal(settings, keys, folder, tell)
    last = sum(1 for _ in journal.read()) + journal.after()  # 1.
    manifest = None
    if folder is not None:
        manifest, key = read_manifest(folder, keys.masters, settings.id)
        _check_fit(settings, manifest, journal.after(), last)
        check_files(folder, manifest, tell)
        _put_back(settings, keys, folder, manifest, key, tell)  # 2.
    bring_record(settings, keys, SystemChance(), tell)  # 3.
    migrate(settings, keys)
    with _opened(settings) as store:
        if folder is None:
            _mark_put_back(store)
        _check_whole(settings, keys, manifest, tell)
        kept = journal.checkpoint()
        known = max((one.size for one in (kept, witnessed) if one is not None), default=0)
        leaves = store.record.head().leaves if manifest is None else manifest.standing.leaves
        _agree(store.record, [one for one in (kept, witnessed) if one is not None])
        erased, renewed = bring_up(store, journal, tell)  # 4.
    with _opened(settings) as store:
        awaited = missing_events(store)
        with open_views_of(store) as views:  # 5.
            projector = open_projector(store, views)
            position = projector.rebuild(lambda done, goal: tell("projecting", done, goal))
            parked = tuple(projector.parked())
        _finish(store, journal)
    made = None if manifest is None else manifest.made_at
    behind = max(known - leaves, 0)
    return Report(made, leaves, known, behind, erased, renewed, position, awaited, parked)


def bring_up(store: Store, journal: Journal, tell: Tell) -> tuple[int, int]:
    """Make bind again what the journal says and the record lacks; keys destroyed, changes made.

    1. Erasures and changes of the directory, in the order in which they were made; what an earlier restore
       brought up is left alone, because it may have been given again since.
    2. Note between which lines there may be events that the record lacks: readers of those children are
       refused until they are posted again.

    Shape: the same again changes nothing.
    """
    record = store.record
    lines = in_force(journal)
    due = [one for one in lines if one.number > record.mark(THROUGH)]
    head = record.head().position
    erased = renewed = 0
    for number, one in enumerate(due, 1):  # 1.
        tell("replaying", number, len(due))
        if one.act.kind == "erased":
            erased += _erase(record, one)
        elif one.act.kind == "directory":
            renewed += store.directory.renew(one.act)
    begun = record.mark(FROM)  # 2.
    events = [one for one in lines if one.act.kind == "event" and one.number > begun]
    through = journal.check()
    lacking = (one.number for one in events if record.find(one.act.source, one.act.id) is None)
    record.raise_mark(HEAD, head)
    record.raise_mark(LINES, through)
    record.raise_mark(FROM, next(lacking, through + 1) - 1)
    # The last of them: what was brought up is not brought up again.
    record.raise_mark(THROUGH, through)
    return erased, renewed


def missing_events(store: Store) -> dict[str, list[str]]:
    """The ids of the events that a restored record still lacks, by the organisation that posted them."""
    found: dict[str, list[str]] = {}
    for names in Awaited(store.record, store.journal).missing().values():
        for source, id in names:
            found.setdefault(source.removeprefix(_AGENCY), []).append(id)
    return {one: sorted(found[one]) for one in sorted(found)}


def waive(store: Store, organisation: str, event: str) -> None:
    """Wait no more for an event that will never be posted again; the record says that this was decided.

    Raises: HubError not-found, where it is not waited for; store.
    """
    if event not in missing_events(store).get(organisation, ()):
        raise HubError("not-found", "No child waits for this event. `hub restore --awaited` lists them.")
    source = f"{_AGENCY}{organisation}"
    body = orjson.dumps({"source": source, "id": event})
    draft = Draft(STREAM, "record", _SOURCE, f"waived-{store.chance.uuid()}", WAIVED, body, body)
    store.record.bind(Append((draft,)), [Act("waived", STREAM, source, event)])


def _journal(settings: Settings, keys: HubKeys, folder: Path | None, tell: Tell) -> Journal:
    """The journal; a copy of it from before the master key was changed is brought under the one in force.

    Why only where a backup or the record shows that one to be this hub's: a journal under a key that was set
    by mistake could not be read by the hub that uses it.
    """
    journal = journal_of(settings, keys)
    if keys.former_master is None or journal.is_ours():
        return journal
    if folder is None:
        proven = is_under(settings.record, keys.master)
    else:
        proven = read_manifest(folder, keys.masters, settings.id)[1] == keys.master
    if not proven:
        raise HubError("store", _NOT_CHANGED)
    bring_journal(settings, keys, tell)
    return journal


def _check_fit(settings: Settings, manifest: Manifest, begins: int, last: int) -> None:
    kind = "postgresql" if settings.on_postgresql else "sqlite"
    if manifest.store != kind:
        raise HubError(
            "store", f"This backup is of a record on {manifest.store}; set HUB_DATABASE_URL to one."
        )
    if manifest.standing.lines > last:
        raise HubError(
            "store",
            "The journal kept apart has fewer lines than when this backup was made: it was cut short. Put "
            "the whole file back from its other copy.",
        )
    if manifest.standing.lines < begins:
        raise HubError(
            "store",
            "This backup is older than the journal kept apart: what was erased and revoked in between is "
            "not known. Use a backup made after the journal was begun anew.",
        )


def _put_back(
    settings: Settings, keys: HubKeys, folder: Path, manifest: Manifest, key: bytes, tell: Tell
) -> None:
    if settings.on_postgresql:
        from hub.cli import backup_postgres  # its client is an extra

        url = str(settings.record)
        if backup_postgres.is_free(url):
            backup_postgres.put_back(url, folder, manifest.standing, key, tell)
            return
    elif backup_sqlite.is_free(settings.database_path):
        tell("restoring", 0, None)
        backup_sqlite.put_back(folder, settings.database_path)
        return
    if not any(_is_interrupted(settings, one, manifest) for one in keys.masters):
        raise HubError(
            "store",
            "There is a record here already. Restore into an empty place: another HUB_DATABASE_URL, or move "
            "this one away first.",
        )


def _is_interrupted(settings: Settings, master_key: bytes, manifest: Manifest) -> bool:
    try:
        with closing(Record.open(settings.record, master_key=master_key, chance=SystemChance())) as record:
            return is_put_back(record) and _is_of(record, manifest)
    except HubError:
        return False


def _is_of(record: Record, manifest: Manifest) -> bool:
    standing = manifest.standing
    if standing.checkpoint is None or record.head().leaves < standing.leaves:
        return record.head().leaves >= standing.leaves
    checkpoint = parse_checkpoint(standing.checkpoint)
    return record.ledger.root(checkpoint.size) == checkpoint.root


def _mark_put_back(store: Store) -> None:
    record = store.record
    if not is_put_back(record):
        record.raise_mark(BEGUN, record.mark(DONE) + 1)


def _check_whole(settings: Settings, keys: HubKeys, manifest: Manifest | None, tell: Tell) -> None:
    found = verify_record(
        settings.record,
        master_key=keys.master,
        keys=signer_of(settings, keys).note_keys,
        progress=lambda done, total: tell("verifying", done, total),
    )
    broken = found.first_break
    if broken is not None:
        raise HubError(
            "store",
            f"The record that was put back is damaged in {broken.place}: {broken.what}. "
            "It is not served. Empty its place, and restore another backup.",
        )
    if manifest is not None and found.items < manifest.standing.leaves:
        raise HubError("store", NOT_WHOLE)


def _agree(record: Record, others: list[Checkpoint]) -> None:
    """Compare what others kept of the ledger with this record, as far as it goes.

    Raises: HubError("store") where they were shown another history.
    """
    for one in others:
        if 0 < one.size <= record.ledger.size() and record.ledger.root(one.size) != one.root:
            raise HubError(
                "store",
                "A checkpoint that was kept elsewhere is not of this record: the backup was made after "
                "another restore, or is not what was served. It is not served; ask the witnesses.",
            )


def _erase(record: Record, line: Line) -> int:
    """Destroy keys again; what was posted after the backup and erased then is not to come back either.

    Its name is taken by a record of the hub, so that the same event posted again is a conflict.
    """
    erasure = read_erasure(line.act)
    destroyed = record.destroy_keys(erasure.key_ids)
    taken: list[Future[Appended]] = [
        record.append(Append((Draft(STREAM, "record", source, id, ERASED, _BODY, _BODY),)))
        for source, id in erasure.items
        if record.find(source, id) is None
    ]
    for one in taken:
        one.result()
    return destroyed


def _finish(store: Store, journal: Journal) -> None:
    """Let the record be served; the checkpoint kept apart is its own from now on, the former is beside."""
    latest = store.record.ledger.checkpoint()
    times = store.record.mark(BEGUN)
    kept = journal.checkpoint()
    if kept is not None and (latest is None or latest.text != kept.text):
        journal.keep_checkpoint(latest.text if latest else None, aside=f"before-restore-{times}")
    store.record.raise_mark(DONE, times)


@contextmanager
def _opened(settings: Settings) -> Iterator[Store]:
    with closing(open_store(settings, restoring=True)) as store:
        yield store
