from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from hub.catalogue import UNLABELLED, Catalogue, ValidEvent, labels_of, load_catalogue
from hub.envelope import EventKey, JsonValue, VerifiedEvent
from hub.errors import HubError

COMMON: dict[str, JsonValue] = {
    "occurred_at": "2025-09-10",
    "precision": "about-day",
    "author": "education.elm-school/dsl-1",
}
TIME = datetime(2025, 9, 12, 14, 25, tzinfo=UTC)
NONE: frozenset[str] = frozenset()


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


def verified(
    type_: str, data: Mapping[str, JsonValue], version: int = 1, time: datetime = TIME
) -> VerifiedEvent:
    return VerifiedEvent(
        compact=b"",
        payload=b"",
        kid="k",
        organisation="education.elm-school",
        iat=TIME,
        key=EventKey("urn:safeguarding:org:education.elm-school", "01JC8Z3V9E4T6R7K2M5N8P0Q1S"),
        type=type_,
        version=version,
        subject="nhs:9991001018",
        time=time,
        data=data,
    )


def valid(catalogue: Catalogue, type_: str, **data: JsonValue) -> ValidEvent:
    return catalogue.validate(verified(type_, COMMON | data))


def refusal(catalogue: Catalogue, type_: str, **data: JsonValue) -> HubError:
    with pytest.raises(HubError) as refused:
        valid(catalogue, type_, **data)
    return refused.value


@pytest.mark.req("H-27")
def test_a_fact_with_every_optional_field_missing_is_kept_with_a_list_of_open_items(
    catalogue: Catalogue,
) -> None:
    found = valid(catalogue, "incident-recorded", role="has-harmed", status="alleged")
    assert [one.rule for one in found.warnings] == ["R-016", "R-019", "R-002", "R-041", "R-041"]
    assert all(one.text and one.source for one in found.warnings)
    assert found.type.name == "incident-recorded"
    assert found.data == COMMON | {"role": "has-harmed", "status": "alleged"}


@pytest.mark.req("H-27")
def test_an_open_item_may_depend_on_another_field(catalogue: Catalogue) -> None:
    answers: dict[str, JsonValue] = {"consent": "no", "power": "unknown", "exploitation": "unknown"}

    def rules(**data: JsonValue) -> list[str]:
        return [one.rule for one in valid(catalogue, "behaviour-level-assessed", **answers, **data).warnings]

    about = {"source": "urn:safeguarding:org:police.n-police", "id": "0123456789ABCDEF"}
    assert rules(scale="hackett-5", level="abusive", about=about) == ["R-020"]
    assert rules(scale="hackett-5", level="normal", about=about) == []
    assert rules(scale="hackett-5", level="normal") == ["R-017"]
    assert rules(scale="hackett-5", level="normal", entry_id="e1") == []


@pytest.mark.req("H-28")
def test_a_decision_has_no_open_items(catalogue: Catalogue) -> None:
    assert valid(catalogue, "separate-meetings-decided", separate=False).warnings == ()


@pytest.mark.req("H-27")
def test_an_unknown_code_is_kept_and_flagged(catalogue: Catalogue) -> None:
    found = valid(
        catalogue,
        "setting-risk-assessment-recorded",
        parts=[2],
        part_2="A neutral sample sentence.",
        measures=[{"for": "school", "code": "supervision"}, {"for": "home", "code": "CANARY-CODE"}],
    )
    assert found.data["measures"] == [
        {"for": "school", "code": "supervision"},
        {"for": "home", "code": "other:CANARY-CODE"},
    ]
    assert [one.rule for one in found.warnings] == ["H-27"]
    assert "measures[].code" in found.warnings[0].text
    assert "CANARY" not in found.warnings[0].text
    assert found.verified.data["measures"] != found.data["measures"]


