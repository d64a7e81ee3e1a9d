"""Changing the master key: the command, what it does in which order, and what a restore needs of it."""

from __future__ import annotations

from contextlib import closing, suppress
from dataclasses import dataclass
from typing import Final

import typer

from hub.cli.backup_manifest import Tell
from hub.cli.keys import HubKeys, keys_to_change, put_new_key_in_place
from hub.cli.output import Json, counted, plain_errors, print_json, progress, say
from hub.cli.world import SystemChance
from hub.errors import HubError
from hub.record import Chance, Record
from hub.record.binding import refuse_older
from hub.record.kept_apart import Journal
from hub.record.master import change_master_key, is_under
from hub.settings import Settings, load_settings

master_key: Final = typer.Typer(no_args_is_help=True, help="The key that everything in the record hangs on.")
_NEITHER: Final = (
    "The record is under neither of the two master keys. Set HUB_FORMER_MASTER_KEY to the one that it is "
    "under now, and HUB_MASTER_KEY to the new one."
)
_NEITHER_JOURNAL: Final = (
    "The journal kept apart is of another hub, or under neither of the two master keys. Check "
    "HUB_KEPT_APART, HUB_ID, HUB_MASTER_KEY and HUB_FORMER_MASTER_KEY."
)


@dataclass(frozen=True, slots=True)
class Changed:
    """What is under the master key in force: how many data keys, and up to which line the journal kept apart.

    Shape: `anything` says whether anything was not so before.
    """

    data_keys: int
    lines: int
    anything: bool


@master_key.command()
def change(as_json: Json = False) -> None:
    """Bring the record and the journal kept apart from HUB_FORMER_MASTER_KEY to HUB_MASTER_KEY.

    Stop every process of the hub first. If this is interrupted, run the same again.
    """
    with plain_errors(), progress("beginning") as bar:
        task = bar.task_ids[0]

        def tell(what: str, done: int, total: int | None) -> None:
            bar.update(task, description=what, completed=done, total=total)

        done = change_everything(load_settings(), SystemChance(), tell)
    if as_json:
        print_json({"changed": done.anything, "data_keys": done.data_keys, "journal_lines": done.lines})
        return
    if not done.anything:
        say(
            "The record and the journal were under the new master key already: nothing had to be changed. If "
            "HUB_MASTER_KEY is the former one, set the two the other way round and run this again."
        )
        return
    keys, lines = counted(done.data_keys, "data key"), counted(done.lines, "line")
    say(f"Under the new master key: {keys}, and {lines} of the journal.")
    say(
        "Next: copy the journal and the new key to where their second copies are, start every process with "
        "the new HUB_MASTER_KEY and without the former one, then `hub verify` and `hub backup`."
    )
    say("Whoever was signed in signs in again. Backups from before can be restored with the former key only.")


def change_everything(settings: Settings, chance: Chance, tell: Tell) -> Changed:
    """Change the master key of a hub; made again after an interruption, it goes on.

    1. The former and the new key; in development, where keys stand in files, the new one is made beside.
    2. See that record and journal are each under one of the two, are whole, and belong together. Nothing is
       changed before.
    3. The record, all of it or nothing.
    4. The journal, all of it or nothing. Where it ends between the two, neither key starts a process.
    5. Put the new key into the place of the file of the former one, in development.

    Raises: HubError store, with what to do; SettingsError.
    """
    keys = keys_to_change(settings, chance)  # 1.
    anything = _check(settings, keys, chance, tell)  # 2.
    data_keys = _change_record(settings, keys, chance, tell)  # 3.
    lines = bring_journal(settings, keys, tell)  # 4.
    put_new_key_in_place(settings)  # 5.
    return Changed(data_keys, lines, anything)


def bring_record(settings: Settings, keys: HubKeys, chance: Chance, tell: Tell) -> None:
    """Bring a record that was put back, and is under the former master key, under the one in force.

    Shape: its tables may be those of an older version; nothing is done without a former key.
    Raises: HubError store.
    """
    if keys.former_master is None:
        return
    with suppress(HubError):
        Record.migrate(settings.record, master_key=keys.master, chance=chance)
        return
    Record.migrate(settings.record, master_key=keys.former_master, chance=chance)
    _change_record(settings, keys, chance, tell)


def bring_journal(settings: Settings, keys: HubKeys, tell: Tell) -> int:
    """Bring the journal under the master key in force, where it is under the former one; its last number.

    Raises: HubError store, where there is none, or it is under neither.
    """
    journal = _journal(settings, keys.master)
    if keys.former_master is None or journal.is_ours():
        return journal.check()
    former = _journal(settings, keys.former_master)
    if not former.is_ours():
        raise HubError("store", _NEITHER_JOURNAL)
    total = former.check()
    return journal.take_over(former, lambda number: tell("journal", number, total))


def _check(settings: Settings, keys: HubKeys, chance: Chance, tell: Tell) -> bool:
    """Whether the record or the journal is still under the former key; refuses what neither key opens."""
    under = next((one for one in keys.masters if is_under(settings.record, one)), None)
    if under is None:
        raise HubError("store", _NEITHER)
    written = next((one for one in keys.masters if _journal(settings, one).is_ours()), None)
    if written is None:
        raise HubError("store", _NEITHER_JOURNAL)
    journal = _journal(settings, written)
    for line in journal.read():
        tell("reading the journal", line.number, None)
    with closing(Record.open(settings.record, master_key=under, chance=chance)) as record:
        refuse_older(record, journal)
    return (under, written) != (keys.master, keys.master)


def _change_record(settings: Settings, keys: HubKeys, chance: Chance, tell: Tell) -> int:
    assert keys.former_master is not None
    return change_master_key(
        settings.record,
        former=keys.former_master,
        current=keys.master,
        chance=chance,
        progress=lambda done, total: tell("data keys", done, total),
    )


def _journal(settings: Settings, key: bytes) -> Journal:
    return Journal(settings.kept_apart_folder, master_key=key, hub=settings.id)
