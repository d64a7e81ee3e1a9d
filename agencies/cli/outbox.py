"""Commands about the durable outbox."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final, TypeAlias

import typer

from agencies.cli.console import (
    HubIdOption,
    JsonOption,
    KafkaOption,
    KeysOption,
    MaybeHubOption,
    OrganisationOption,
    client_of,
    complain,
    counted,
    progress,
    read_lines,
    remarked,
    say,
    say_beneath,
    say_json,
    signer_of,
)
from agencies.cli.over_kafka import run_over_kafka
from agencies.sdk.errors import AgencyError
from agencies.sdk.json import JsonValue
from agencies.sdk.outbox import STATES, Outbox, OutboxItem, OutboxRun

_INSTANTS: Final = ["%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d"]
outbox_app: Final = typer.Typer(
    help="The durable outbox: nothing queued is lost, nothing is sent twice as new.", no_args_is_help=True
)
OutboxOption: TypeAlias = Annotated[
    Path, typer.Option("--outbox", envvar="AGENCY_OUTBOX", help="The outbox file.")
]


@outbox_app.command()
def add(
    file: Annotated[Path, typer.Argument(help="Events, one a line, as `convert` makes them.")],
    outbox: OutboxOption,
) -> None:
    """Queue events; what stands in the outbox already stays as it is, what was refused is queued again."""
    payloads = read_lines(file)
    with Outbox(outbox) as box:
        for payload in payloads:
            box.add(payload)
        waiting = len(box.items("queued"))
    say(f"{counted(len(payloads), 'event')} given, {waiting} waiting. Next: `agency outbox run`.")


@outbox_app.command()
def run(
    outbox: OutboxOption,
    organisation: OrganisationOption,
    keys: KeysOption,
    hub: MaybeHubOption = None,
    hub_id: HubIdOption = None,
    kafka: KafkaOption = None,
    as_json: JsonOption = False,
) -> None:
    """Send what waits, and fetch the proofs still missing. Exit 1 if anything waits or was refused."""
    if kafka is not None:
        run_over_kafka(outbox, organisation, keys, hub_id, kafka, as_json)
        return
    if hub is None:
        raise AgencyError("There is no address.", "Give --hub, or --kafka with --hub-id.")
    signing = signer_of(organisation, keys, hub_id or hub)
    with Outbox(outbox) as box, client_of(hub, organisation, keys) as client, progress() as bar:
        task = bar.add_task("sending", total=len(box.items("queued")))

        def moved(item: OutboxItem) -> None:
            bar.advance(task)

        done = box.run(client, signing, after_each=moved)
        proofs = box.fetch_proofs(client) if done.stopped is None else 0
    _say_run(done, proofs, as_json)
    if done.refused or done.waiting:
        raise typer.Exit(1)


@outbox_app.command()
def again(
    outbox: OutboxOption,
    since: Annotated[
        datetime, typer.Option(formats=_INSTANTS, help="From when on; UTC where it has no offset.")
    ],
) -> None:
    """Queue again what was sent since an instant, for a hub that was restored; it keeps nothing twice."""
    with Outbox(outbox) as box:
        count = box.again(since if since.tzinfo else since.replace(tzinfo=UTC))
    say(f"To be sent again: {counted(count, 'event')}. Next: `agency outbox run`.")


@outbox_app.command("list")
def list_items(
    outbox: OutboxOption,
    state: Annotated[str | None, typer.Option(help="queued, sent or refused.")] = None,
    as_json: JsonOption = False,
) -> None:
    """List what stands in the outbox: ids, types, states and what the hub noted, never content."""
    if state is not None and state not in STATES:
        raise AgencyError("There is no such state.", f"Choose one of: {', '.join(STATES)}.")
    with Outbox(outbox) as box:
        items = box.items(state)
    for item in items:
        if as_json:
            say_json(_described(item))
        else:
            why = f": {item.slug}{f' ({item.rule})' if item.rule else ''}" if item.slug else ""
            proved = ", proved" if item.proved else ""
            say(f"{item.seq:6} {item.id:26} {item.type:50} {item.state}{why}{proved}")
            say_beneath(item.detail or "", *remarked(item.remarks))
    if not as_json:
        say(f"{counted(len(items), 'event')}.")


def _described(item: OutboxItem) -> dict[str, JsonValue]:
    return {
        "seq": item.seq,
        "id": item.id,
        "type": item.type,
        "state": item.state,
        "status": item.status,
        "slug": item.slug,
        "rule": item.rule,
        "detail": item.detail,
        "noted": [{"rule": one.rule, "text": one.text, "source": one.source} for one in item.remarks],
        "proved": item.proved,
        "changed_at": item.changed_at,
    }


def _say_run(done: OutboxRun, proofs: int, as_json: bool) -> None:
    if as_json:
        say_json(
            {
                "sent": done.sent,
                "refused": done.refused,
                "waiting": done.waiting,
                "stopped": done.stopped,
                "proofs": proofs,
            }
        )
        return
    fetched = counted(proofs, "proof")
    say(f"{done.sent} sent, {done.refused} refused, {done.waiting} waiting, {fetched} fetched.")
    if done.stopped == "unavailable":
        complain("The hub is away.", "Nothing is lost: run again later.")
    elif done.stopped is not None:
        complain(
            f"The hub refuses this sender: {done.stopped}.",
            "Have keys, organisation and hub id checked; nothing is lost, all that waits is still queued.",
        )
    if done.refused:
        say("Next: `agency outbox list --state refused`, then correct the record or ask the hub's operator.")