@pytest.mark.req("H-27")
def test_an_unknown_code_in_a_list_of_codes_is_kept_once_flagged(catalogue: Catalogue) -> None:
    found = valid(
        catalogue,
        "incident-recorded",
        role="has-harmed",
        status="alleged",
        categories=["one", "two", "contact", "other:three"],
        place_kind="home",
        person_harmed="child",
        happened="alleged",
        coercion="unknown",
    )
    assert found.data["categories"] == ["other:one", "other:two", "contact", "other:three"]
    assert [one.rule for one in found.warnings] == ["H-27"]


@pytest.mark.req("H-27")
def test_a_profile_a_late_date_and_a_marker_are_flagged(catalogue: Catalogue) -> None:
    found = valid(
        catalogue,
        "separate-meetings-decided",
        separate=True,
        profile="llr-2024",
        occurred_at="2025-09-20",
        narrative="with {{other:1}} and {{other:2}}",
        others=[{"ref": "nhs:9991002022"}],
    )
    assert [one.rule for one in found.warnings] == ["Q-05", "H-05", "D-03"]


@pytest.mark.req("H-27")
def test_markers_that_name_a_child_of_others_are_not_flagged(catalogue: Catalogue) -> None:
    found = valid(
        catalogue,
        "separate-meetings-decided",
        separate=True,
        narrative="with {{other:1}}",
        others=[{"ref": "nhs:9991002022", "role": "mentioned"}],
    )
    assert found.warnings == ()
    assert [(one.index, one.ref, one.role) for one in found.others] == [(1, "nhs:9991002022", "mentioned")]


@pytest.mark.req("H-05", "H-25")
def test_the_time_it_happened_is_read(catalogue: Catalogue) -> None:
    data = COMMON | {"role": "has-harmed", "status": "alleged"}
    found = catalogue.validate(verified("incident-recorded", data, time=TIME + timedelta(days=30)))
    assert found.occurred.start == datetime(2025, 9, 9, 23, tzinfo=UTC)
    assert found.recorded_late
    assert not catalogue.validate(verified("incident-recorded", data)).recorded_late
    assert catalogue.validate(verified("incident-recorded", data), late_after=timedelta(0)).recorded_late


FAULTS = {
    "unknown property": ({"CANARY-NAME": 1}, "At /data: a member that the schema does not have."),
    "unknown nested property": (
        {"others": [{"ref": "nhs:9991002022", "CANARY": 1}]},
        "At /data/others/0: a member that the schema does not have.",
    ),
    "not of the closed list": ({"role": "CANARY"}, "At /data/role: not one of the closed list."),
    "text too long": ({"narrative": "CANARY " * 700}, "At /data/narrative: too long."),
    "too many others": (
        {"others": [{"ref": "nhs:9991002022"}] * 21},
        "At /data/others: too many items.",
    ),
    "a child by name": (
        {"others": [{"ref": "CANARY"}]},
        "At /data/others/0/ref: not in the form that the schema asks for.",
    ),
    "a person not ASCII": (
        {"author": "education.elm-school/dśl-1"},
        "At /data/author: not in the form that the schema asks for.",
    ),
    "another type": ({"coercion": True}, "At /data/coercion: not one of the closed list."),
    "missing": ({"status": None}, "At /data/status: a member is missing."),
    "form of the date": (
        {"occurred_at": "10.9.2025"},
        "At /data/occurred_at: not in the form that the schema asks for.",
    ),
}


@pytest.mark.req("H-27")
@pytest.mark.parametrize(("changes", "detail"), FAULTS.values(), ids=FAULTS.keys())
def test_a_schema_fault_names_a_known_property_and_nothing_received(
    catalogue: Catalogue, changes: dict[str, JsonValue], detail: str
) -> None:
    data = COMMON | {"role": "has-harmed", "status": "alleged"} | changes
    if data["status"] is None:
        del data["status"]
    with pytest.raises(HubError) as refused:
        catalogue.validate(verified("incident-recorded", data))
    assert (refused.value.slug, refused.value.detail) == ("schema", detail)
    assert "CANARY" not in str(refused.value) + repr(refused.value.args)


