"""What an answer was made from, kept with the record that it left, so that it can be made again."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Final

import orjson

import hub
import schemas
from hub.disclosure.answers import Answer, Filters, ReadRequest
from hub.disclosure.tokens import DigestOf
from hub.envelope import JsonObject, JsonValue

_PURPOSE: Final = "answer/1"
# What an answer follows from; the doors only write it down.
_ROOMS: Final = ("api", "catalogue", "directory", "disclosure", "identity", "pathway", "views")
_SOURCES: Final = frozenset({".py", ".toml", ".json"})


@dataclass(frozen=True, slots=True)
class Made:
    """What an answer was made from, beside who asked, for which child and purpose.

    Shape: `position` is how far the record had come when the child was folded, at least; `asked` are the
    members of the question (filters, cursor, meeting); `digest` is keyed, over the whole answer without its
    random name; `renderer` names the code and data of the hub that made it. Empty where nothing was made.
    Units: `at` aware UTC, the domain clock of the read.
    Trust: a search word is the reader's own text: it is kept sealed, and shown in no answer.
    """

    position: int
    at: datetime
    asked: JsonObject
    digest: str = ""
    renderer: str = ""

    def of(self, answer: Answer, digest: DigestOf) -> Made:
        """The same, of this answer."""
        return replace(self, digest=fingerprint(answer, digest), renderer=renderer())

    def written(self) -> JsonObject:
        """As it stands in the record."""
        return {
            "position": self.position,
            "at": self.at.astimezone(UTC).isoformat(),
            "asked": self.asked,
            "digest": self.digest,
            "renderer": self.renderer,
        }


def read_made(written: object) -> Made | None:
    """What an access says it was made from; None where it was recorded before accesses said so."""
    if not isinstance(written, Mapping):
        return None
    return Made(
        position=int(written["position"]),
        at=datetime.fromisoformat(written["at"]),
        asked=written["asked"],
        digest=written["digest"],
        renderer=written["renderer"],
    )


def asked_of(request: ReadRequest, **more: JsonValue) -> JsonObject:
    """The members of a question that stand nowhere else in the record of its answer."""
    filters = request.filters
    given: dict[str, JsonValue] = {
        "from": filters.from_.isoformat() if filters.from_ else None,
        "to": filters.to.isoformat() if filters.to else None,
        "agency": filters.agency,
        "type": filters.type,
        "significance": filters.significance,
        "q": filters.q,
        "cursor": request.cursor,
        "limit": request.limit,
        **more,
    }
    return {name: value for name, value in given.items() if value is not None}


def request_of(asked: JsonObject, child: str, purpose: str | None, reference: str | None,
               as_at: datetime | None) -> ReadRequest:  # fmt: skip
    """The question again, from what the record of its answer says."""
    limit = asked.get("limit")
    filters = Filters(
        from_=_day(asked.get("from")),
        to=_day(asked.get("to")),
        agency=_text(asked.get("agency")),
        type=_text(asked.get("type")),
        significance=_text(asked.get("significance")),
        q=_text(asked.get("q")),
    )
    return ReadRequest(
        child, purpose, reference, as_at, filters, _text(asked.get("cursor")),
        limit if isinstance(limit, int) else ReadRequest(child, None).limit,
    )  # fmt: skip


def fingerprint(answer: Answer, digest: DigestOf) -> str:
    """A keyed digest (hex) over everything an answer says, but its random name.

    Shape: the bytes at every door follow from the answer alone, so that equal digests are equal bytes.
    """
    said = orjson.dumps(replace(answer, disclosure_id=""), default=_plain, option=orjson.OPT_SORT_KEYS)
    return digest(_PURPOSE, hashlib.sha256(said).digest()).hex()


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, frozenset | set):
        return sorted(value)
    raise TypeError(f"not JSON: {type(value).__name__}")


@cache
def renderer() -> str:
    """Names the code and data that make answers here; the sharing rules have a version of their own."""
    made = hashlib.sha256()
    hub_folder, schema_folder = (Path(str(one.__file__)).parent for one in (hub, schemas))
    for folder in (*(hub_folder / one for one in _ROOMS), schema_folder):
        for file in sorted(folder.rglob("*")):
            if file.suffix in _SOURCES and file.is_file():
                made.update(f"{folder.name}/{file.relative_to(folder)}\n".encode())
                made.update(hashlib.sha256(file.read_bytes()).digest())
    return made.hexdigest()[:16]


def _text(value: JsonValue) -> str | None:
    return value if isinstance(value, str) else None


def _day(value: JsonValue) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else None
