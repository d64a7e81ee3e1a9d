"""Commands over Kafka: handing events over, and receiving what became of them."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from agencies.cli.console import (
    JsonOption,
    KafkaOption,
    OrganisationOption,
    progress,
    say,
    say_beneath,
    say_json,
    signer_of,
)
from agencies.sdk.errors import AgencyError
from agencies.sdk.json import JsonObject, object_from, text_of
from agencies.sdk.keys import load_key
from agencies.sdk.outbox import Outbox
from agencies.sdk.receipts import verify_receipt

if TYPE_CHECKING:
    from agencies.sdk.mailbox import Came

_POLL_SECONDS: Final = 0.5


def hand_over(
    payloads: Sequence[bytes],
    organisation: str,
    keys: Path,
    hub_id: str | None,
    brokers: str,
    as_json: bool,
) -> None:
    """Sign events and hand them over to the brokers; their answers come to `agency receive`."""
    from agencies.sdk.kafka import KafkaSender, access_from, case_secret, record_key

    signing = signer_of(organisation, keys, _named(hub_id))
    secret = case_secret(keys, organisation)
    with KafkaSender(access_from(brokers, os.environ)) as sender, progress() as bar:
        task = bar.add_task("handing over", total=len(payloads))
        for payload in payloads:
            event = object_from(payload) or {}
            sender.send(signing(payload), record_key(organisation, text_of(event, "subject"), secret))
            bar.advance(task)
            if as_json:
                say_json({"id": text_of(event, "id"), "handed_over": True})
    if not as_json:
        say(f"{len(payloads)} handed over. Next: `agency receive` tells what the hub made of them.")


def run_over_kafka(
    outbox: Path, organisation: str, keys: Path, hub_id: str | None, brokers: str, as_json: bool
) -> None:
    """Hand over what waits in the outbox. Exit 1 if the brokers were away."""
    from agencies.sdk.kafka import KafkaSender, access_from, case_secret, record_key
    from agencies.sdk.mailbox import Mailbox

    signing = signer_of(organisation, keys, _named(hub_id))
    secret = case_secret(keys, organisation)
    with Outbox(outbox) as box, KafkaSender(access_from(brokers, os.environ)) as sender:
        handed = Mailbox(box, organisation).hand_over(
            sender.send, signing, lambda subject: record_key(organisation, subject, secret)
        )
        waiting = len(box.items("queued"))
    if as_json:
        say_json({"handed_over": handed, "waiting": waiting})
    else:
        say(f"{handed} handed over, {waiting} wait for their answer. Next: `agency receive`.")


def receive(
    outbox: Annotated[Path, typer.Option("--outbox", envvar="AGENCY_OUTBOX", help="The outbox file.")],
    organisation: OrganisationOption,
    kafka: KafkaOption = None,
    hub_key: Annotated[
        list[Path] | None,
        typer.Option(
            "--hub-key",
            help="File with the hub's verifier key (or a JWK, or PEM): only receipts it signed count.",
        ),
    ] = None,
    hub_id: Annotated[
        str | None, typer.Option("--hub-id", envvar="AGENCY_HUB_ID", help="Id of the hub (HUB_ID).")
    ] = None,
    seconds: Annotated[
        float, typer.Option("--for", help="End when nothing has come for so many seconds; 0: never.")
    ] = 5.0,
    as_json: JsonOption = False,
) -> None:
    """Receive receipts, refusals and notices through Kafka, and keep them in the outbox.

    Exit 1 if anything was refused, or a receipt does not hold.
    """
    from agencies.sdk.kafka import KafkaReceiver, access_from
    from agencies.sdk.mailbox import Mailbox

    if kafka is None:
        raise AgencyError("There are no brokers.", "Give --kafka.")
    bad = 0
    with Outbox(outbox) as box, box.only_run():
        if not hub_key:
            mailbox = Mailbox(box, organisation)
        else:
            key, *former = (load_key(one, private=False) for one in hub_key)
            origin = _named(hub_id)

            def verify(answer: JsonObject, payload: bytes) -> object:
                return verify_receipt(answer, payload, key, origin, former)

            mailbox = Mailbox(box, organisation, verify)
        with KafkaReceiver(access_from(kafka, os.environ), mailbox.topics, mailbox.places()) as receiver:
            last = time.monotonic()
            while not seconds or time.monotonic() - last < seconds:
                for message in receiver.poll(_POLL_SECONDS):
                    last = time.monotonic()
                    came = mailbox.take(message)
                    bad += came.kind in ("refusal", "untrue")
                    _say(came, as_json)
    if bad:
        raise typer.Exit(1)


def register_receive(app: typer.Typer) -> None:
    """Give the command line the command `receive`."""
    app.command()(receive)


def _say(came: Came, as_json: bool) -> None:
    if came.kind in ("known", "other"):
        return
    if as_json:
        say_json(
            {
                "kind": came.kind,
                "id": came.id,
                "status": came.status,
                "slug": came.slug,
                "rule": came.rule,
                "detail": came.detail or None,
            }
        )
    elif came.kind == "refusal":
        say(f"{came.id}  refused: {came.slug}{f' ({came.rule})' if came.rule else ''}")
        say_beneath(came.detail)
    elif came.kind == "receipt":
        say(f"{came.id}  {'held' if came.status == 201 else 'held already'}")
    elif came.kind == "notice":
        say(f"{came.id}  notice")
    else:
        say(f"{came.id}  a receipt that does not hold: keep it, and tell the hub's operator")


def _named(hub_id: str | None) -> str:
    if hub_id is None:
        raise AgencyError("The hub is not named.", "Give --hub-id.")
    return hub_id
