"""Strict JSON: one text has one reading, and nothing in it can dress up as something else."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from typing import Final, NoReturn, cast

from hub.envelope.types import JsonObject, JsonValue
from hub.errors import HubError

MAX_DEPTH: Final = 32
MAX_INTEGER: Final = 2**53

# A string of the text, or its unfinished rest: possessive, so that hostile quotes cost one pass.
_STRING: Final = re.compile(r'"[^"\\]*+(?:\\.?+[^"\\]*+)*+(?:"|\Z)', re.DOTALL)
_BRACKET: Final = re.compile(r"[\[\]{}]")
# Control characters; lone surrogates; and the characters that reorder text for a human reader, with
# which a name or an instruction can be made to read as its opposite (CVE-2021-42574).
_FORBIDDEN: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\ud800-\udfff\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)


def parse_json(payload: bytes) -> JsonObject:
    """Parse a JSON object, refusing whatever two parsers could read differently.

    1. Decode UTF-8, without a byte order mark.
    2. Measure the depth of nesting before any recursive parser sees the text.
    3. Parse; refuse duplicate members, NaN, Infinity and numbers that doubles cannot hold.
    4. Refuse forbidden characters in any member name or string, escaped or not.

    Raises: HubError("json").
    Source: RFC 7493 2
    """
    try:
        text = payload.decode("utf-8", "strict")  # 1
    except UnicodeDecodeError:
        raise _refused("The payload is not UTF-8.") from None
    if text.startswith("\ufeff"):
        raise _refused("The payload begins with a byte order mark.")
    _check_depth(text)  # 2
    try:
        value = _DECODER.decode(text)  # 3
    except ValueError:
        raise _refused("The payload is not JSON.") from None
    if not isinstance(value, dict):
        raise _refused("The payload is not a JSON object.")
    document = cast(JsonObject, value)
    if not _is_plain(text) and any(_FORBIDDEN.search(one) for one in _strings(document)):  # 4
        raise _refused("A text holds control or bidirectional characters.")
    return document


def _is_plain(text: str) -> bool:
    """Whether the text as written says that no string in it holds a forbidden character.

    Why: without an escape the strings are parts of the text, so that one search serves for all of them.
    """
    return "\\" not in text and _FORBIDDEN.search(text) is None


def _check_depth(text: str) -> None:
    # No text is nested deeper than it opens brackets, in strings or not.
    if text.count("[") + text.count("{") <= MAX_DEPTH:
        return
    depth = 0
    for bracket in _BRACKET.findall(_STRING.sub("", text)):
        depth += 1 if bracket in "[{" else -1
        if depth > MAX_DEPTH:
            raise _refused("The payload is nested too deeply.")


def _object(members: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    found = dict(members)
    if len(found) != len(members):
        # Two readers of the same bytes would take different members: a signature over both.
        raise _refused("A member stands twice in one object.")
    return found


def _integer(digits: str) -> int:
    if len(digits) > 17 or abs(number := int(digits)) > MAX_INTEGER:
        raise _refused("An integer is beyond 2^53.")
    return number


def _float(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise _refused("A number is beyond the range of a double.")
    return number


def _constant(_name: str) -> NoReturn:
    raise _refused("NaN and Infinity are not JSON.")


def _strings(document: JsonObject) -> Iterator[str]:
    pending: list[JsonValue] = [document]
    while pending:
        value = pending.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            yield from value
            pending.extend(value.values())
        elif isinstance(value, list):
            pending.extend(value)


def _refused(detail: str) -> HubError:
    return HubError("json", detail)


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_integer, parse_float=_float, parse_constant=_constant
)
