"""JSON as it travels: compact, deterministic, and typed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TypeAlias, Union, cast

JsonValue: TypeAlias = Union[str, int, float, bool, "Sequence[JsonValue]", "Mapping[str, JsonValue]", None]
JsonObject: TypeAlias = Mapping[str, JsonValue]


def to_bytes(value: JsonValue) -> bytes:
    """One JSON value as compact UTF-8, members in the order given.

    Nothing is escaped that need not be: the hub finds references to other children in the signed
    bytes literally.
    """
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def object_from(text: bytes | str) -> JsonObject | None:
    """The JSON object in the text, or None where there is none."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return cast(JsonObject, value) if isinstance(value, dict) else None


def text_of(value: JsonObject, name: str) -> str:
    """The member as text; empty where it is missing or of another type."""
    member = value.get(name)
    return member if isinstance(member, str) else ""


def object_of(value: JsonObject, name: str) -> JsonObject | None:
    """The member as an object; None where it is missing or of another type."""
    member = value.get(name)
    return cast(JsonObject, member) if isinstance(member, dict) else None


def list_of(value: JsonObject, name: str) -> list[JsonValue]:
    """The member as a list; empty where it is missing or of another type."""
    member = value.get(name)
    return list(member) if isinstance(member, list) else []
