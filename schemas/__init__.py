"""The event types, code lists and examples as data: one folder per type and version.

This package holds JSON and a loader; it depends on nothing else of the project, so that the hub
and the agencies can both read it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final, Literal, TypeAlias, Union, cast

Json: TypeAlias = Union[str, int, float, bool, "Sequence[Json]", "Mapping[str, Json]", None]
JsonObject: TypeAlias = Mapping[str, Json]

_VERSION: Final = re.compile(r"v([1-9][0-9]*)")
_NOT_TYPES: Final = frozenset({"codes", "envelope"})


@dataclass(frozen=True, slots=True)
class Code:
    """One code of a list, with the plain text people see.

    Shape: `attributes` holds what the list says beyond code and text, e.g. `scale` and `order` of a level.
    """

    code: str
    text: str
    attributes: JsonObject = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CodeList:
    """A closed list of codes with its source; its order is the order of display."""

    name: str
    source: str
    codes: tuple[Code, ...]

    def text_of(self, code: str) -> str | None:
        """The plain text of a code, or None where the list does not have it."""
        return next((one.text for one in self.codes if one.code == code), None)


@dataclass(frozen=True, slots=True)
class Example:
    """An example event of a type: a whole CloudEvents payload.

    Shape: `problem` is the slug of the refusal that an invalid example must get, which is the first
    word of its file name; None for a valid one.
    """

    type: str
    version: int
    name: str
    problem: str | None
    event: JsonObject


def types() -> tuple[tuple[str, int], ...]:
    """Every event type with each of its versions, in order of name and version."""
    found = [
        (folder.name, int(match[1]))
        for folder in _root().iterdir()
        if folder.is_dir() and folder.name not in _NOT_TYPES
        for version in folder.iterdir()
        if (match := _VERSION.fullmatch(version.name))
    ]
    return tuple(sorted(found))


def schema(name: str, version: int = 1) -> JsonObject:
    """The JSON Schema of a type's `data`, or of the whole event for `envelope`."""
    return _read(_root() / name / f"v{version}" / "schema.json")


@cache
def codes(name: str) -> CodeList:
    """A code list by its name.

    Raises: FileNotFoundError where there is no such list.
    """
    document = _read(_root() / "codes" / f"{name}.json")
    entries = cast(Sequence[JsonObject], document["codes"])
    return CodeList(
        name=cast(str, document["list"]),
        source=cast(str, document["source"]),
        codes=tuple(
            Code(
                code=cast(str, entry["code"]),
                text=cast(str, entry["text"]),
                attributes={key: value for key, value in entry.items() if key not in ("code", "text")},
            )
            for entry in entries
        ),
    )


def code_lists() -> tuple[str, ...]:
    """The names of all code lists."""
    return tuple(sorted(file.name.removesuffix(".json") for file in _json_files(_root() / "codes")))


def examples(
    name: str, version: int = 1, *, which: Literal["valid", "invalid"] = "valid"
) -> tuple[Example, ...]:
    """The examples of a type, in order of name."""
    folder = _root() / name / f"v{version}" / "examples" / which
    return tuple(
        Example(
            type=name,
            version=version,
            name=file.name.removesuffix(".json"),
            problem=re.split("[-.]", file.name)[0] if which == "invalid" else None,
            event=_read(file),
        )
        for file in sorted(_json_files(folder), key=lambda one: one.name)
    )


def _json_files(folder: Traversable) -> Iterator[Traversable]:
    return (file for file in folder.iterdir() if file.name.endswith(".json"))


def _root() -> Traversable:
    return files(__name__)


def _read(file: Traversable) -> JsonObject:
    return cast(JsonObject, json.loads(file.read_text(encoding="utf-8")))
