"""Playing a scenario: every agency converts its own records, signs them and posts them in order."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Final, TypeAlias

from agencies.conversion import convert
from agencies.sdk.build import AgencyEvent, about, cloud_event
from agencies.sdk.client import Accepted, Answer
from agencies.sdk.errors import AgencyError
from agencies.sdk.json import JsonObject, JsonValue, list_of

_AGENCIES: Final = Path(__file__).resolve().parent.parent
_HERE: Final = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class PreparedPost:
    """One post of a scenario, converted from the native record that it names or written out there.

    Shape: `ref` is the scenario's name for it and the native record number; `child` is the scenario's
    name for the child; `refused` is the rule by which the hub refuses it, empty where it accepts.
    """

    ref: str
    organisation: str
    child: str
    event: AgencyEvent
    refused: str = ""


@dataclass(frozen=True, slots=True)
class Resolution:
    """What an identity reviewer of the hub decides after one of the posts.

    Shape: `provisional` is the reference under which a stream was opened; `child` is a reference to
    the child that it turned out to be.
    """

    after: str
    provisional: str
    child: str


@dataclass(frozen=True, slots=True)
class Scenario:
    """The posts in their order, those of each variant, and the reviewer's decisions on the way."""

    name: str
    children: Mapping[str, tuple[str, ...]]
    posts: tuple[PreparedPost, ...]
    variants: Mapping[str, tuple[PreparedPost, ...]]
    resolutions: tuple[Resolution, ...]


@dataclass(frozen=True, slots=True)
class Played:
    """One post and what the hub answered."""

    post: PreparedPost
    answer: Answer


@dataclass(frozen=True, slots=True)
class _Row:
    """One row of a scenario file: the native record that it names, or the post itself.

    Shape: a post that is written out has `at`, `author` and `data`; it happened at `at` unless `occurred`
    says on which day; `about` and `agrees_with` name other posts of the file.
    """

    ref: str
    organisation: str
    type: str
    child: str
    file: str = ""
    record: str = ""
    variant: str = ""
    at: str = ""
    author: str = ""
    occurred: str = ""
    about: str = ""
    agrees_with: str = ""
    refused: str = ""
    data: JsonObject = field(default_factory=dict)


PostSigned: TypeAlias = Callable[[str, bytes], Answer]
"""Signs a payload as an organisation, posts it, and gives the hub's answer."""
Review: TypeAlias = Callable[[Resolution], None]


def scenario_names() -> list[str]:
    """The scenarios that are shipped."""
    return sorted(path.stem.replace("_", "-") for path in _HERE.glob("scenario_*.toml"))


@cache
def load_scenario(name: str) -> Scenario:
    """Read a scenario and convert every native record it names.

    1. Read the file.
    2. Convert each native file once, all of its records.
    3. Take the records in the scenario's order; each must be there, once, with the type expected. A post
       that is written out in the scenario is taken as it stands.
    Raises: AgencyError where there is no such scenario or a record does not fit.
    """
    path = _HERE / f"{name.replace('-', '_')}.toml"
    if name not in scenario_names():
        raise AgencyError("There is no such scenario.", f"Choose one of: {', '.join(scenario_names())}.")
    read = tomllib.loads(path.read_text(encoding="utf-8"))  # 1
    children = {child: tuple(references) for child, references in read["children"].items()}
    rows = [_Row(**row) for row in (*read["post"], *read.get("variant", ()))]
    converted: dict[tuple[str, str], dict[str, AgencyEvent]] = {}
    named = {row.ref: row for row in rows}
    for row in rows:  # 2
        if row.file and (row.file, row.organisation) not in converted:
            converted[row.file, row.organisation] = _by_record(row.file, row.organisation)
    prepared = [  # 3
        (
            row,
            _prepare(row, converted[row.file, row.organisation], children)
            if row.file
            else _written_out(row, named, children),
        )
        for row in rows
    ]
    variants: dict[str, tuple[PreparedPost, ...]] = {}
    for row, post in prepared:
        if row.variant:
            variants[row.variant] = (*variants.get(row.variant, ()), post)
    resolutions = tuple(
        Resolution(one["after"], one["provisional"], children[one["child"]][0])
        for one in read.get("resolution", ())
    )
    main = tuple(post for row, post in prepared if not row.variant)
    return Scenario(read["name"], children, main, variants, resolutions)


def posts(scenario: str) -> list[PreparedPost]:
    """The posts of a scenario in their order, without its variants."""
    return list(load_scenario(scenario).posts)


