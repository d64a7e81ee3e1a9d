"""What commands have in common: options, output, and how a set-up becomes a client."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final, TypeAlias

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from agencies.sdk.client import HubClient, Remark
from agencies.sdk.json import JsonValue, to_bytes
from agencies.sdk.keys import load_key, paths_of
from agencies.sdk.sign import sign_event

SHOWN: Final = Console(highlight=False)
ASIDE: Final = Console(stderr=True, highlight=False)

OrganisationOption: TypeAlias = Annotated[
    str,
    typer.Option(
        "--organisation", envvar="AGENCY_ORGANISATION", help="Who posts, e.g. education.elm-school."
    ),
]
KeysOption: TypeAlias = Annotated[
    Path, typer.Option("--keys", envvar="AGENCY_KEYS", help="Directory with the key pairs.")
]
HubIdOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--hub-id",
        envvar="AGENCY_HUB_ID",
        help="Id of the hub (HUB_ID); the address given by --hub if left out.",
    ),
]
KafkaOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--kafka",
        envvar="AGENCY_KAFKA",
        help="Brokers (HOST:PORT,...): through Kafka instead of HTTP. AGENCY_KAFKA_SECURITY_PROTOCOL,"
        " _SASL_MECHANISM, _SASL_USERNAME, _SASL_PASSWORD, _CA_FILE, _CERTIFICATE_FILE and _KEY_FILE"
        " say how to sign in.",
    ),
]
MaybeHubOption: TypeAlias = Annotated[
    str | None,
    typer.Option("--hub", envvar="AGENCY_HUB", help="Address of the hub; not needed with --kafka."),
]
JsonOption: TypeAlias = Annotated[bool, typer.Option("--json", help="Answer in JSON, for scripts.")]


def say(text: str) -> None:
    """A line for people, on the output."""
    SHOWN.print(text, markup=False, soft_wrap=True)


def counted(number: int, one: str) -> str:
    """A number with what it counts: one thing, or many of them."""
    return f"{number} {one if number == 1 else one + 's'}"


def say_json(value: JsonValue) -> None:
    """One JSON line on the output."""
    typer.echo(to_bytes(value).decode())


def say_beneath(*texts: str) -> None:
    """What belongs to the line above, each on a line of its own."""
    for text in texts:
        if text:
            say(f"    {text}")


def remarked(remarks: Sequence[Remark]) -> list[str]:
    """What the hub notes beside an event, a line each."""
    return [f"noted: {one.text} [{'; '.join(filter(None, (one.rule, one.source)))}]" for one in remarks]


def complain(message: str, fix: str) -> None:
    """A fault and the next step, beside the output."""
    ASIDE.print(f"agency: {message}\n{fix}", markup=False, soft_wrap=True, style="red")


def progress() -> Progress:
    """A progress bar beside the output; silent where nobody looks."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=ASIDE,
        transient=True,
        disable=not ASIDE.is_terminal,
    )


def client_of(hub: str, organisation: str, keys: Path) -> HubClient:
    """A connection to the hub in the name of an organisation.

    Raises: AgencyError where its client key cannot be read.
    """
    return HubClient(hub, organisation, load_key(paths_of(keys, organisation, "client")[0]))


def signer_of(organisation: str, keys: Path, audience: str) -> Callable[[bytes], str]:
    """Signs payloads now, with the organisation's key for events.

    Raises: AgencyError where that key cannot be read.
    """
    key = load_key(paths_of(keys, organisation, "events")[0])
    return lambda payload: sign_event(payload, key, audience=audience, now=datetime.now(UTC))


def read_lines(path: Path) -> list[bytes]:
    """The payloads of a file, one a line."""
    return [line for line in path.read_bytes().split(b"\n") if line]
