"""Commands that take a backup and put one back: backup, restore."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Annotated, Final

import typer

from hub.cli import backup_sqlite
from hub.cli.backup_manifest import Manifest, StoredFile, Tell, digest_of, write_manifest
from hub.cli.backup_restoring import Report, missing_events, restore, waive
from hub.cli.compose import Store, open_store
from hub.cli.keys import load_keys
from hub.cli.output import USED_WRONGLY, Json, counted, fail, plain_errors, print_json, progress, say
from hub.cli.signing import signer_of
from hub.envelope import JsonValue
from hub.errors import HubError
from hub.record import Checkpoint, parse_checkpoint, verify_checkpoint
from hub.record.verify import verify_record
from hub.settings import Settings, load_settings

_SHOWN: Final = 10


def backup(
    to: Annotated[
        Path, typer.Option("--to", help="A new or empty folder, on other storage than the record.")
    ],
    as_json: Json = False,
) -> None:
    """Take a backup of the record while the hub is used, and check it.

    The keys are not in it: keep the master key and the signing key elsewhere.
    """
    with plain_errors(), _telling() as tell, closing(open_store(load_settings())) as store:
        made = _taken(store, to, tell)
    if as_json:
        print_json(_manifest(made, to))
        return
    say(f"Backed up {counted(made.standing.leaves, 'item')} of {made.hub} to {to}.")
    say(
        "Its ledger fits its latest checkpoint."
        if made.store == "sqlite"
        else "Its ledger is checked when it is restored; practise that."
    )
    say("Keep it apart from the master key. Next: practise `hub restore` somewhere else.")


def restore_command(
    folder: Annotated[
        Path | None,
        typer.Option("--from", help="The folder of a backup; HUB_DATABASE_URL names an empty place."),
    ] = None,
    in_place: Annotated[
        bool, typer.Option("--in-place", help="The database was put back by its own means; bring it up.")
    ] = False,
    checkpoint: Annotated[
        Path | None, typer.Option(help="A checkpoint that a witness kept, to compare with.")
    ] = None,
    awaited: Annotated[
        bool, typer.Option("--awaited", help="Only list the events that children still wait for.")
    ] = False,
    waived: Annotated[
        str | None,
        typer.Option("--waive", metavar="ORGANISATION/EVENT", help="Wait no more for this event; recorded."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Put a backup back, destroy and revoke again what was since, and say what agencies must post again."""
    if sum((folder is not None, in_place, awaited, waived is not None)) != 1:
        fail("Say one of --from FOLDER, --in-place, --awaited, --waive ORGANISATION/EVENT.", USED_WRONGLY)
    with plain_errors():
        if awaited or waived is not None:
            _tell_awaited(_after_waiving(waived), as_json)
            return
        settings = load_settings()
        with _telling() as tell:
            report = restore(settings, folder, _witnessed(settings, checkpoint), tell)
    _tell_report(report, as_json)
    if report.parked:
        fail(f"{counted(len(report.parked), 'item')} could not be taken up by the views; see `hub project`.")


def _taken(store: Store, to: Path, tell: Tell) -> Manifest:
    """Take a backup.

    1. Check the journal kept apart from its first line: without it the backup could not be restored.
    2. Copy the record as of one moment into an empty folder.
    3. Open the copy and check all of it, where it can be opened where it stands.
    4. Digest the files, and write the manifest last.

    Raises: HubError store.
    """
    settings, made_at = store.settings, store.clock.wall()
    for line in store.journal.read():  # 1.
        tell("journal", line.number, None)
    _make_empty(to)  # 2.
    master = store.keys.master
    if settings.on_postgresql:
        from hub.cli import backup_postgres  # its client is an extra

        standing = backup_postgres.dump(str(settings.record), to, tell)
        file = to / backup_postgres.FILE
    else:
        path, chance = settings.database_path, store.chance
        standing = backup_sqlite.copy_out(
            path, to, master_key=master, signer=store.signer, chance=chance, tell=tell
        )
        file = to / backup_sqlite.FILE
        found = verify_record(  # 3.
            file,
            master_key=master,
            keys=store.signer.note_keys,
            progress=lambda done, total: tell("verifying", done, total),
        )
        if found.first_break is not None:
            raise HubError("store", "What was copied does not verify. Run `hub verify`; keep older backups.")
    files: tuple[StoredFile, ...] = (digest_of(file, tell),)  # 4.
    kind = "postgresql" if settings.on_postgresql else "sqlite"
    made = Manifest(settings.id, kind, made_at.isoformat(timespec="seconds"), standing, files)
    write_manifest(to, made, master)
    return made