def together(names: Sequence[str]) -> Scenario:
    """Several scenarios as one: their posts in the order in which they were said, without variants.

    Raises: AgencyError where there is no such scenario, or two of them name the same child or post.
    """
    each = [load_scenario(name) for name in names]
    if len(each) == 1:
        return each[0]
    children = [child for one in each for child in one.children]
    refs = [post.ref for one in each for post in one.posts]
    if len({*children}) < len(children) or len({*refs}) < len(refs):
        raise AgencyError("These scenarios cannot be played together.", "Name each scenario once.")
    return Scenario(
        " ".join(names),
        {child: references for one in each for child, references in one.children.items()},
        tuple(sorted((post for one in each for post in one.posts), key=lambda one: one.event.recorded_at)),
        {},
        tuple(resolution for one in each for resolution in one.resolutions),
    )


def variant(scenario: str, name: str) -> list[PreparedPost]:
    """The posts that one variant adds.

    Raises: AgencyError where the scenario has no such variant.
    """
    variants = load_scenario(scenario).variants
    if name not in variants:
        raise AgencyError("There is no such variant.", f"Choose one of: {', '.join(variants)}.")
    return list(variants[name])


def play(
    prepared: Sequence[PreparedPost],
    post: PostSigned,
    *,
    resolutions: Sequence[Resolution] = (),
    review: Review | None = None,
    until: str | None = None,
) -> Iterator[Played]:
    """Post in order, one answer at a time; the reviewer decides where the scenario says so.

    Shape: ends after the post named `until`. A refusal is an answer like any other; the caller
    decides what it means. Posting the same again is safe.
    Raises: AgencyError where `until` names no post; HubUnavailable.
    """
    if until is not None and all(one.ref != until for one in prepared):
        raise AgencyError("The scenario has no such post.", "Name one by its reference, e.g. A12a.")
    for one in prepared:
        answer = post(one.organisation, cloud_event(one.event))
        yield Played(one, answer)
        if review is not None and isinstance(answer, Accepted):
            for resolution in resolutions:
                if resolution.after == one.ref:
                    review(resolution)
        if one.ref == until:
            return


def _by_record(file: str, organisation: str) -> dict[str, AgencyEvent]:
    path = _AGENCIES / file
    found: dict[str, AgencyEvent] = {}
    for event in convert(organisation.partition(".")[0], path.read_bytes(), organisation):
        if event.record in found:
            raise AgencyError(f"{file} has record {event.record} twice.", "Give each record its own number.")
        found[event.record] = event
    return found


def _prepare(
    row: _Row, events: Mapping[str, AgencyEvent], children: Mapping[str, tuple[str, ...]]
) -> PreparedPost:
    event = events.get(row.record)
    if event is None or event.type != row.type or event.subject not in children[row.child]:
        raise AgencyError(
            f"Post {row.ref} does not fit its native record.",
            "Compare file, record, type and child in the scenario with the native file.",
        )
    return PreparedPost(row.ref, row.organisation, row.child, event)


def _written_out(
    row: _Row, named: Mapping[str, _Row], children: Mapping[str, tuple[str, ...]]
) -> PreparedPost:
    """A post as the scenario has it, with references to children and posts put in place of their names."""
    pointers: dict[str, str] = {"about": row.about, "agrees_with": row.agrees_with}
    try:
        at = datetime.fromisoformat(row.at)
        data: dict[str, JsonValue] = {
            "occurred_at": row.occurred or row.at,
            "precision": "day" if row.occurred else "exact",
            "author": row.author,
            **row.data,
        }
        for member, ref in pointers.items():
            if ref:
                other = named[ref]
                data[member] = about(other.organisation, other.record or ref, other.type)
        if "others" in data:
            data["others"] = [_other(one, children) for one in list_of(data, "others")]
        subject = children[row.child][0]
    except (KeyError, ValueError):
        raise AgencyError(
            f"Post {row.ref} is not complete.", "Give its time, and name children and posts of the scenario."
        ) from None
    event = AgencyEvent(row.organisation, row.ref, row.type, subject, at, data)
    return PreparedPost(row.ref, row.organisation, row.child, event, row.refused)


def _other(one: JsonValue, children: Mapping[str, tuple[str, ...]]) -> JsonObject:
    if not isinstance(one, Mapping):
        raise ValueError
    return {**one, "ref": children[str(one["ref"])][0]}
