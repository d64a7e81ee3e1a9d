"""Commands of the directory: organisations, people, keys. They write beside a running server."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer

from hub.cli.compose import open_store
from hub.cli.output import (
    NOT_AS_IT_SHOULD_BE,
    USED_WRONGLY,
    Json,
    counted,
    fail,
    plain_errors,
    print_json,
    print_rows,
    say,
)
from hub.directory import AGREE, Agreement, Directory, OrganisationKey, Standing, lapsing_bases
from hub.directory import Organisation as Participant
from hub.envelope import JsonValue
from hub.settings import load_settings

organisations = typer.Typer(no_args_is_help=True, help="Organisations that take part.")
people = typer.Typer(no_args_is_help=True, help="People of organisations, and their roles.")
keys = typer.Typer(no_args_is_help=True, help="Public keys of organisations.")

_OVERLAP_HOURS: Final = 72
_NONE_ADOPTED: Final = "no procedure adopted"
_BASIS_AGAIN: Final = (
    "hub organisation agree ID --reference TEXT --purpose PURPOSE --basis BASIS --until DATE"
)
# One thumbprint in 64 begins with a dash, and would be read as an option.
_THUMBPRINT: Final = {"ignore_unknown_options": True}

Organisation = Annotated[str, typer.Argument(help="Organisation id, e.g. education.elm-school")]
Person = Annotated[str, typer.Argument(help="Person id, e.g. education.elm-school/dsl-1")]
Role = Annotated[str, typer.Argument(help="Role, in kebab case, e.g. social-worker")]
_FORMS: Final = ["%Y-%m-%d"]
Since = Annotated[
    datetime | None,
    typer.Option("--from", formats=_FORMS, help="First day; default today, or as before."),
]
Until = Annotated[datetime | None, typer.Option(formats=_FORMS, help="Last day of the agreement.")]
Lead = Annotated[
    str | None, typer.Option(help="Its named lead, a person's id; the person may be added afterwards.")
]
KeyFile = Annotated[
    Path, typer.Argument(help="File with the public key as a JSON Web Key, or - for standard input")
]


_FOR: Final = {"events": "for events", "client": "for signing in"}


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
    agreement: Annotated[str | None, typer.Option(help="The sharing agreement in its papers.")] = None,
    since: Since = None,
    until: Until = None,
    lead: Lead = None,
    as_json: Json = False,
) -> None:
    """Let an organisation take part, or set its name, area, profile and sharing agreement anew.

    It takes on people once it has an agreement with a named lead, and it or its area's authority a profile.
    """
    if len({agreement is None, until is None, lead is None}) > 1 or (since and agreement is None):
        fail("--agreement, --until and --lead go together; --from goes with them.", USED_WRONGLY)
    with _directory() as directory:
        directory.add_organisation(organisation, title, area)
        if profile is not None:
            directory.adopt_profile(organisation, profile)
        if agreement is not None and until is not None and lead is not None:
            directory.agree_sharing(organisation, agreement, until.date(), lead, _day(since))
        found = directory.standing(organisation)
    if found.lacks:
        lacking: list[JsonValue] = list(found.lacks)
        what = f"{organisation} takes part, and takes on nobody yet: {'; '.join(found.words)}. Next: "
        _done(what + " and ".join(found.mended_by), as_json, id=organisation, lacks=lacking)
    else:
        _done(f"{organisation} takes part. Next: hub key add, hub person add.", as_json, id=organisation)


@organisations.command("list")
def organisation_list(as_json: Json = False) -> None:
    """List the organisations that take part, what they follow, and until when agreements cover them."""
    with _directory() as directory:
        today, days = directory.today(), load_settings().agreement_warning_days
        rows = [
            _standing_row(one, directory.standing(one.id), today, days) for one in directory.organisations()
        ]
    if as_json:
        print_json([row for row in rows])
        return
    shown = [{**row, "profile": row["profile"] or _NONE_ADOPTED} for row in rows]
    print_rows(("id", "area", "profile", "until"), shown, as_json=False)
    for row in rows:
        if row["notice"] is not None:
            say(f"{row['id']}: {row['notice']}")


@organisations.command("check")
def organisation_check(as_json: Json = False) -> None:
    """Show what has lapsed and what lapses soon (HUB_AGREEMENT_WARNING_DAYS); end with 1 where there is any.

    After a lapse an organisation takes on nobody, and gives nobody a role, until it agrees anew.
    """
    with _directory() as directory:
        today, days = directory.today(), load_settings().agreement_warning_days
        rows: list[dict[str, JsonValue]] = []
        for one in directory.organisations():
            found = directory.standing(one.id)
            row = _standing_row(one, found, today, days)
            if row["notice"] is not None:
                mended_by = " and ".join(found.mended_by or (AGREE,))
                rows.append({"id": one.id, "notice": row["notice"], "next": mended_by})
            for basis in lapsing_bases(directory.refresh(), one.id, today, days):
                rows.append({"id": one.id, "notice": _of_basis(basis, today), "next": _BASIS_AGAIN})
    if not rows and not as_json:
        ahead = counted(days, "day")
        say(f"Every organisation has a procedure, a lead and an agreement for the next {ahead}.")
        return
    if as_json:
        print_json([row for row in rows])
    for row in () if as_json else rows:
        say(f"{row['id']}: {row['notice']}. Next: {row['next']}")
    if rows:
        raise typer.Exit(NOT_AS_IT_SHOULD_BE)


@organisations.command("agree")
def organisation_agree(
    organisation: Organisation,
    reference: Annotated[str, typer.Option(help="The sharing agreement or gateway in its papers.")],
    since: Since = None,
    until: Until = None,
    lead: Lead = None,
    purpose: Annotated[str | None, typer.Option(help="An access purpose.")] = None,
    basis: Annotated[
        str | None, typer.Option(help="The lawful basis that the organisation picks for that purpose.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Record a sharing agreement, or on which lawful basis an organisation's people read for a purpose.

    With --until and --lead: the agreement, of which the same reference again takes the earlier one's place.
    With --purpose and --basis: the basis, for as long as --from and --until say.
    """
    if (purpose is None) != (basis is None) or (lead is None and purpose is None):
        fail("Give --until and --lead, or --purpose and --basis.", USED_WRONGLY)
    if lead is not None and until is None:
        fail("An agreement has an end: give --until.", USED_WRONGLY)
    with _directory() as directory:
        if lead is not None and until is not None:
            directory.agree_sharing(organisation, reference, until.date(), lead, _day(since))
        if purpose is not None and basis is not None:
            directory.record_agreement(organisation, purpose, basis, reference, _day(since), _day(until))
    _done(f"{organisation}: the agreement is recorded.", as_json, id=organisation)


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
    _done(f"{key.kid} of {organisation} is accepted {_FOR[key.use]}.", as_json, **_row(key))


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


def _standing_row(one: Participant, found: Standing, today: date, days: int) -> dict[str, JsonValue]:
    notice = "; ".join(found.words) or None
    if notice is None and found.until is not None and found.lapses_within(today, days):
        notice = f"its sharing agreement lapses after {found.until.isoformat()}"
    return {
        "id": one.id,
        "title": one.title,
        "area": one.area,
        "profile": one.profile,
        "follows": found.profile,
        "profile_owner": one.profile_owner,
        "agreement": found.agreement.reference if found.agreement else None,
        "until": found.until.isoformat() if found.until else None,
        "lead": found.agreement.lead if found.agreement else None,
        "lacks": list(found.lacks),
        "notice": notice,
    }


def _of_basis(basis: Agreement, today: date) -> str:
    assert basis.until is not None
    lapses = "lapses after" if basis.until >= today else "lapsed after"
    return f"its basis for {basis.purpose} {lapses} {basis.until.isoformat()}"


def _day(given: datetime | None) -> date | None:
    return given.date() if given is not None else None


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