def _make_empty(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if any(folder.iterdir()):
            raise HubError("schema", "The folder is not empty; every backup has a folder of its own.")
        folder.chmod(0o700)
    except OSError:
        raise HubError("store", "The backup's folder cannot be written.") from None


def _witnessed(settings: Settings, file: Path | None) -> Checkpoint | None:
    if file is None:
        return None
    keys = signer_of(settings, load_keys(settings)).note_keys
    try:
        return verify_checkpoint(file.read_text(encoding="utf-8"), *keys)
    except (OSError, UnicodeDecodeError):
        raise HubError("schema", "The witness's checkpoint cannot be read.") from None


def _after_waiving(waived: str | None) -> dict[str, list[str]]:
    with closing(open_store(load_settings())) as store:
        if waived is not None:
            organisation, _, event = waived.partition("/")
            waive(store, organisation, event)
        return missing_events(store)


def _tell_awaited(awaited: dict[str, list[str]], as_json: bool) -> None:
    if as_json:
        print_json({"awaited": {one: list(ids) for one, ids in awaited.items()}})
        return
    for organisation, ids in awaited.items():
        say(f"{organisation} must post again: {', '.join(ids)}")
    if not awaited:
        say("No child waits for an event.")


def _tell_report(report: Report, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                "made_at": report.made_at,
                "items": report.leaves,
                "known": report.known,
                "behind": report.behind,
                "erased_again": report.erased,
                "changes_made_again": report.renewed,
                "views": report.views,
                "awaited": {one: list(ids) for one, ids in report.awaited.items()},
            }
        )
        return
    since = "" if report.made_at is None else f" of {report.made_at}"
    say(f"The record{since} stands, with {counted(report.leaves, 'item')}; its ledger fits.")
    erased, renewed = counted(report.erased, "key"), counted(report.renewed, "change")
    say(f"Destroyed again: {erased}. Made again: {renewed} of the directory.")
    if report.behind:
        say(
            f"It is {counted(report.behind, 'item')} behind the last checkpoint known. Every agency posts "
            f"again what it posted since: `agency outbox again --since {report.made_at or 'TIME'}`, then "
            "`agency outbox run`; what the record holds already is answered as before."
        )
    for organisation, ids in report.awaited.items():
        more = f" and {len(ids) - _SHOWN} more" if len(ids) > _SHOWN else ""
        say(f"Children stay closed until {organisation} posts again: {', '.join(ids[:_SHOWN])}{more}")
    say("Next: hub serve. Tell the witnesses that the ledger goes on from here; start `hub tick` last.")


def _manifest(made: Manifest, folder: Path) -> dict[str, JsonValue]:
    return {
        "folder": str(folder),
        "hub": made.hub,
        "made_at": made.made_at,
        "items": made.standing.leaves,
        "checkpointed": parse_checkpoint(made.standing.checkpoint).size if made.standing.checkpoint else 0,
        "journal_lines": made.standing.lines,
        "files": [{"name": one.name, "bytes": one.bytes, "sha256": one.sha256} for one in made.files],
    }


@contextmanager
def _telling() -> Iterator[Tell]:
    """A progress bar that says what is being done."""
    with progress("beginning") as bar:
        task = bar.task_ids[0]

        def tell(what: str, done: int, total: int | None) -> None:
            bar.update(task, description=what, completed=done, total=total)

        yield tell
