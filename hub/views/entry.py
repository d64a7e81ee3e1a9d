"""From what stands in the record to a post, and from a post to the entry that readers may get."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final, TypeAlias

import orjson

from hub.catalogue import occurred, recorded_late
from hub.envelope import EventKey, JsonObject, JsonValue
from hub.envelope.forms import type_of
from hub.identity import named_child
from hub.pathway.entries import Correction, Entry, Other
from hub.views.stored import StoredLink, StoredPost
from hub.views.types import Named, Post

Upcast: TypeAlias = Callable[[JsonObject], JsonObject]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a fold must be told, because it does not stand in the child's own streams.

    Shape: `resolve` gives the child that a reference names now; `mark` gives data of a type with codes
    outside their lists marked as `other:`; `agreements` names the kinds of organisation that must agree
    to a decision, by its type, its data and the child's authority; `signatures` says how many organisations
    must have signed it.
    """

    resolve: Callable[[Named], str | None]
    mark: Callable[[str, JsonObject], JsonObject]
    agreements: Callable[[str, JsonObject, str | None], frozenset[str]]
    signatures: Callable[[str, str | None], int] = lambda type_, authority: 1


UPCASTS: Final[Mapping[tuple[str, int], Upcast]] = {}
"""How data of a type's version becomes data of its next version; old versions stay readable for ever."""

_type_of: Final = lru_cache(1024)(type_of)
_MARK: Final = re.compile(r"\{\{other:([1-9][0-9]*)\}\}")


def upcast(
    type_: str, version: int, data: JsonObject, upcasts: Mapping[tuple[str, int], Upcast]
) -> JsonObject:
    """Data as the newest version of its type has it."""
    while (type_, version) in upcasts:
        data = upcasts[(type_, version)](data)
        version += 1
    return data


def post_of(
    key: EventKey,
    stream: str,
    position: int,
    stored: StoredPost,
    link: StoredLink | None,
    digest: Callable[[str], str],
    *,
    upcasts: Mapping[tuple[str, int], Upcast] = UPCASTS,
) -> Post:
    """One post, read from its stored form.

    Shape: without its link (destroyed, or never there) the post names nobody, and is otherwise whole.
    """
    event = orjson.loads(stored.veiled())
    named_type = _type_of(event["type"])
    if named_type is None:
        raise ValueError("the record holds an event without a type")
    type_, version = named_type
    data = upcast(type_, version, event["data"], upcasts)
    named = (
        ()
        if link is None
        else tuple(
            Named(mark, digest(reference), named_child(reference))
            for mark, reference in zip(stored.marks, link.references, strict=True)
        )
    )
    author = data.get("author")
    return Post(
        key=key,
        stream=stream,
        position=position,
        type=type_,
        version=version,
        organisation=stored.organisation,
        area=stored.area,
        author=author if isinstance(author, str) else None,
        author_role=stored.author_role,
        author_roles=frozenset(stored.author_roles),
        recorded_at=datetime.fromisoformat(event["time"]).astimezone(UTC),
        received_at=stored.received_at,
        data=data,
        flags=stored.flags,
        named=named,
        references=(stored.subject, *stored.claimed),
        pointed=stored.pointed,
        scale=stored.scale,
    )


def entry_of(
    post: Post,
    child: str,
    around: Surroundings,
    *,
    replaced_by: Sequence[Post] = (),
    provisional: bool = False,
    awaiting: tuple[str, ...] = (),
    type_: str | None = None,
) -> Entry:
    """The entry that a post makes, as its corrections left it.

    Shape: `replaced_by` are the corrections in the order of the record; the last one's replacement
    gives data, dates and notes, while key, position and recording stay those of the post (H-02). `type_`
    reads a correction as the type it corrects, which is how a gate judges it.
    """
    latest = replaced_by[-1] if replaced_by else post
    kind = type_ or post.type
    replaced = bool(replaced_by or type_)
    data = upcast(kind, post.version, replacement_of(latest), UPCASTS) if replaced else post.data
    data = around.mark(kind, data)
    when = occurred(_text(data, "occurred_at"), _text(data, "precision"), recorded_at=post.recorded_at)
    return Entry(
        key=post.key,
        child=child,
        position=post.position,
        type=kind,
        organisation=post.organisation,
        author=post.author,
        author_role=post.author_role,
        occurred=when,
        recorded_at=post.recorded_at,
        received_at=post.received_at,
        recorded_late=recorded_late(when, post.recorded_at),
        data=data,
        others=_others(data, latest.named, around),
        about=about_of(data) or latest.pointed,
        corrections=tuple(
            Correction(one.received_at, one.organisation, one.author or "", _text(one.data, "reason"))
            for one in replaced_by
        ),
        awaiting=awaiting,
        flags=latest.flags,
        provisional=provisional,
        scale=latest.scale,
    )


def replacement_of(correction: Post) -> JsonObject:
    """The whole replacement data that a correction carries."""
    replacement = correction.data.get("replacement")
    return replacement if isinstance(replacement, Mapping) else {}


def about_of(data: JsonObject, member: str = "about") -> EventKey | None:
    """The event that data points to, where it names one."""
    about = data.get(member)
    if not isinstance(about, Mapping):
        return None
    source, name = about.get("source"), about.get("id")
    return EventKey(source, name) if isinstance(source, str) and isinstance(name, str) else None


def _others(data: JsonObject, named: tuple[Named, ...], around: Surroundings) -> tuple[Other, ...]:
    by_mark = {one.index: one for one in named}
    others = []
    for index, member in enumerate(_list(data.get("others")), start=1):
        if not isinstance(member, Mapping):
            continue
        match = _MARK.fullmatch(str(member.get("ref")))
        found = by_mark.get(int(match[1])) if match else None
        role = member.get("role")
        others.append(
            Other(
                index=index,
                role=role if isinstance(role, str) else None,
                reference=found.digest if found else "",
                child=around.resolve(found) if found else None,
            )
        )
    return tuple(others)


def _list(value: JsonValue) -> Sequence[JsonValue]:
    return value if isinstance(value, Sequence) and not isinstance(value, str) else ()


def _text(data: JsonObject, member: str) -> str:
    value = data.get(member)
    return value if isinstance(value, str) else ""
