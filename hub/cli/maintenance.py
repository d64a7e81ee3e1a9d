"""Commands that look after a hub: rebuild, verify and fsck."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import contextmanager

from hub.cli.compose import compose, open_projector, open_store, open_views_of
from hub.cli.keys import load_keys
from hub.cli.output import (
    NOT_AS_IT_SHOULD_BE,
    Json,
    counted,
    fail,
    plain_errors,
    print_json,
    progress,
    say,
    tell_views,
)
from hub.cli.signatures import Signatures
from hub.cli.signing import signer_of
from hub.envelope import JsonValue
from hub.record import Recorded
from hub.record.verify import OTHER_KEY, Restore, Verification, verify_record
from hub.settings import Settings, load_settings


def rebuild(as_json: Json = False) -> None:
    """Build the views again from the record, beside those that serve, and switch to them."""
    with plain_errors():
        store = open_store(load_settings())
        try:
            with open_views_of(store) as views, progress("projecting") as bar:
                projector = open_projector(store, views)
                position = projector.rebuild(
                    lambda done, goal: bar.update(bar.task_ids[0], completed=done, total=goal)
                )
                parked = projector.parked()
        finally:
            store.close()
    tell_views(position, parked, as_json)


def verify(as_json: Json = False) -> None:
    """Check the whole record against its ledger and its latest checkpoint, without a running hub."""
    _verify(as_json, deep=False)


def fsck(as_json: Json = False) -> None:
    """Check everything `verify` does, and that every event's signed bytes are there and verify.

    Lists the events that were received since the key that signed them was compromised.
    """
    _verify(as_json, deep=True)


def _verify(as_json: bool, *, deep: bool) -> None:
    with plain_errors():
        settings = load_settings()
        outcome, signatures = _checked(settings, deep)
    broken = outcome.first_break
    if as_json:
        found: dict[str, JsonValue] = {
            "whole": outcome.whole,
            "items": outcome.items,
            "erased": outcome.erased,
            "covered": outcome.covered,
            "root": outcome.root.hex(),
            "break": None
            if broken is None
            else {"place": broken.place, "position": broken.position, "what": broken.what},
        }
        print_json(found | _named(signatures))
    elif outcome.whole:
        items = counted(outcome.items, "item")
        say(f"{items}, {outcome.covered} under the latest checkpoint: everything fits.")
        if outcome.covered < outcome.items:
            say("The rest gets its checkpoint when the hub is served.")
    if broken is not None and broken.what == OTHER_KEY:
        fail(
            "The record cannot be checked: its format or the master key does not fit. Check HUB_MASTER_KEY. "
            "If it is right, what the record says about itself was changed: stop the hub, keep it, and "
            "restore from a backup.",
            NOT_AS_IT_SHOULD_BE,
        )
    if broken is not None:
        where = "" if broken.position is None else f", position {broken.position}"
        fail(
            f"The record is damaged in {broken.place}{where}: {broken.what}. "
            "Stop the hub, keep this file, and restore from a backup.",
            NOT_AS_IT_SHOULD_BE,
        )
    if signatures is not None and signatures.doubtful and not as_json:
        say(
            f"{counted(len(signatures.doubtful), 'event')} came since the signing key was compromised; have "
            "the agencies review what they sent: `hub fsck --json` lists it."
        )
    if signatures is not None and signatures.unverified:
        fail(
            f"{counted(len(signatures.unverified), 'event')} could not be verified with the key named there; "
            "`hub fsck --json` lists what it is about.",
            NOT_AS_IT_SHOULD_BE,
        )


def _named(signatures: Signatures | None) -> dict[str, JsonValue]:
    if signatures is None:
        return {}
    return {
        name: [{"source": one.source, "id": one.id} for one in events]
        for name, events in (
            ("unverified", signatures.unverified),
            ("since_compromise", signatures.doubtful),
        )
    }


def _checked(settings: Settings, deep: bool) -> tuple[Verification, Signatures | None]:
    keys = load_keys(settings)
    signers = signer_of(settings, keys).note_keys
    with _restoring(settings, deep) as (restore, signatures), progress("verifying") as bar:
        task = bar.task_ids[0]

        def tell(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        outcome = verify_record(
            settings.record,
            master_key=keys.master,
            keys=signers,
            restore=restore,
            progress=tell,
        )
        return outcome, signatures


@contextmanager
def _restoring(settings: Settings, deep: bool) -> Iterator[tuple[Restore | None, Signatures | None]]:
    """What gives an item's payload back and looks at its signature; a hub of its own, for `fsck` only."""
    if not deep:
        yield None, None
        return
    hub = compose(open_store(settings))
    signatures = Signatures(hub.store.directory)

    def payload(item: Recorded) -> bytes | None:
        if item.kind == "record" or item.body is None:
            return item.body
        compact = hub.intake.restore(item)
        signatures.check(item, compact)
        signed = compact.split(b".")[1]
        return base64.urlsafe_b64decode(signed + b"=" * (-len(signed) % 4))

    try:
        yield payload, signatures
    finally:
        hub.close()
