"""Every schema says what it must, and every example meets what it is named for, through the real path."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import jsonschema_rs
import pytest

import schemas
from hub.catalogue import Catalogue, ValidEvent, load_catalogue
from hub.envelope import (
    EventKey,
    VerifiedEvent,
    instant,
    is_event_id,
    is_organisation,
    is_person,
    is_reference,
    organisation_of,
    parse,
    verify,
)
from hub.errors import PROBLEMS, HubError
from tests.unit.envelope.signing import AUDIENCE, sign, verification_key

ROOT = Path(schemas.__file__).parent
REQUIREMENTS = Path(__file__).parents[3] / "shared" / "design" / "requirements.md"
TYPES = schemas.types()
NAMES = [name for name, _ in TYPES]
EXAMPLES = [
    one
    for name, version in TYPES
    for which in ("valid", "invalid")
    for one in schemas.examples(name, version, which=which)
]
NOW = datetime(2026, 1, 1, tzinfo=UTC)
CATALOGUE = load_catalogue()


def ids(example: schemas.Example) -> str:
    return f"{example.type}/{'invalid' if example.problem else 'valid'}/{example.name}"


def properties(schema: Mapping[str, object], path: str = "") -> Iterator[tuple[str, Mapping[str, object]]]:
    for keyword in ("properties", "patternProperties"):
        for name, described in schema.get(keyword, {}).items():  # type: ignore[attr-defined]
            yield f"{path}/{name}", described
            yield from properties(described, f"{path}/{name}")
    if isinstance(schema.get("items"), dict):
        yield from properties(schema["items"], f"{path}[]")  # type: ignore[arg-type]


def everything(schema: object) -> Iterator[Mapping[str, object]]:
    if isinstance(schema, dict):
        yield schema
        for value in schema.values():
            yield from everything(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from everything(value)


def roles_of(kind: str) -> frozenset[str]:
    return frozenset(
        one.code
        for one in schemas.codes("roles").codes
        if kind in one.attributes["kinds"]  # type: ignore[operator]
    )


def post(example: schemas.Example, roles: frozenset[str], catalogue: Catalogue = CATALOGUE) -> ValidEvent:
    """Sign, parse, verify, validate and ask who may post, as the hub does."""
    organisation = organisation_of(str(example.event["source"]))
    assert organisation is not None
    compact = sign(json.dumps(example.event, ensure_ascii=False).encode())
    verified = verify(
        parse(compact), key=verification_key(organisation=organisation), audience=AUDIENCE, now=NOW
    )
    valid = catalogue.validate(verified)
    if not catalogue.may_post(verified.type, organisation.split(".")[0], roles, verified.data):
        raise HubError("poster", rule="H-04")
    return valid


def is_of_the_hub(example: schemas.Example) -> bool:
    return example.event["source"] == "urn:safeguarding:hub"


@pytest.mark.req("H-27", "H-28")
@pytest.mark.parametrize(
    "example", [one for one in EXAMPLES if one.problem is None and not is_of_the_hub(one)], ids=ids
)
def test_a_valid_example_is_accepted(example: schemas.Example) -> None:
    kind = str(example.event["source"]).removeprefix("urn:safeguarding:org:").split(".")[0]
    valid = post(example, roles_of(kind))
    assert (valid.type.name, valid.verified.payload) == (
        example.type,
        json.dumps(example.event, ensure_ascii=False).encode(),
    )


@pytest.mark.req("H-04", "H-22", "H-27")
@pytest.mark.parametrize(
    "example", [one for one in EXAMPLES if one.problem and not is_of_the_hub(one)], ids=ids
)
def test_an_invalid_example_is_refused_for_its_reason(example: schemas.Example) -> None:
    with pytest.raises(HubError) as refused:
        post(example, frozenset())
    assert refused.value.slug == example.problem


@pytest.mark.req("H-12", "H-13", "H-14")
@pytest.mark.parametrize("example", [one for one in EXAMPLES if is_of_the_hub(one)], ids=ids)
def test_an_example_of_the_hubs_own_records_fits_its_schema_or_does_not(example: schemas.Example) -> None:
    data = example.event["data"]
    assert isinstance(data, dict)
    if example.problem is None:
        CATALOGUE.check_record(example.type, example.version, data)
        return
    with pytest.raises(HubError) as refused:
        CATALOGUE.check_record(example.type, example.version, data)
    assert refused.value.slug == example.problem


@pytest.mark.req("H-02")
def test_the_replacements_of_the_examples_fit_the_type_they_correct() -> None:
    for example in schemas.examples("event-corrected"):
        data = example.event["data"]
        assert isinstance(data, dict)
        CATALOGUE.validate_replacement("incident-recorded", 1, data["replacement"], recorded_at=NOW)


@pytest.mark.parametrize(("name", "version"), TYPES, ids=NAMES)
def test_a_type_has_examples_of_both_sorts_and_a_page(name: str, version: int) -> None:
    valid, invalid = (schemas.examples(name, version, which=which) for which in ("valid", "invalid"))
    assert {"minimal", "full"} <= {one.name for one in valid}
    assert len(invalid) >= 2
    assert all(one.problem in PROBLEMS for one in invalid)
    page = (ROOT / name / f"v{version}" / "README.md").read_text(encoding="utf-8")
    for path, _ in properties(schemas.schema(name, version)):
        assert f"`{path.removeprefix('/').replace('/', '.')}`" in page or "^[" in path, path


@pytest.mark.req("H-09")
@pytest.mark.parametrize("name", [*NAMES, "envelope"])
def test_every_property_has_a_label_of_the_list_and_words(name: str) -> None:
    known = {one.code for one in schemas.codes("labels").codes}
    found = list(properties(schemas.schema(name)))
    assert found
    for path, described in found:
        labels = described["x-label"]
        assert isinstance(labels, list) and set(labels) <= known, path
        assert "title" in described or "^[" in path, path


@pytest.mark.req("H-09")
@pytest.mark.parametrize("name", NAMES)
def test_text_that_nobody_structured_carries_every_label_of_its_type(name: str) -> None:
    found = dict(properties(schemas.schema(name)))
    if narrative := found.get("/narrative"):
        every = {label for described in found.values() for label in described["x-label"]}  # type: ignore[attr-defined]
        assert set(narrative["x-label"]) == every  # type: ignore[call-overload]


@pytest.mark.parametrize("name", [*NAMES, "envelope"])
def test_a_schema_is_closed_bounded_and_stands_alone(name: str) -> None:
    schema = schemas.schema(name)
    jsonschema_rs.meta.validate(dict(schema))
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    for part in everything(schema):
        assert "$ref" not in part
        if part.get("type") == "object" and (name, part.get("title")) not in {
            ("event-corrected", "Replacement content"),
            ("envelope", "What happened"),
        }:
            assert part["additionalProperties"] is False, part
        if part.get("type") == "string":
            bounded = "maxLength" in part or re.fullmatch(r"\^.*\$", str(part.get("pattern", "")))
            assert bounded, part
        if part.get("type") == "array":
            assert "maxItems" in part, part


@pytest.mark.req("H-27")
@pytest.mark.parametrize("name", NAMES)
def test_a_type_names_known_posters_codes_and_fields(name: str) -> None:
    found = CATALOGUE.types[name]
    kinds = {
        "police",
        "social-care",
        "education",
        "health",
        "youth-justice",
        "partnership",
        "other",
        "hub",
        None,
    }
    roles = {one.code for one in schemas.codes("roles").codes}
    assert found.posted_by
    for poster in found.posted_by:
        assert poster.kind in kinds
        assert poster.role is None or poster.role in roles
        assert set(poster.when or {}) <= set(found.labels)
    for item in found.open_items:
        assert found.kind in ("fact", "decision")
        assert {item.field, *item.when, *item.unless, *item.differ} <= set(found.labels)
        assert len(item.differ) in (0, 2)
        assert item.text.endswith(".") and item.source
    assert set(found.codes.values()) <= set(schemas.code_lists())
    assert found.serves
    schema = schemas.schema(name)
    assert str(schema["x-basis"]).endswith(".")
    assert schemas.codes("themes").text_of(str(schema["x-theme"]))


@pytest.mark.req("H-27")
@pytest.mark.parametrize("name", [name for name in NAMES if CATALOGUE.types[name].kind == "fact"])
def test_a_fact_requires_little(name: str) -> None:
    discriminators = {
        "child-stream-opened": {"identifiers", "responsible_authority"},
        "incident-recorded": {"role", "status"},
        "incident-linked": {"link", "others"},
        "relationship-ended": {"kind", "organisation"},
        "meeting-held": {"kind", "meeting"},
        "behaviour-level-assessed": {"scale", "level"},
        "family-informed": {"topic", "outcome"},
        "child-moved-area": {"step", "from_authority", "to_authority"},
        "records-access-requested": {"holder", "scope"},
        "place-declared": {"kind", "place"},
        "plan-place-covered": {"kind", "place"},
        "event-corrected": {"about", "replacement", "reason"},
        "event-retracted": {"about", "reason"},
    }
    required = set(schemas.schema(name)["required"]) - {"occurred_at", "precision", "author"}  # type: ignore[arg-type]
    assert required == discriminators.get(name, required)
    assert len(required) <= 1 or name in discriminators


@pytest.mark.parametrize("name", NAMES)
def test_the_full_example_carries_a_canary_in_every_free_text(name: str) -> None:
    """A byte search for the canaries can then prove where a text went."""
    full = next(one for one in schemas.examples(name) if one.name == "full")
    data, schema = full.event["data"], schemas.schema(name)
    free = {
        path
        for path, described in properties(schema)
        for part in (described, described.get("items", {}))
        if isinstance(part, dict)
        and set(part) <= {"title", "type", "maxLength", "x-label"}
        and part.get("maxLength") in (200, 2000, 4000)
    }
    if CATALOGUE.types[name].kind != "hub":
        for path in free:
            values = list(_values(data, path.strip("/").replace("[]", "").split("/")))
            assert values, path
            assert all("CANARY-" in json.dumps(one) for one in values), path


def _values(data: object, path: list[str]) -> Iterator[object]:
    if isinstance(data, list):
        for one in data:
            yield from _values(one, path)
    elif not path:
        yield data
    elif isinstance(data, dict) and path[0] in data:
        yield from _values(data[path[0]], path[1:])


@pytest.mark.parametrize("name", schemas.code_lists())
def test_a_code_list_has_a_source_and_no_code_twice(name: str) -> None:
    found = schemas.codes(name)
    assert found.name == name and found.source and found.codes
    keys = [(one.code, one.attributes.get("scale")) for one in found.codes]
    assert len(set(keys)) == len(keys)
    assert all(re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9-]*", one.code) and one.text for one in found.codes)


@pytest.mark.req("R-020", "R-021")
def test_the_scales_have_their_levels_in_order_and_their_indicators() -> None:
    def levels(scale: str) -> list[str]:
        found = [one for one in schemas.codes("levels").codes if one.attributes["scale"] == scale]
        return [one.code for one in sorted(found, key=lambda one: int(str(one.attributes["order"])))]

    assert levels("hackett-5") == ["normal", "inappropriate", "problematic", "abusive", "violent"]
    assert levels("darlington-4") == ["healthy", "problematic", "abusive", "violent"]
    for scale in ("hackett-5", "darlington-4"):
        found = [one for one in schemas.codes("indicators").codes if one.attributes["scale"] == scale]
        assert {str(one.attributes["level"]) for one in found} == set(levels(scale))
        assert {one.attributes["direction"] for one in found} == {"aggravating", "balancing", "positive"}


# Roles that people of several kinds of organisation have, whose law does not know the purpose: refused there.
WITHOUT_BASIS = {
    ("strategy-meeting", "specialist-assessor", "other"),
    ("direct-care", "educational-psychologist", "education"),
    ("direct-care", "residential-worker", "education"),
    ("education-safety", "educational-psychologist", "social-care"),
    ("education-safety", "residential-worker", "social-care"),
    ("education-safety", "residential-worker", "other"),
}


@pytest.mark.req("H-12")
def test_every_purpose_that_a_role_may_use_has_a_basis_for_its_kind_of_organisation() -> None:
    """And whoever has one purpose too many for its kind of organisation has another that fits it."""
    kinds_of = {one.code: one.attributes["kinds"] for one in schemas.codes("roles").codes}
    bases = {one.code: one.attributes["bases"] for one in schemas.codes("purpose-bases").codes}
    known = {one.code for one in schemas.codes("lawful-bases").codes}
    without: set[tuple[str, str, str]] = set()
    served: set[tuple[str, str, str]] = set()
    for purpose in schemas.codes("purposes").codes:
        for role in purpose.attributes["roles"]:  # type: ignore[union-attr]
            for kind in kinds_of[str(role)]:  # type: ignore[union-attr]
                asked = (purpose.code, str(role), str(kind))
                fits = bases[asked[2]].get(asked[0]) in known
                (served if fits else without).add(asked)
    assert without == WITHOUT_BASIS
    assert {one[1:] for one in without} <= {one[1:] for one in served}


@pytest.mark.parametrize(
    ("path", "accepts"),
    [
        ("/others[]/ref", is_reference),
        ("/author", is_person),
        ("/responsible_authority", is_organisation),
        ("/about/id", is_event_id),
        ("/about/source", lambda text: organisation_of(text) is not None),
    ],
)
@pytest.mark.parametrize(
    "text",
    [
        "nhs:9991001018",
        "nhs:99910010181",
        "upn:A123456789012",
        "upn:A12345678901Z",
        "local:education.elm-school:t-2001",
        "child:0b6f4a52-7d0e-4a3c-9d15-5f0c2f6a8e11",
        "education.elm-school",
        "education.elm-school/dsl-1",
        "Education.elm",
        "army.x",
        "urn:safeguarding:org:education.elm-school",
        "01JC8Z3V9E4T6R7K2M5N8P0Q1S",
        "short",
        "",
    ],
)
def test_schema_and_envelope_agree_on_the_written_forms(path: str, accepts: object, text: str) -> None:
    described = dict(properties(schemas.schema("child-stream-opened")))[path]
    assert callable(accepts)
    assert bool(re.fullmatch(str(described["pattern"]), text)) == bool(accepts(text))


@pytest.mark.parametrize(
    "text", ["2025-09-12T15:25:00+01:00", "2025-09-12T15:25:00Z", "2025-09-12", "2025-09-12T15:25:00", "now"]
)
def test_schema_and_envelope_agree_on_an_instant(text: str) -> None:
    described = dict(properties(schemas.schema("envelope")))["/time"]
    assert bool(re.fullmatch(str(described["pattern"]), text)) == (instant(text) is not None)


@pytest.mark.parametrize("example", [one for one in EXAMPLES if not is_of_the_hub(one)], ids=ids)
def test_an_example_has_the_envelope_of_the_schema(example: schemas.Example) -> None:
    jsonschema_rs.validate(dict(schemas.schema("envelope")), example.event)


@pytest.mark.req("R-006")
def test_no_schema_page_or_example_has_a_word_that_is_never_used_of_a_child() -> None:
    # "victimisation" stands in the name of one type, which asks whether the child was harmed itself.
    banned = re.compile(r"perpetrator|offender|abuser|predator|victim(?!isation)", re.IGNORECASE)
    for file in sorted(ROOT.rglob("*")):
        if file.suffix in (".json", ".md"):
            assert not banned.search(file.read_text(encoding="utf-8")), file


@pytest.mark.parametrize("name", NAMES)
def test_a_type_serves_requirements_that_exist(name: str) -> None:
    if not REQUIREMENTS.exists():
        pytest.skip("the requirements are not beside this checkout")
    rows = set(re.findall(r"^\| ((?:R|H)-[0-9]+) \|", REQUIREMENTS.read_text(encoding="utf-8"), re.MULTILINE))
    found = CATALOGUE.types[name]
    assert {*found.serves, *(item.requirement for item in found.open_items)} <= rows


def test_a_verified_event_of_an_example_names_its_key() -> None:
    example = schemas.examples("incident-recorded")[0]
    valid = post(example, frozenset())
    assert isinstance(valid.verified, VerifiedEvent)
    assert valid.verified.key == EventKey(str(example.event["source"]), str(example.event["id"]))
