"""From a schema file to an EventType: labels, titles, codes, posters and open items by path."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, cast, get_args

import schemas
from hub.catalogue.types import About, EventType, Kind, OpenItem, Poster
from hub.envelope import JsonObject

_KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
_STREAMS: Final[tuple[About, ...]] = get_args(About)


def event_type(name: str, version: int, schema: JsonObject) -> EventType:
    """The event type that a schema describes.

    Raises: ValueError where the schema lacks what every type must say; a fault of this installation.
    """
    kind = next((one for one in _KINDS if one == schema["x-kind"]), None)
    if kind is None:
        raise ValueError(f"schema {name}/v{version}: x-kind")
    about = next((one for one in _STREAMS if one == schema.get("x-stream", "child")), None)
    if about is None:
        raise ValueError(f"schema {name}/v{version}: x-stream")
    found = tuple(properties(schema))
    return EventType(
        name=name,
        version=version,
        kind=kind,
        title=_text(schema["x-title"]),
        purpose=_text(schema["description"]),
        posted_by=tuple(_poster(one) for one in _objects(schema["x-posted-by"])),
        serves=_texts(schema["x-serves"]),
        labels={path: _texts(described["x-label"]) for path, described in found},
        titles={path: _text(described.get("title", path)) for path, described in found},
        codes={path: _text(described["x-codes"]) for path, described in _coded(found)},
        open_items=tuple(_open_item(one) for one in _objects(schema["x-open-items"])),
        about=about,
        level=_level(name, found),
    )


def known_codes(types: Sequence[EventType]) -> Mapping[str, frozenset[str]]:
    """The codes of every list that a type names.

    Raises: FileNotFoundError where a list is missing; a fault of this installation.
    """
    names = {name for one in types for name in one.codes.values()}
    return {name: frozenset(code.code for code in schemas.codes(name).codes) for name in names}


def properties(schema: JsonObject, path: str = "") -> Iterator[tuple[str, JsonObject]]:
    """Every property a schema describes, nested ones too, with its path: `measures[].code`."""
    for name, described in _named(schema.get("properties")):
        here = f"{path}.{name}" if path else name
        yield here, described
        yield from properties(described, here)
        items = described.get("items")
        if isinstance(items, Mapping):
            yield from properties(items, f"{here}[]")


def _coded(found: Sequence[tuple[str, JsonObject]]) -> Iterator[tuple[str, JsonObject]]:
    for path, described in found:
        items = described.get("items")
        if "x-codes" in described:
            yield path, described
        elif isinstance(items, Mapping) and "x-codes" in items:
            yield f"{path}[]", items


def _level(name: str, found: Sequence[tuple[str, JsonObject]]) -> tuple[str, str] | None:
    """The property that is a level, with the one that names its scale; both stand at the top of `data`."""
    levels = [(path, _text(one["x-level-of"])) for path, one in found if "x-level-of" in one]
    if len(levels) > 1 or any(scale not in dict(found) or "." in path for path, scale in levels):
        raise ValueError(f"schema {name}: x-level-of")
    return levels[0] if levels else None


def _poster(described: JsonObject) -> Poster:
    kind, role, when = described["kind"], described.get("role"), described.get("when")
    return Poster(
        kind=None if kind == "any" else _text(kind),
        role=None if role is None else _text(role),
        when={key: _text(value) for key, value in when.items()} if isinstance(when, Mapping) else None,
    )


def _open_item(described: JsonObject) -> OpenItem:
    when = described.get("when")
    return OpenItem(
        field=_text(described["field"]),
        requirement=_text(described["requirement"]),
        source=_text(described["source"]),
        text=_text(described["text"]),
        when=(
            {key: frozenset(_values(values)) for key, values in when.items()}
            if isinstance(when, Mapping)
            else {}
        ),
        unless=_texts(described.get("unless", [])),
        differ=_texts(described.get("differ", [])),
        above_lowest=None if (above := described.get("above_lowest")) is None else _text(above),
    )


def _named(value: object) -> Iterator[tuple[str, JsonObject]]:
    if isinstance(value, Mapping):
        for name, described in value.items():
            if isinstance(described, Mapping):
                yield name, cast(JsonObject, described)


def _objects(value: object) -> Sequence[JsonObject]:
    if not isinstance(value, list) or not all(isinstance(one, Mapping) for one in value):
        raise ValueError("a schema keyword is not a list of objects")
    return cast(Sequence[JsonObject], value)


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise ValueError("a schema keyword is not a list of strings")
    return tuple(_text(one) for one in value)


def _values(value: object) -> tuple[str | int | bool, ...]:
    if not isinstance(value, list) or not all(isinstance(one, (str, int)) for one in value):
        raise ValueError("a schema keyword is not a list of values")
    return tuple(value)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("a schema keyword is not a string")
    return value