@pytest.mark.req("R-020", "R-021")
def test_a_level_must_be_of_its_scale(catalogue: Catalogue) -> None:
    assert (
        refusal(catalogue, "behaviour-level-assessed", scale="darlington-4", level="inappropriate").slug
        == "schema"
    )
    valid(catalogue, "behaviour-level-assessed", scale="hackett-5", level="inappropriate")


@pytest.mark.req("H-27")
@pytest.mark.parametrize(("name", "version"), [("incident-recorded", 2), ("unheard-of", 1), ("envelope", 1)])
def test_an_unknown_type_is_refused(catalogue: Catalogue, name: str, version: int) -> None:
    with pytest.raises(HubError) as refused:
        catalogue.validate(verified(name, COMMON, version))
    assert refused.value.slug == "schema"
    assert name not in refused.value.detail


@pytest.mark.req("H-22")
def test_imagery_is_told_even_where_the_schema_would_refuse(catalogue: Catalogue) -> None:
    refused = refusal(catalogue, "incident-recorded", picture="data:image/png;base64,AAAA")
    assert refused.slug == "imagery"


@pytest.mark.req("H-04")
def test_no_agency_posts_the_hubs_own_records(catalogue: Catalogue) -> None:
    assert refusal(catalogue, "record-accessed").slug == "poster"
    assert not catalogue.may_post("record-accessed", "police", frozenset({"police-officer"}), {})
    assert not catalogue.may_post("record-accessed", "hub", NONE, {})


POSTERS = [
    ("criminal-outcome-recorded", "police", NONE, {}, True),
    ("criminal-outcome-recorded", "education", frozenset({"designated-safeguarding-lead"}), {}, False),
    ("setting-risk-assessment-recorded", "education", frozenset({"designated-safeguarding-lead"}), {}, True),
    ("setting-risk-assessment-recorded", "education", NONE, {}, False),
    ("setting-risk-assessment-recorded", "health", frozenset({"designated-safeguarding-lead"}), {}, False),
    ("incident-recorded", "other", NONE, {}, True),
    ("incident-linked", "police", NONE, {}, True),
    ("incident-linked", "social-care", frozenset({"social-worker"}), {}, False),
    ("incident-linked", "social-care", frozenset({"enquiry-social-worker"}), {}, True),
    ("relationship-recorded", "social-care", NONE, {"kind": "enrolled"}, True),
    ("relationship-recorded", "health", NONE, {"kind": "treated"}, True),
    ("relationship-recorded", "health", NONE, {"kind": "enrolled"}, False),
    ("relationship-recorded", "education", NONE, {"kind": "enrolled"}, False),
    ("relationship-recorded", "police", frozenset({"manager"}), {"kind": "cover"}, True),
    ("relationship-recorded", "police", NONE, {"kind": "cover"}, False),
    ("relationship-recorded", "police", frozenset({"manager"}), {}, False),
    ("meeting-convened", "education", NONE, {"kind": "professionals"}, True),
    ("meeting-convened", "education", NONE, {"kind": "strategy"}, False),
    ("unheard-of", "police", NONE, {}, False),
]


@pytest.mark.req("H-04")
@pytest.mark.parametrize(("name", "kind", "roles", "data", "expected"), POSTERS)
def test_who_may_post(
    catalogue: Catalogue,
    name: str,
    kind: str,
    roles: frozenset[str],
    data: dict[str, JsonValue],
    expected: bool,
) -> None:
    assert catalogue.may_post(name, kind, roles, data) is expected


