"""Commands about keys, events and receipts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final, cast

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
from agencies.cli.over_kafka import hand_over
from agencies.conversion import CONVERTERS, convert
from agencies.sdk.build import cloud_event, event_id, source_urn
from agencies.sdk.client import Accepted, Answer, Refused
from agencies.sdk.errors import AgencyError
from agencies.sdk.json import object_from, text_of
from agencies.sdk.keys import USES, Algorithm, generate_key, load_key, write_pair
from agencies.sdk.outbox import Outbox
from agencies.sdk.receipts import ReceiptFault, verify_receipt

app: Final = typer.Typer(
    name="agency",
    help="An agency's side of the safeguarding hub: keys, events, outbox, receipts.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
_ALGORITHMS: Final = ("Ed25519", "ES256")


@app.command()
def keygen(
    organisations: Annotated[list[str], typer.Argument(help="Whose keys, e.g. education.elm-school.")],
    keys: KeysOption,
    algorithm: Annotated[str, typer.Option(help="Ed25519 or ES256.")] = "Ed25519",
    as_json: JsonOption = False,
) -> None:
    """Make two key pairs for each: one to sign events, one to ask for access tokens."""
    if algorithm not in _ALGORITHMS:
        raise AgencyError("There is no such algorithm here.", "Choose Ed25519 or ES256.")
    pairs = [
        write_pair(keys, organisation, use, generate_key(cast(Algorithm, algorithm)))
        for organisation in organisations
        for use in USES
    ]
    if as_json:
        say_json([{"use": one.use, "kid": one.kid, "public": str(one.public)} for one in pairs])
        return
    for one in pairs:
        say(f"{one.use:7} {one.kid}  {one.public}")
    say("Next: give the two .jwk files to the hub's operator (`hub key add`). Keep the .pem files here.")


@app.command("convert")
def convert_file(
    agency: Annotated[str, typer.Argument(help=f"One of: {', '.join(CONVERTERS)}.")],
    file: Annotated[Path, typer.Argument(help="The native export.")],
    organisation: OrganisationOption,
    out: Annotated[Path, typer.Option("--out", help="Where the events go, one a line.")],
    as_json: JsonOption = False,
) -> None:
    """Convert a native export into events, ready to be signed or queued.

    Shows record numbers, types and ids only; what the records say goes to the file.
    """
    events = convert(agency, file.read_bytes(), organisation)
    out.write_bytes(b"".join(cloud_event(event) + b"\n" for event in events))
    out.chmod(0o600)
    for event in events:
        named = event_id(event.organisation, event.record, event.type)
        if as_json:
            say_json({"record": event.record, "type": event.type, "id": named})
        else:
            say(f"{event.record:16} {event.type:36} {named}")
    if not as_json:
        made = counted(len(events), "event")
        say(f"{made} in {out}. Next: `agency outbox add {out}`, then `agency outbox run`.")


@app.command()
def sign(
    file: Annotated[Path, typer.Argument(help="Events, one a line, as `convert` makes them.")],
    organisation: OrganisationOption,
    keys: KeysOption,
    hub_id: Annotated[str, typer.Option("--hub-id", envvar="AGENCY_HUB_ID", help="Id of the hub (HUB_ID).")],
    out: Annotated[Path, typer.Option("--out", help="Where the signed events go, one a line.")],
) -> None:
    """Sign events for one hub."""
    signing = signer_of(organisation, keys, hub_id)
    signed = [signing(_own(payload, organisation)) for payload in read_lines(file)]
    out.write_text("".join(f"{one}\n" for one in signed), encoding="ascii")
    out.chmod(0o600)
    say(f"{len(signed)} signed events in {out}. Next: post them, or hand them to your own transport.")


@app.command()
def post(
    file: Annotated[Path, typer.Argument(help="Events, one a line, as `convert` makes them.")],
    organisation: OrganisationOption,
    keys: KeysOption,
    hub: MaybeHubOption = None,
    hub_id: HubIdOption = None,
    batch: Annotated[bool, typer.Option("--batch", help="One request for up to 1,000 events.")] = False,
    kafka: KafkaOption = None,
    as_json: JsonOption = False,
) -> None:
    """Sign and post events at once, without the outbox. Exit 1 if any was refused."""
    payloads = [_own(payload, organisation) for payload in read_lines(file)]
    if kafka is not None:
        hand_over(payloads, organisation, keys, hub_id, kafka, as_json)
        return
    if hub is None:
        raise AgencyError("There is no address.", "Give --hub, or --kafka with --hub-id.")
    signing = signer_of(organisation, keys, hub_id or hub)
    answers: list[Answer] = []
    with client_of(hub, organisation, keys) as client, progress() as bar:
        task = bar.add_task("posting", total=len(payloads))
        if batch:
            answers = client.post_batch([signing(payload) for payload in payloads])
            bar.update(task, completed=len(payloads))
        else:
            for payload in payloads:
                answers.append(client.post(signing(payload)))
                bar.advance(task)
    for payload, answer in zip(payloads, answers, strict=True):
        _say_answer(text_of(object_from(payload) or {}, "id"), answer, as_json)
    refused = sum(isinstance(answer, Refused) for answer in answers)
    if not as_json:
        say(f"{len(answers) - refused} held by the hub, {refused} refused.")
    if refused:
        raise typer.Exit(1)


@app.command("verify-receipt")
def verify(
    event: Annotated[str, typer.Argument(help="Id of the event.")],
    outbox: Annotated[Path, typer.Option("--outbox", envvar="AGENCY_OUTBOX", help="The outbox file.")],
    organisation: OrganisationOption,
    hub_key: Annotated[
        list[Path],
        typer.Option(
            "--hub-key",
            help="File with the verifier key that the hub's operator gave you (or a JWK, or PEM);"
            " again for each it signed with before.",
        ),
    ],
    hub_id: Annotated[str, typer.Option("--hub-id", envvar="AGENCY_HUB_ID", help="Id of the hub (HUB_ID).")],
    as_json: JsonOption = False,
) -> None:
    """Verify a kept receipt offline: signature, content, and place in the hub's ledger.

    Exit 0 proved, 1 not right, or right but not proved yet.
    """
    if not outbox.exists():
        raise AgencyError(f"There is no outbox {outbox}.", "Name the file that `outbox run` uses.")
    key, *former = (load_key(one, private=False) for one in hub_key)
    with Outbox(outbox) as box:
        item = box.find(source_urn(organisation), event)
        payload = box.payload(item)
    if item.answer is None:
        raise AgencyError("There is no receipt for this event.", "Send it first: `agency outbox run`.")
    try:
        verified = verify_receipt(item.answer, payload, key, hub_id, former)
    except ReceiptFault as fault:
        if as_json:
            say_json({"id": event, "verified": False, "check": fault.check})
        complain(
            f"The receipt does not hold: {fault.check}.",
            "Keep the receipt as it is and tell the hub's operator and your partner organisations.",
        )
        raise typer.Exit(1) from fault
    checkpoint = verified.checkpoint
    if as_json:
        size = None if checkpoint is None else checkpoint.size
        say_json({"id": event, "verified": True, "leaf_index": verified.leaf_index, "checkpoint_size": size})
    elif checkpoint is None:
        say("Signed by the hub for exactly this event. No proof yet: `agency outbox run` fetches it.")
    else:
        say(f"Proved: leaf {verified.leaf_index} of the ledger, under the checkpoint of {checkpoint.size}.")
    if checkpoint is None:
        raise typer.Exit(1)


def _own(payload: bytes, organisation: str) -> bytes:
    """The payload, if it is this organisation's: a key never signs for another."""
    if text_of(object_from(payload) or {}, "source") != source_urn(organisation):
        raise AgencyError("An event in the file is not of this organisation.", "Convert and post each apart.")
    return payload


def _say_answer(named: str, answer: Answer, as_json: bool) -> None:
    if as_json:
        refused = answer if isinstance(answer, Refused) else None
        remarks = answer.remarks if isinstance(answer, Accepted) else ()
        say_json(
            {
                "id": named,
                "status": answer.status,
                "held": refused is None,
                "slug": refused.slug if refused else None,
                "rule": refused.rule if refused else None,
                "detail": refused.detail if refused else None,
                "noted": [{"rule": one.rule, "text": one.text, "source": one.source} for one in remarks],
            }
        )
    elif isinstance(answer, Refused):
        say(f"{named}  refused: {answer.slug}{f' ({answer.rule})' if answer.rule else ''}")
        say_beneath(answer.detail)
    else:
        say(f"{named}  {'held' if answer.status == 201 else 'held already'}")
        say_beneath(*remarked(answer.remarks))
