"""How values are said in words: times with their precision, labels of fields, codes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final

import schemas
from hub.catalogue import LONDON, EventType
from hub.catalogue.scales import SHIPPED, Scale
from hub.envelope import JsonValue

_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
_MONTH: Final = re.compile(r"\d{4}-\d{2}\Z")
_YEAR: Final = re.compile(r"\d{4}\Z")
_INSTANT: Final = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}")
_OTHER: Final = re.compile(r"other:([1-9][0-9]?)\Z")
"""Another child of the same entry, by its number there."""
_CODE: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)+\Z")

_SAID_AS: Final[Mapping[str, str]] = {
    "exact": "{}",
    "day": "{}",
    "about-day": "about {}",
    "month": "during {}",
    "year": "during {}",
    "before": "before {}",
    "after": "after {}",
}

_OWN_LABELS: Final[Mapping[str, str]] = {"token": "Known to you as", "index": "Number in this entry"}
"""Members of answers that are in no schema because the hub itself writes them."""

_GENERAL_LISTS: Final = (
    "roles",
    "relationship-kinds",
    "labels",
    "levels",
    "measures",
    "coded-facts",
    "scales",
    "lawful-bases",
)
"""Lists whose codes stand outside the fields of an event: in headings, marks and traces."""


@dataclass(frozen=True, slots=True)
class Said:
    """One value in words: a text, or members with labels, or items.

    Shape: `code` is what stands in the record for the text, where a list has it in words.
    Trust: `text` may be what an agency wrote; templates escape it.
    """

    text: str = ""
    code: str | None = None
    members: tuple[tuple[str, Said], ...] = ()
    items: tuple[Said, ...] = ()


def day(value: date) -> str:
    """A day in words."""
    return f"{value.day} {value:%B %Y}"


def minute(value: datetime) -> str:
    """An instant in words, to the minute, in London time."""
    local = value.astimezone(LONDON)
    return f"{day(local)}, {local:%H:%M}"


def due(at: datetime | None, on: date | None) -> str | None:
    """When something falls due: the minute of a clock of hours, the day of a clock of days.

    Units: `at` of a clock of days is the midnight that ends its London day, and says nothing more.
    """
    if at is not None and (on is None or at.astimezone(LONDON).time() != time(0)):
        return minute(at)
    return None if on is None else day(on)


def written(text: str) -> str:
    """A date or time as an event writes it, in words; other text as it is."""
    try:
        if _DAY.match(text):
            return day(date.fromisoformat(text))
        if _MONTH.match(text):
            return f"{date.fromisoformat(text + '-01'):%B %Y}"
        if _INSTANT.match(text):
            instant = datetime.fromisoformat(text)
            return minute(instant) if instant.tzinfo else f"{day(instant)}, {instant:%H:%M}"
    except ValueError:
        return text
    return text


def when(occurred_at: str, precision: str) -> str:
    """When something happened, with how well that is known said in words."""
    said_as = _SAID_AS.get(precision)
    if said_as is None:
        return "date not known"
    said = occurred_at if _YEAR.match(occurred_at) else written(occurred_at)
    return said_as.format(said)


def unhyphenated(code: str) -> str:
    """A code that no list has, readable; other text as it is."""
    if (other := _OTHER.match(code)) is not None:
        return f"other child {other[1]} of this entry"
    if code.startswith("other:"):
        return f"other: {code.removeprefix('other:').strip()}"
    return code.replace("-", " ") if _CODE.match(code) else code


_ORGANISATION: Final = re.compile(
    r"(?<![\w./-])(?:police|social-care|education|health|youth-justice|partnership|other)\.[a-z0-9-]*[a-z0-9](?![\w/-])"
)
_ISO_DAY: Final = re.compile(r"(?<![\w-])\d{4}-\d{2}-\d{2}(?![\w-])")


class Vocabulary:
    """The words of the catalogue: titles of types and fields, texts of codes, purposes of roles."""

    def __init__(
        self,
        types: Mapping[str, EventType],
        organisations: Callable[[], Mapping[str, str]] = dict,
        scales: Mapping[str, Scale] = SHIPPED,
    ) -> None:
        self._types = types
        self._organisations = organisations
        self._lists = {
            name: {one.code: one.text for one in schemas.codes(name).codes}
            for name in {*_GENERAL_LISTS, "purposes", *(n for t in types.values() for n in t.codes.values())}
        }
        self._general = {
            **{level.code: level.text for one in scales.values() for level in one.levels},
            **{one.id: one.title for one in scales.values()},
            **{code: text for name in _GENERAL_LISTS for code, text in self._lists[name].items()},
        }
        self._scales = {one.id: one.title for one in scales.values()}
        names = "|".join(map(re.escape, sorted(self._scales, key=len, reverse=True)))
        self._scale = re.compile(rf"(?<![\w./-])({names})(?![\w/-])") if names else None

    @property
    def titles(self) -> tuple[tuple[str, str], ...]:
        """The types that agencies post, by name, in order of their titles."""
        posted = ((t.name, t.title) for t in self._types.values() if t.kind != "hub")
        return tuple(sorted(posted, key=lambda pair: pair[1]))

    def title(self, type_name: str) -> str:
        """The title of a type of entry, or of a coded line by its code."""
        kind = self._types.get(type_name)
        return kind.title if kind else self.general(type_name).capitalize()

    def purposes(self, roles: frozenset[str]) -> tuple[tuple[str, str], ...]:
        """The purposes these roles may choose from, with their texts, in the list's order."""
        return tuple(
            (one.code, one.text)
            for one in schemas.codes("purposes").codes
            if roles & set(_texts(one.attributes.get("roles")))
        )

    def purpose(self, code: str) -> str:
        """A purpose in words."""
        return self._lists["purposes"].get(code) or unhyphenated(code).capitalize()

    def general(self, code: str) -> str:
        """A role, relationship, level, label or coded fact in words."""
        return self._general.get(code) or unhyphenated(code)

    def titled(self, text: str) -> str:
        """A sentence of the hub with organisations and scales by their titles, and dates in words."""
        titles = self._organisations()
        named = _ORGANISATION.sub(lambda found: titles.get(found[0], found[0]), text)
        if self._scale is not None:
            named = self._scale.sub(lambda found: self._scales[found[0]], named)
        return _ISO_DAY.sub(lambda found: written(found[0]), named)

    def fields(
        self, type_name: str, fields: Mapping[str, JsonValue], line: str | None = None
    ) -> tuple[tuple[str, Said], ...]:
        """The fields of an entry of this type, each with its label, in words.

        Shape: a label is the title that the schema gives the property; a code outside its list is
        shown as it was posted. The code of a coded line is its title already and not said again.
        """
        kind = self._types.get(type_name)
        return tuple(
            (self._label(kind, name), self._say(kind, name, value))
            for name, value in fields.items()
            if not (line and name == "code")
        )

    def _label(self, kind: EventType | None, path: str) -> str:
        name = path.rsplit(".", 1)[-1].removesuffix("[]")
        title = kind.titles.get(path) if kind else None
        return title or _OWN_LABELS.get(name) or name.replace("_", " ").capitalize()

    def _say(self, kind: EventType | None, path: str, value: JsonValue) -> Said:
        if isinstance(value, Mapping):
            members = ((f"{path}.{name}", member) for name, member in value.items())
            return Said(members=tuple((self._label(kind, p), self._say(kind, p, m)) for p, m in members))
        if isinstance(value, Sequence) and not isinstance(value, str):
            return Said(items=tuple(self._say(kind, f"{path}[]", item) for item in value))
        text = self._text(kind, path, value)
        coded = isinstance(value, str) and text != value and self._is_code(kind, path, value)
        return Said(text, str(value) if coded else None)

    def _is_code(self, kind: EventType | None, path: str, value: str) -> bool:
        return (
            value in (self._lists.get(kind.codes.get(path, ""), {}) if kind else {}) or value in self._general
        )

    def _text(self, kind: EventType | None, path: str, value: JsonValue) -> str:
        if value is None:
            return "not recorded"
        if isinstance(value, bool):
            return "yes" if value else "no"
        if not isinstance(value, str):
            return str(value)
        if path.endswith(".token"):
            return value  # a name and no code: it has to be read out letter by letter
        title = self._organisations().get(value)
        if title:
            return title
        listed = self._lists.get(kind.codes.get(path, ""), {}) if kind else {}
        if value in listed:
            return listed[value]
        said = written(value)
        return self.general(value) if said == value else said


def _texts(value: object) -> Sequence[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
