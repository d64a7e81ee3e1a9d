"""Commands of the directory: organisations, people, keys. They write beside a running server."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer

from hub.cli.compose import open_store
from hub.cli.output import USED_WRONGLY, Json, fail, plain_errors, print_json, print_rows, say
from hub.directory import Directory, OrganisationKey
from hub.envelope import JsonValue
from hub.settings import load_settings

organisations = typer.Typer(no_args_is_help=True, help="Organisations that take part.")
people = typer.Typer(no_args_is_help=True, help="People of organisations, and their roles.")
keys = typer.Typer(no_args_is_help=True, help="Public keys of organisations.")

_OVERLAP_HOURS: Final = 72
# One thumbprint in 64 begins with a dash, and would be read as an option.
_THUMBPRINT: Final = {"ignore_unknown_options": True}

Organisation = Annotated[str, typer.Argument(help="Organisation id, e.g. education.elm-school")]
Person = Annotated[str, typer.Argument(help="Person id, e.g. education.elm-school/dsl-1")]
Role = Annotated[str, typer.Argument(help="Role, in kebab case, e.g. social-worker")]
KeyFile = Annotated[
    Path, typer.Argument(help="File with the public key as a JSON Web Key, or - for standard input")
]


class Use(StrEnum):
    """What a key is for: signing events, or signing in as a system."""

    EVENTS = "events"
    CLIENT = "client"


@contextmanager
def _directory() -> Iterator[Directory]:
    with plain_errors():
        store = open_store(load_settings())
        try:
            yield store.directory
        finally:
            store.close()


def _done(what: str, as_json: bool, **values: JsonValue) -> None:
    if as_json:
        print_json(values)
    else:
        say(what)


@organisations.command("add")
def organisation_add(
    organisation: Organisation,
    title: Annotated[str, typer.Option(help="Its name, as people say it.")],
    area: Annotated[str | None, typer.Option(help="The social-care organisation of its area.")] = None,
    profile: Annotated[str | None, typer.Option(help="The local procedure profile it adopts.")] = None,
    as_json: Json = False,
) -> None:
    """Let an organisation take part, or set its name, area and profile anew."""
    with _directory() as directory:
        directory.add_organisation(organisation, title, area)
        if profile is not None:
            directory.adopt_profile(organisation, profile)
    _done(f"{organisation} takes part. Next: hub key add, hub person add.", as_json, id=organisation)


@organisations.command("list")
def organisation_list(as_json: Json = False) -> None:
    """List the organisations that take part."""
    with _directory() as directory:
        found = directory.organisations()
    rows: list[dict[str, JsonValue]] = [
        {"id": one.id, "title": one.title, "area": one.area, "profile": one.profile} for one in found
    ]
    print_rows(("id", "title", "area", "profile"), rows, as_json)


@organisations.command("agree")
def organisation_agree(
    organisation: Organisation,
    purpose: Annotated[str, typer.Option(help="The access purpose.")],
    basis: Annotated[str, typer.Option(help="The lawful basis that the organisation picks for it.")],
    reference: Annotated[str, typer.Option(help="The sharing agreement or gateway in its papers.")],
    as_json: Json = False,
) -> None:
    """Record on which lawful basis an organisation's people read for a purpose."""
    with _directory() as directory:
        directory.record_agreement(organisation, purpose, basis, reference)
    _done(f"{organisation} reads for {purpose} on the basis recorded.", as_json, id=organisation)


@people.command("add")
def person_add(
    person: Person,
    role: Annotated[list[str] | None, typer.Option(help="A role; repeat for several.")] = None,
    as_json: Json = False,
) -> None:
    """Make a person known, with roles."""
    with _directory() as directory:
        directory.add_person(person, tuple(role or ()))
    _done(f"{person} is known.", as_json, id=person, roles=list(role or ()))


@people.command("grant")
def person_grant(holder: Person, role: Role, as_json: Json = False) -> None:
    """Give a role to a person, or to an organisation's systems (a witness)."""
    with _directory() as directory:
        directory.grant_role(holder, role)
    _done(f"{holder} holds the role {role} from now on.", as_json, id=holder, role=role)


