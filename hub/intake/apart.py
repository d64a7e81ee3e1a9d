"""Takes the references to other children out of a payload, so that it can be put together again exactly."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import orjson

from hub.envelope import JsonValue
from hub.errors import HubError


@dataclass(frozen=True, slots=True)
class Apart:
    """A payload in pieces, and the references that stood between them.

    Shape: `cuts[i]` is the number (from 0) in `references` of what stood between `pieces[i]` and
    `pieces[i + 1]`; `marks` gives each reference its `n` in `{{other:n}}`.
    """

    pieces: tuple[str, ...]
    cuts: tuple[int, ...]
    marks: tuple[int, ...]
    references: tuple[str, ...]


def take_apart(payload: bytes, others: Sequence[str]) -> Apart:
    """Cut every occurrence of the references to other children out of a payload.

    Shape: `others` are the references in the order of `{{other:n}}`.

    1. Give each reference the number of its first place.
    2. Cut the text at every occurrence, the longer reference first where one begins another.
    3. Look at the strings that remain, as a parser reads them: a reference that was written with escapes
       stands in them still, and would be sealed under the key of the wrong child.

    Raises: HubError("json") where a reference does not stand literally in the payload.
    """
    text = payload.decode("utf-8")
    # 1
    references = tuple(dict.fromkeys(others))
    if not references:
        return Apart((text,), (), (), ())
    marks = tuple(others.index(one) + 1 for one in references)
    # 2
    longest_first = sorted(references, key=len, reverse=True)
    parts = re.split("(" + "|".join(re.escape(one) for one in longest_first) + ")", text)
    pieces, found = tuple(parts[::2]), parts[1::2]
    # 3
    remaining = "{{}}".join(pieces)
    if any(one in string for string in _strings(orjson.loads(remaining)) for one in references):
        raise HubError("json", "Write references to other children without escapes.")
    return Apart(pieces, tuple(references.index(one) for one in found), marks, references)


def _strings(value: JsonValue) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield name
            yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)
