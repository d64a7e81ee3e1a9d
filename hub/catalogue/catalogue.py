"""The catalogue: which event types there are, who may post them, and whether data fits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import jsonschema_rs

import schemas
from hub.catalogue.imagery import check_imagery
from hub.catalogue.loading import event_type, known_codes
from hub.catalogue.occurred import LATE_AFTER, occurred, recorded_late
from hub.catalogue.scales import SHIPPED, Scale
from hub.catalogue.types import About, EventType, OtherReference, ValidContent, ValidEvent
from hub.catalogue.warnings import mark_unknown_codes, warnings_of
from hub.envelope import JsonObject, JsonValue, VerifiedEvent, subject_organisation
from hub.errors import HubError

UNLABELLED: Final = "UNLABELLED"
"""What a field that its type does not describe is labelled with: no rule permits it."""

_REASONS: Final = {
    "additionalProperties": "a member that the schema does not have",
    "const": "not the value that the schema asks for",
    "enum": "not one of the closed list",
    "format": "not in the form that the schema asks for",
    "maxItems": "too many items",
    "maxLength": "too long",
    "maximum": "too large",
    "minItems": "too few items",
    "minLength": "too short",
    "minimum": "too small",
    "pattern": "not in the form that the schema asks for",
    "required": "a member is missing",
    "type": "not of the type that the schema asks for",
    "uniqueItems": "an item stands twice",
}


_INDICATORS: Final = "indicators"
_SUBJECTS: Final[Mapping[About, str]] = {
    "child": "The subject of an event of this type is a child, by an identifier.",
    "organisation": "The subject of an event of this type is an organisation, as organisation:<id>.",
}


@dataclass(frozen=True, slots=True)
class _Loaded:
    type: EventType
    validator: jsonschema_rs.Draft202012Validator


class Catalogue:
    """Every event type of this installation, with its compiled schema and the level scales it knows."""

    def __init__(
        self,
        loaded: Iterable[tuple[EventType, jsonschema_rs.Draft202012Validator]],
        scales: Mapping[str, Scale] = SHIPPED,
        indicators: frozenset[str] = frozenset(),
    ) -> None:
        self._loaded: Final = {(one.name, one.version): _Loaded(one, validator) for one, validator in loaded}
        self.scales: Final = scales
        """The level scales by which agencies may describe a behaviour, by id."""
        listed = known_codes([one.type for one in self._loaded.values()])
        self.codes: Final[Mapping[str, frozenset[str]]] = {
            name: codes | indicators if name == _INDICATORS else codes for name, codes in listed.items()
        }
        """The codes of every list that a type names; the features of profiles are among the indicators."""
        self.types: Final[Mapping[str, EventType]] = {
            name: one.type for (name, _), one in sorted(self._loaded.items())
        }
        """The latest version of every type, by name."""

    def type(self, name: str, version: int = 1) -> EventType:
        """The type of that name and version.

        Raises: HubError("schema") where there is none.
        """
        return self._find(name, version).type

    def validate(self, verified: VerifiedEvent, *, late_after: timedelta = LATE_AFTER) -> ValidEvent:
        """Check an event's data against its type, and say what its poster should know.

        Raises: HubError("schema"); HubError("imagery"); HubError("poster") for a record that only
            the hub makes.
        """
        loaded = self._find(verified.type, verified.version)
        if loaded.type.kind == "hub":
            raise HubError("poster", "Only the hub makes records of this type.", rule="H-04")
        _check_subject(loaded.type, verified.subject)
        content = self._content(loaded, verified.data, verified.time, late_after)
        return ValidEvent(
            verified=verified,
            type=content.type,
            occurred=content.occurred,
            recorded_late=content.recorded_late,
            warnings=content.warnings,
            others=content.others,
            data=content.data,
            scale=content.scale,
        )

    def validate_replacement(
        self,
        name: str,
        version: int,
        replacement: JsonObject,
        *,
        recorded_at: datetime,
        late_after: timedelta = LATE_AFTER,
    ) -> ValidContent:
        """Check the replacement of a correction against the type of the event it corrects.

        Raises: HubError("schema"); HubError("imagery").
        Source: H-02
        """
        loaded = self._find(name, version)
        if loaded.type.kind == "hub":
            raise HubError("poster", "Only the hub makes records of this type.", rule="H-04")
        return self._content(loaded, replacement, recorded_at, late_after)

    def may_post(self, name: str, organisation_kind: str, roles: frozenset[str], data: JsonObject) -> bool:
        """Whether an author with these roles, of this kind of organisation, may post this type.

        Source: H-04
        """
        found = self.types.get(name)
        if found is None or found.kind == "hub":
            return False
        scale = self.scales.get(str(data.get(found.level[1]))) if found.level is not None else None
        if scale is not None and scale.recorded_by and organisation_kind not in scale.recorded_by:
            return False
        return any(
            (poster.kind is None or poster.kind == organisation_kind)
            and (poster.role is None or poster.role in roles)
            and all(data.get(member) == value for member, value in (poster.when or {}).items())
            for poster in found.posted_by
        )

    def check_record(self, name: str, version: int, data: JsonObject) -> None:
        """Check a record that the hub itself makes against its schema.

        Raises: HubError("schema").
        """
        _check_schema(self._find(name, version), data)

    def _find(self, name: str, version: int) -> _Loaded:
        loaded = self._loaded.get((name, version))
        if loaded is None:
            raise HubError("schema", "There is no event type of this name and version.")
        return loaded

    def _content(
        self, loaded: _Loaded, data: JsonObject, recorded_at: datetime, late_after: timedelta
    ) -> ValidContent:
        """Check data and derive what it says.

        1. Refuse imagery, before a schema fault could hide it.
        2. Check the schema.
        3. Find the scale that its level is of; the schema cannot, as partnerships bring their own.
        4. Read the time it happened.
        5. Name the other children.
        6. Mark codes outside their lists, and collect the warnings.
        """
        check_imagery(data)  # 1
        _check_schema(loaded, data)  # 2
        scale = self._scale(loaded.type, data)  # 3
        when = occurred(
            _member(data, "occurred_at"), _member(data, "precision"), recorded_at=recorded_at
        )  # 4
        others = tuple(_others(data))  # 5
        marked, unknown = mark_unknown_codes(loaded.type, data, self.codes)  # 6
        return ValidContent(
            type=loaded.type,
            data=marked,
            occurred=when,
            recorded_late=recorded_late(when, recorded_at, after=late_after),
            others=others,
            warnings=warnings_of(loaded.type, data, unknown, when, recorded_at, scale),
            scale=scale,
        )

    def _scale(self, type_: EventType, data: JsonObject) -> Scale | None:
        """The scale that a level is of.

        Raises: HubError("schema") naming what may stand there, for a scale or level that is not known.
        """
        if type_.level is None:
            return None
        level, named = type_.level
        scale = self.scales.get(_member(data, named))
        if scale is None:
            raise _not_among(named, sorted(self.scales), "one of the level scales of this hub's procedures")
        if scale.step(_member(data, level)) is None:
            raise _not_among(level, scale.codes, "one of the levels of that scale")
        return scale


def load_catalogue(
    read: Callable[[str, int], JsonObject] = schemas.schema,
    types: Sequence[tuple[str, int]] | None = None,
    *,
    scales: Mapping[str, Scale] = SHIPPED,
    indicators: frozenset[str] = frozenset(),
) -> Catalogue:
    """Load and compile every schema of this installation.

    Shape: `scales` are the level scales by which agencies may describe a behaviour, `indicators` the features
    that profiles name beside those of the code list.
    Raises: ValueError or FileNotFoundError where the installation is damaged.
    """
    loaded = (
        (event_type(name, version, described), _compile(described))
        for name, version in (schemas.types() if types is None else types)
        for described in (read(name, version),)
    )
    return Catalogue(loaded, scales, indicators)


def labels_of(type_: EventType, data: JsonObject) -> Mapping[str, frozenset[str]]:
    """The labels of each filled field, by the field's name at the top of `data`.

    Shape: a field of objects carries the labels of its filled members; a structural field is there
    with none; a field that the type does not have carries `UNLABELLED`, which no rule permits. False
    and zero are filled; null, empty text and empty lists are not.
    Source: H-08, H-09
    """
    return {name: frozenset(_labels(type_, name, value)) for name, value in data.items() if _is_filled(value)}


def _labels(type_: EventType, path: str, value: JsonValue) -> Iterator[str]:
    members = [
        (f"{path}{step}.{name}", one)
        for step, item in _objects(value)
        for name, one in item.items()
        if _is_filled(one)
    ]
    if members and all(inner in type_.labels for inner, _ in members):
        for inner, one in members:
            yield from _labels(type_, inner, one)
    else:
        yield from type_.labels.get(path, (UNLABELLED,))


def _objects(value: JsonValue) -> Iterator[tuple[str, JsonObject]]:
    if isinstance(value, Mapping):
        yield "", value
    elif isinstance(value, Sequence) and not isinstance(value, str):
        yield from (("[]", item) for item in value if isinstance(item, Mapping))


def _is_filled(value: JsonValue) -> bool:
    if isinstance(value, Mapping):
        return any(_is_filled(one) for one in value.values())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return any(_is_filled(one) for one in value)
    return value is not None and value != ""


def _compile(schema: JsonObject) -> jsonschema_rs.Draft202012Validator:
    # The linear-time engine: a pattern can never be made to backtrack by what is posted.
    return jsonschema_rs.Draft202012Validator(
        dict(schema), validate_formats=True, pattern_options=jsonschema_rs.RegexOptions(), offline=True
    )


def _check_subject(type_: EventType, subject: str) -> None:
    """Keep what is about an organisation off every child's stream, and the other way round."""
    named = "child" if subject_organisation(subject) is None else "organisation"
    if named != type_.about:
        raise HubError("schema", _SUBJECTS[type_.about])