@pytest.mark.req("H-02")
def test_a_replacement_is_checked_by_the_type_it_corrects(catalogue: Catalogue) -> None:
    replacement = COMMON | {
        "role": "has-harmed",
        "status": "withdrawn",
        "others": [{"ref": "nhs:9991002022"}],
    }
    found = catalogue.validate_replacement("incident-recorded", 1, replacement, recorded_at=TIME)
    assert found.type.name == "incident-recorded"
    assert [one.ref for one in found.others] == ["nhs:9991002022"]
    for broken in (COMMON, replacement | {"score": 1}, replacement | {"precision": "year"}):
        with pytest.raises(HubError) as refused:
            catalogue.validate_replacement("incident-recorded", 1, broken, recorded_at=TIME)
        assert refused.value.slug == "schema"
    with pytest.raises(HubError) as refused:
        catalogue.validate_replacement(
            "incident-recorded", 1, replacement | {"narrative": "data:image/png;base64,AA"}, recorded_at=TIME
        )
    assert refused.value.slug == "imagery"


@pytest.mark.req("H-22")
def test_imagery_inside_a_replacement_is_refused_at_once(catalogue: Catalogue) -> None:
    about = {"source": "urn:safeguarding:org:education.elm-school", "id": "0123456789ABCDEF"}
    refused = refusal(
        catalogue,
        "event-corrected",
        about=about,
        reason="x",
        replacement={"words": "data:image/png;base64,AA"},
    )
    assert refused.slug == "imagery"


@pytest.mark.req("H-08", "H-09")
def test_labels_are_those_of_filled_fields(catalogue: Catalogue) -> None:
    plan = catalogue.types["risk-management-plan-recorded"]
    data = COMMON | {
        "responsible_organisation": "social-care.n-csc",
        "education": "",
        "accommodation": None,
        "parts": {"needs": "", "protection": ""},
        "places": [{"kind": "home"}],
        "measures": [],
        "others": [{"ref": "nhs:9991002022"}],
    }
    found = labels_of(plan, data)
    assert found == {
        "occurred_at": frozenset(),
        "precision": frozenset(),
        "author": frozenset(),
        "responsible_organisation": {"OPIN"},
        "places": {"OPIN"},
        "others": {"3P"},
    }
    with_line = labels_of(plan, {"places": [{"kind": "home"}, {"kind": "school", "line": "x"}]})
    assert with_line == {"places": {"OPIN", "LOC"}}


@pytest.mark.req("H-09")
def test_what_a_type_does_not_describe_fails_closed(catalogue: Catalogue) -> None:
    assert labels_of(catalogue.types["incident-recorded"], {"score": 1}) == {"score": {UNLABELLED}}
    corrected = labels_of(catalogue.types["event-corrected"], {"replacement": {"words": "x"}})
    assert {"WORDS", "CRIM", "INTEL", "THER", "SEALED"} <= corrected["replacement"]


@pytest.mark.req("H-08")
def test_no_and_zero_are_filled(catalogue: Catalogue) -> None:
    incident = catalogue.types["incident-recorded"]
    assert labels_of(incident, {"claimed_mutual": False}) == {"claimed_mutual": {"CBH-ID", "CWH-ID"}}


@pytest.mark.req("H-08")
def test_a_type_knows_every_label_it_can_carry(catalogue: Catalogue) -> None:
    level = catalogue.types["behaviour-level-assessed"]
    assert level.labels["basis"] == ("CRIM",)
    assert level.labels["based_on[].id"] == ()
    assert set(level.labels["narrative"]) == {"OPIN", "CRIM", "3P"}
    assert level.all_labels == {"OPIN", "CRIM", "3P"}
    assert catalogue.types["risk-management-plan-recorded"].labels["measures[].code"] == ("SAFE",)


@pytest.mark.req("H-14")
def test_the_hub_checks_its_own_records(catalogue: Catalogue) -> None:
    record: dict[str, JsonValue] = {"disclosure_id": "d", "items": [], "counts": {"D-05": 2}}
    catalogue.check_record("disclosure-withheld", 1, record)
    with pytest.raises(HubError):
        catalogue.check_record("disclosure-withheld", 1, record | {"narrative": "x"})
    with pytest.raises(HubError) as refused:
        catalogue.check_record("disclosure-withheld", 1, record | {"counts": {"D-99": -1}})
    assert refused.value.detail == "At /data/counts: too small."
