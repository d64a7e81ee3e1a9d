"""Commands of local procedure profiles: check a partnership's own file, list and show what there is."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from datetime import date, time
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from hub.cli.compose import profiles_of
from hub.cli.output import USED_WRONGLY, Json, counted, fail, plain_errors, print_json, print_rows, say
from hub.envelope import JsonValue
from hub.pathway.profiles import PROFILES, Difference, Fault, Profile, differences, nearest, read
from hub.settings import load_settings

profile = typer.Typer(no_args_is_help=True, help="Local procedure profiles.")


@profile.command("check")
def profile_check(
    file: Annotated[Path, typer.Argument(help="The profile, a TOML file.")],
    against: Annotated[
        str | None, typer.Option(help="The shipped profile to compare with; default the nearest.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Check a partnership's own profile: every row that is wrong, else how it differs from a shipped one."""
    if against is not None and against not in PROFILES:
        fail(f"The shipped profiles are: {', '.join(PROFILES)}.", USED_WRONGLY)
    try:
        written = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        fail("The file cannot be read as text.", USED_WRONGLY)
    found = read(written)
    faults = found.faults or _named_otherwise(found.profile, file)
    if faults or found.profile is None:
        _tell_faults(file, faults, as_json)
    other = PROFILES[against] if against else nearest(found.profile, PROFILES.values())
    assert other is not None, "the hub comes with profiles"
    told = differences(found.profile, other)
    if as_json:
        rows: list[JsonValue] = [{"row": one.row, "here": one.here, "there": one.there} for one in told]
        print_json({"id": found.profile.id, "stands": True, "against": other.id, "differences": rows})
        return
    _tell_differences(found.profile, other, told)


@profile.command("list")
def profile_list(as_json: Json = False) -> None:
    """List the profiles that organisations can adopt: the shipped ones and those in HUB_PROFILES."""
    with plain_errors():
        profiles = profiles_of(load_settings())
    rows: list[dict[str, JsonValue]] = [
        {
            "id": one.id,
            "version": one.version,
            "title": one.title,
            "document_date": one.document_date,
            "shipped": one.id in PROFILES,
        }
        for _, one in sorted(profiles.items())
    ]
    print_rows(("id", "version", "title", "document_date", "shipped"), rows, as_json)


@profile.command("show")
def profile_show(
    id: Annotated[str, typer.Argument(help="The profile's id, e.g. llr-2024")], as_json: Json = False
) -> None:
    """Show every row of a profile, with its source."""
    with plain_errors():
        profiles = profiles_of(load_settings())
    found = profiles.get(id)
    if found is None:
        fail(f"There is no such profile here; there are: {', '.join(sorted(profiles))}.", USED_WRONGLY)
    if as_json:
        print_json(_plain(found))
        return
    for member in fields(found):
        _tell(member.name, _plain(getattr(found, member.name)), "")


def _named_otherwise(profile: Profile | None, file: Path) -> tuple[Fault, ...]:
    """A profile is adopted by its id and found by its file's name: they are the same, and nobody else's."""
    if profile is None:
        return ()
    faults = []
    if profile.id != file.stem:
        faults.append(Fault("id", "is not the name of the file", f"{file.stem}, or rename the file"))
    if profile.id in PROFILES and profile != PROFILES[profile.id]:
        faults.append(Fault("id", "is that of a profile that comes with the hub", "an id of your own"))
    return tuple(faults)


def _tell_faults(file: Path, faults: tuple[Fault, ...], as_json: bool) -> NoReturn:
    rows: list[dict[str, JsonValue]] = [
        {"row": one.row, "says": one.says, "allowed": one.allowed} for one in faults
    ]
    if as_json:
        print_json({"stands": False, "faults": [dict(row) for row in rows]})
        raise typer.Exit(1)
    for one in faults:
        say(f"{one.row}: {one.says}. Allowed: {one.allowed}")
    fail(f"{file.name} does not stand: {counted(len(faults), 'row is', 'rows are')} wrong.")


def _tell_differences(profile: Profile, other: Profile, told: tuple[Difference, ...]) -> None:
    say(f"{profile.id} (version {profile.version}) stands.")
    if not told:
        say(f"It has the same rows as {other.id}.")
        return
    say(f"It differs from {other.id} in {counted(len(told), 'row')}:")
    for one in told:
        say(f"  {one.row}: {one.here or '(nothing)'}  |  {other.id}: {one.there or '(nothing)'}")


def _plain(value: object) -> JsonValue:
    if is_dataclass(value):
        return {member.name: _plain(getattr(value, member.name)) for member in fields(value)}
    if isinstance(value, dict):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    if isinstance(value, frozenset):
        return [_plain(one) for one in sorted(value)]
    if isinstance(value, date | time):
        return value.isoformat()
    if value is None or isinstance(value, str | int | bool):
        return value
    raise TypeError("a profile holds rows of text and numbers only")


def _tell(name: str, plain: JsonValue, indent: str) -> None:
    if isinstance(plain, dict) and any(isinstance(one, dict | list) for one in plain.values()):
        say(f"{indent}{name}:")
        for inner, one in plain.items():
            _tell(inner, one, f"{indent}  ")
    elif isinstance(plain, dict):
        shown = "; ".join(f"{inner} {one}" for inner, one in plain.items() if one not in (None, "", []))
        say(f"{indent}{name}: {shown}")
    elif isinstance(plain, list) and any(isinstance(one, dict) for one in plain):
        say(f"{indent}{name}:")
        for number, one in enumerate(plain, 1):
            _tell(str(number), one, f"{indent}  ")
    elif isinstance(plain, list):
        say(f"{indent}{name}: {', '.join(str(one) for one in plain) or '-'}")
    else:
        say(f"{indent}{name}: {'-' if plain is None else plain}")