def _check_schema(loaded: _Loaded, data: JsonObject) -> None:
    error = next(loaded.validator.iter_errors(data), None)
    if error is None:
        return
    reason = _REASONS.get(error.kind.name, "not as the schema asks")
    # A missing member's name is the schema's own; an unknown member's name was received.
    missing = [error.kind.value] if error.kind.name == "required" else []
    raise HubError("schema", f"At {_pointer(loaded.type, [*error.instance_path, *missing])}: {reason}.")


def _pointer(type_: EventType, path: Sequence[str | int]) -> str:
    """A JSON pointer made of names that the schema has; it stops where a received name would begin."""
    pointer, known = "/data", ""
    for step in path:
        if isinstance(step, int):
            pointer, known = f"{pointer}/{step}", f"{known}[]"
            continue
        known = f"{known}.{step}" if known else step
        if known not in type_.labels:
            break
        pointer = f"{pointer}/{step}"
    return pointer


def _member(data: JsonObject, name: str) -> str:
    value = data.get(name)
    if not isinstance(value, str):
        raise HubError("schema", f"At /data/{name}: a member is missing.")
    return value


def _not_among(member: str, allowed: Iterable[str], what: str) -> HubError:
    return HubError("schema", f"At /data/{member}: not {what}, which are {', '.join(allowed)}.")


def _others(data: JsonObject) -> Iterator[OtherReference]:
    listed = data.get("others")
    if not isinstance(listed, Sequence) or isinstance(listed, str):
        return
    for index, item in enumerate(listed, start=1):
        if isinstance(item, Mapping):
            reference, role = item.get("ref"), item.get("role")
            if isinstance(reference, str):
                yield OtherReference(index, reference, role if isinstance(role, str) else None)
