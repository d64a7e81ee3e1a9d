"""What a poster is told about its own post: open items, codes outside their lists, dates that clash.

Every text is constant per rule and computed from the posted event alone, so that it tells nothing
about the child.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Final

from hub.catalogue.occurred import Occurred
from hub.catalogue.scales import Scale
from hub.catalogue.types import EventType, OpenItem, Warning
from hub.envelope import JsonObject, JsonValue

OTHER_CODE: Final = "other:"
_MARKER: Final = re.compile(r"\{\{other:([0-9]{1,4})\}\}")
_MARKER_BEGINS: Final = "{{other:"
_CLOCK_ALLOWANCE: Final = timedelta(minutes=10)


def mark_unknown_codes(
    type_: EventType, data: JsonObject, codes: Mapping[str, frozenset[str]]
) -> tuple[JsonObject, tuple[str, ...]]:
    """The data with every code outside its list written `other:<code>`, and the paths of those.

    Shape: the data given is not changed; without such codes the same object comes back.

    1. Look at the coded members alone: of nearly every event each code is in its list.
    2. Else go through everything, and write the marks.
    """
    if not _any_unknown(type_, data, codes):  # 1
        return data, ()
    unknown: list[str] = []  # 2

    def marked(path: str, value: JsonValue) -> JsonValue:
        if not isinstance(value, str):
            if isinstance(value, Mapping):
                return {name: marked(f"{path}.{name}", one) for name, one in value.items()}
            if isinstance(value, Sequence):
                return [marked(f"{path}[]", one) for one in value]
            return value
        list_name = type_.codes.get(path)
        if list_name is None or value in codes[list_name]:
            return value
        if path not in unknown:
            unknown.append(path)
        return value if value.startswith(OTHER_CODE) else f"{OTHER_CODE}{value}"

    result = {name: marked(name, value) for name, value in data.items()}
    return result, tuple(unknown)


def _any_unknown(type_: EventType, data: JsonObject, codes: Mapping[str, frozenset[str]]) -> bool:
    for path, listed in type_.codes.items():
        member, *steps = _steps(path)
        value = data.get(member)
        if value is not None and _unlisted(value, steps, codes[listed]):
            return True
    return False


@cache
def _steps(path: str) -> tuple[str, ...]:
    """A path of the catalogue by its steps: `a[].b` is `a`, `[]`, `b`."""
    return tuple(path.replace("[]", ".[]").split("."))


def _unlisted(value: JsonValue, steps: Sequence[str], listed: frozenset[str]) -> bool:
    if not steps:
        return isinstance(value, str) and value not in listed
    if steps[0] != "[]":
        return isinstance(value, Mapping) and _unlisted(value.get(steps[0]), steps[1:], listed)
    return isinstance(value, list | tuple) and any(_unlisted(one, steps[1:], listed) for one in value)


def warnings_of(
    type_: EventType,
    data: JsonObject,
    unknown: Sequence[str],
    when: Occurred,
    recorded_at: datetime,
    scale: Scale | None = None,
) -> tuple[Warning, ...]:
    """All warnings about an event of this type, in a fixed order; `scale` is the one its level is of.

    1. Open items: what is missing of a fact, or of a decision that passes and has less effect so.
    2. Codes outside their lists.
    3. A local procedure named in the event.
    4. A time of happening after the time of recording.
    5. Markers in text that name no child of `others`.
    """
    return (
        *_open_items(type_, data, scale),  # 1
        *(_unknown_code(path) for path in unknown),  # 2
        *(_profile_named() for _ in range("profile" in data)),  # 3
        *(_after_recording() for _ in range(_is_after(when, recorded_at))),  # 4
        *(_unknown_marker() for _ in range(_has_unknown_marker(data))),  # 5
    )


def _open_items(type_: EventType, data: JsonObject, scale: Scale | None) -> Iterator[Warning]:
    for item in type_.open_items:
        if _filled(data, item.field) or not _applies(item, data, scale):
            continue
        # An entry id names an event too (contract 2).
        named = item.field == "about" and _filled(data, "entry_id")
        if not named and not any(_filled(data, member) for member in item.unless):
            yield Warning(item.requirement, item.text, item.source)


def _applies(item: OpenItem, data: JsonObject, scale: Scale | None) -> bool:
    if item.above_lowest is not None and (scale is None or _at(data, item.above_lowest) == scale.normal):
        return False
    for member, values in item.when.items():
        value = _at(data, member)
        said = value if isinstance(value, list) else [value]
        if not any(isinstance(one, str | int) and one in values for one in said):
            return False
    compared = [_at(data, member) for member in item.differ]
    return not compared or (None not in compared and compared[0] != compared[1])


def _filled(data: JsonObject, path: str) -> bool:
    return _at(data, path) not in (None, "", [])


def _at(data: JsonObject, path: str) -> JsonValue:
    if "." not in path:
        return data.get(path)
    value: JsonValue = data
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _unknown_code(path: str) -> Warning:
    return Warning(
        "H-27", f"A code in {path} is not in its list; it is kept and shown as other.", "contract 2"
    )


def _profile_named() -> Warning:
    return Warning(
        "Q-05", "The profile named in the event is for information; the adopted one applies.", "contract 2"
    )


def _after_recording() -> Warning:
    return Warning("H-05", "The time it happened is after the time it was recorded.", "H-05")


def _unknown_marker() -> Warning:
    return Warning("D-03", "A marker in the text names no child of others.", "contract 2")


def _is_after(when: Occurred, recorded_at: datetime) -> bool:
    return when.start is not None and when.start > recorded_at + _CLOCK_ALLOWANCE


def _has_unknown_marker(data: JsonObject) -> bool:
    others = data.get("others")
    known = len(others) if isinstance(others, list) else 0
    marked = (text for text in _texts(data) if _MARKER_BEGINS in text)
    return any(not 1 <= int(number) <= known for text in marked for number in _MARKER.findall(text))


def _texts(value: JsonValue) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, Sequence):
        for one in value:
            yield from _texts(one)