@people.command("end")
def person_end(holder: Person, role: Role, as_json: Json = False) -> None:
    """Take a role away; it binds from the next request."""
    with _directory() as directory:
        directory.end_role(holder, role)
    _done(f"{holder} no longer holds the role {role}.", as_json, id=holder, role=role)


@people.command("disable")
def person_disable(person: Person, as_json: Json = False) -> None:
    """Refuse everything to a person from the next request on."""
    with _directory() as directory:
        directory.disable_person(person)
    _done(f"{person} is disabled.", as_json, id=person, active=False)


@people.command("list")
def person_list(
    organisation: Annotated[str | None, typer.Option(help="Of this organisation only.")] = None,
    as_json: Json = False,
) -> None:
    """List people with their roles."""
    with _directory() as directory:
        found = directory.people(organisation)
    rows: list[dict[str, JsonValue]] = [
        {"id": one.id, "roles": sorted(one.roles), "active": one.active} for one in found
    ]
    print_rows(("id", "roles", "active"), rows, as_json)


@keys.command("add")
def key_add(
    organisation: Organisation,
    file: KeyFile,
    use: Annotated[Use, typer.Option(help="What the key is for.")],
    not_after: Annotated[datetime | None, typer.Option(help="Until when it is accepted (UTC).")] = None,
    as_json: Json = False,
) -> None:
    """Accept a public key of an organisation, for events or for signing in, never for both."""
    jwk = _read(file)
    until = not_after.replace(tzinfo=UTC) if not_after else None
    with _directory() as directory:
        key = directory.register_key(
            organisation, "events" if use is Use.EVENTS else "client", jwk, None, until
        )
    _done(f"{key.kid} is accepted for {key.use} of {organisation}.", as_json, **_row(key))


@keys.command("rotate", context_settings=_THUMBPRINT)
def key_rotate(
    kid: Annotated[str, typer.Argument(help="Thumbprint of the key to replace.")],
    file: KeyFile,
    overlap_hours: Annotated[
        int, typer.Option(min=0, max=24 * 90, help="How long the old key is still accepted.")
    ] = _OVERLAP_HOURS,
    as_json: Json = False,
) -> None:
    """Replace a key; the old one is accepted until the overlap ends."""
    jwk = _read(file)
    until = datetime.now(UTC) + timedelta(hours=overlap_hours)
    with _directory() as directory:
        key = directory.rotate_key(kid, jwk, until)
    _done(f"{key.kid} replaces {kid}.", as_json, **_row(key))


@keys.command("revoke", context_settings=_THUMBPRINT)
def key_revoke(
    kid: Annotated[str, typer.Argument(help="Thumbprint of the key.")],
    compromised_since: Annotated[
        datetime | None, typer.Option(help="Since when its signatures need a review (UTC).")
    ] = None,
    as_json: Json = False,
) -> None:
    """Refuse a key from the next request on; what it signed stays."""
    since = compromised_since.replace(tzinfo=UTC) if compromised_since else None
    with _directory() as directory:
        key = directory.revoke_key(kid, since)
    _done(f"{kid} is revoked.", as_json, **_row(key))


@keys.command("list")
def key_list(organisation: Organisation, as_json: Json = False) -> None:
    """List all keys that an organisation ever had."""
    with _directory() as directory:
        if directory.organisation(organisation) is None:
            fail("There is no organisation with this id. List them with: hub organisation list", USED_WRONGLY)
        found = directory.keys(organisation)
    columns = ("kid", "use", "not_before", "not_after", "revoked_at", "compromised_since")
    print_rows(columns, [_row(key) for key in found], as_json)


def _row(key: OrganisationKey) -> dict[str, JsonValue]:
    return {
        "kid": key.kid,
        "organisation": key.organisation,
        "use": key.use,
        "not_before": _written(key.not_before),
        "not_after": _written(key.not_after),
        "revoked_at": _written(key.revoked_at),
        "compromised_since": _written(key.compromised_since),
    }


def _written(instant: datetime | None) -> str | None:
    return None if instant is None else instant.astimezone(UTC).isoformat(timespec="seconds")


def _read(file: Path) -> str:
    try:
        return sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        fail("The key file cannot be read.", USED_WRONGLY)
