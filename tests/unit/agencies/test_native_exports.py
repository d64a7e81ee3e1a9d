"""Every sample converts to valid events; scenario A is the scenario, post by post."""

import csv
import io
import json
import re
from collections import Counter
from pathlib import Path

import jsonschema_rs
import pytest

import schemas
from agencies.conversion import CONVERTERS, convert
from agencies.scenarios import load_scenario, posts
from agencies.sdk import AgencyError, AgencyEvent, cloud_event, event_id

AGENCIES = Path(__file__).resolve().parents[3] / "agencies"
FREE_TEXT = {
    "words", "narrative", "part_1", "part_2", "part_3", "rationale", "reasons", "reason", "basis", "summary",
    "chair_reason", "assessor", "address", "line", "accountability", "needs", "protection", "future_risk",
    "risk_reason", "outcomes", "chronology_snapshot",
}  # fmt: skip
ORGANISATIONS = {
    "n-csc": "social-care.n-csc",
    "s-csc": "social-care.s-csc",
    "elm-school": "education.elm-school",
    "oak-school": "education.oak-school",
    "n-police": "police.n-police",
    "n-child-health": "health.n-child-health",
    "s-yos": "youth-justice.s-yos",
}


def agency_of(path: Path) -> str:
    return path.relative_to(AGENCIES).parts[0].replace("_", "-")


def organisation_of(path: Path) -> str:
    home = {"education": "elm-school", "police": "n-police", "social-care": "s-csc"}
    return ORGANISATIONS[home[agency_of(path)] if path.parent.name == "other" else path.parent.name]


SAMPLES = sorted(path for path in AGENCIES.glob("*/samples/*/*") if path.suffix in (".csv", ".json"))


def events_of(path: Path) -> list[AgencyEvent]:
    return convert(agency_of(path), path.read_bytes(), organisation_of(path))


def faults(type_: str, data: object) -> list[str]:
    validator = jsonschema_rs.validator_for(schemas.schema(type_))
    return [f"{type_}: {fault.message}" for fault in validator.iter_errors(data)]


@pytest.mark.req("H-27")
@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_every_sample_converts_to_events_that_fit_envelope_and_schema(path: Path) -> None:
    envelope = jsonschema_rs.validator_for(schemas.schema("envelope"))
    converted = events_of(path)
    assert converted
    replaced = {event_id(one.organisation, one.record, one.type): one.type for one in converted}
    for event in converted:
        payload = json.loads(cloud_event(event))
        assert [fault.message for fault in envelope.iter_errors(payload)] == []
        assert faults(event.type, event.data) == []
        if event.type == "event-corrected":
            target = replaced.get(event.data["about"]["id"], "incident-recorded")
            assert faults(target, event.data["replacement"]) == []


@pytest.mark.req("H-04")
def test_every_sample_is_of_a_type_its_agency_may_post() -> None:
    for path in SAMPLES:
        for event in events_of(path):
            posters = {one["kind"] for one in schemas.schema(event.type)["x-posted-by"]}
            assert posters & {"any", agency_of(path)}, (path, event.type)


def test_every_kind_of_agency_has_samples_of_at_least_three_records() -> None:
    counts = Counter(agency_of(path) for path in SAMPLES for _ in events_of(path))
    assert set(counts) == set(CONVERTERS)
    assert min(counts.values()) >= 3


def design_table() -> list[tuple[str, str, str, int]]:
    """The order of scenario A: reference, local time, type, number of posts."""
    return [
        ("A00a", "2025-09-12 15:00", "child-stream-opened", 1),
        ("A01", "2025-09-12 15:10", "initial-account-recorded", 1),
        ("A02", "2025-09-12 15:25", "incident-recorded", 1),
        ("A03", "2025-09-12 15:30", "setting-risk-assessment-recorded", 1),
        ("A03b", "2025-09-12 15:32", "setting-risk-assessment-recorded", 1),
        ("A04", "2025-09-12 15:40", "referral-made", 1),
        ("A05", "2025-09-12 15:45", "immediate-safety-measure-recorded", 1),
        ("A00b", "2025-09-12 16:10", "child-stream-opened", 1),
        ("A06", "2025-09-12 16:20", "referral-made", 1),
        ("A07", "2025-09-12 16:50", "incident-recorded", 1),
        ("A08", "2025-09-12 17:30", "criminal-investigation-decided", 1),
        ("A07b", "2025-09-12 17:35", "incident-linked", 2),
        ("A09", "2025-09-15 09:15", "separate-meetings-decided", 1),
        ("A10", "2025-09-15 09:30", "referral-outcome-decided", 1),
        ("A11", "2025-09-15 10:05", "referral-outcome-decided", 1),
        ("A11a", "2025-09-15 10:06", "social-worker-allocated", 1),
        ("A11b", "2025-09-15 10:07", "social-worker-allocated", 1),
        ("A11c", "2025-09-15 10:08", "relationship-recorded", 2),
        ("A12", "2025-09-15 10:10", "meeting-convened", 2),
        *((f"A12{letter}", "2025-09-15 10:12", "invitation-sent", 1) for letter in "abc"),
        *((f"A12{letter}", "2025-09-15 10:13", "invitation-sent", 1) for letter in "defgh"),
        ("A13", "2025-09-15 13:00", "meeting-held", 1),
        ("A14", "2025-09-15 14:30", "meeting-held", 1),
        ("A15", "2025-09-15 15:30", "social-worker-allocated", 1),
        ("A16", "2025-09-15 15:45", "social-worker-allocated", 1),
        ("A17", "2025-09-15 16:00", "section-47-enquiry-initiated", 1),
        ("A17b", "2025-09-15 16:05", "assessment-started", 1),
        ("A18", "2025-09-15 16:10", "section-47-enquiry-initiated", 1),
        ("A18b", "2025-09-15 16:15", "assessment-started", 1),
        ("A16b", "2025-09-15 16:20", "relationship-recorded", 1),
        ("A19", "2025-09-16 11:00", "incident-recorded", 1),
        ("A19b", "2025-09-16 11:02", "behaviour-level-assessed", 1),
        ("A20", "2025-09-16 11:05", "incident-recorded", 1),
        ("A20b", "2025-09-16 11:07", "behaviour-level-assessed", 1),
        ("A21", "2025-09-16 12:00", "behaviour-level-assessed", 1),
        ("A22", "2025-09-17 09:30", "behaviour-level-assessed", 1),
        ("A23", "2025-09-17 10:00", "interview-held", 1),
        ("A24", "2025-09-17 16:00", "family-informed", 1),
        ("A25", "2025-09-18 10:00", "interview-held", 1),
        ("A26", "2025-09-19 15:00", "behaviour-level-assessed", 1),
        ("A26b", "2025-09-19 15:10", "oversight-notified", 1),
        ("A27", "2025-09-19 15:30", "specialist-assessment-decided", 1),
        ("A28", "2025-09-22 09:00", "place-declared", 4),
        ("A29", "2025-09-29 11:00", "section-47-enquiry-concluded", 1),
        ("A30", "2025-09-29 12:00", "conference-decided", 1),
        ("A31", "2025-10-06 10:00", "meeting-held", 1),
        ("A32", "2025-10-06 11:00", "risk-management-plan-recorded", 1),
        ("A32b", "2025-10-06 11:05", "plan-place-covered", 3),
        ("A33", "2025-11-14 15:00", "criminal-outcome-recorded", 1),
        ("A34", "2025-11-19 10:00", "meeting-held", 1),
        ("A35", "2025-11-20 09:00", "family-informed", 1),
    ]


@pytest.mark.req("H-05")
def test_scenario_a_has_its_65_posts_in_order_with_their_times_and_types() -> None:
    expected = [
        (ref if count == 1 else f"{ref}-{number}", time, type_)
        for ref, time, type_, count in design_table()
        for number in range(1, count + 1)
    ]
    found = [
        (post.ref, post.event.recorded_at.strftime("%Y-%m-%d %H:%M"), post.event.type)
        for post in posts("scenario-a")
    ]
    assert found == expected
    assert len(found) == 65
    assert Counter(post.child for post in posts("scenario-a")) == {
        "C-1001": 21,
        "C-2001": 43,
        "provisional": 1,
    }
    assert all(post.ref == post.event.record for post in posts("scenario-a"))
    assert {post.event.recorded_at.isoformat()[-6:] for post in posts("scenario-a")} == {"+01:00", "+00:00"}


def test_the_variants_are_beside_the_main_order() -> None:
    variants = load_scenario("scenario-a").variants
    assert {name: [post.ref for post in found] for name, found in variants.items()} == {
        "hidden": ["A-hidden"],
        "corrected": ["A20-C"],
        "retracted": ["A19-R"],
        "wrong-room": ["A-room", "A-room-elm"],
        "one-social-worker": ["A-one-SW"],
    }
    by_ref = {post.ref: post.event for post in posts("scenario-a")}
    corrected, retracted = variants["corrected"][0].event, variants["retracted"][0].event
    assert corrected.data["about"]["id"] == json.loads(cloud_event(by_ref["A20"]))["id"]
    assert retracted.data["about"]["id"] == json.loads(cloud_event(by_ref["A19"]))["id"]
    assert corrected.data["replacement"]["occurred_at"] == "2025-06-17"


def test_references_between_posts_name_events_that_are_posted() -> None:
    ids = {
        (f"urn:safeguarding:org:{post.organisation}", json.loads(cloud_event(post.event))["id"]): post.ref
        for post in posts("scenario-a")
    }
    named = {
        post.ref: ids[about["source"], about["id"]]
        for post in posts("scenario-a")
        if isinstance(about := post.event.data.get("about"), dict)
    }
    assert named == {
        "A19b": "A19", "A20b": "A20", "A21": "A07", "A22": "A07", "A26": "A07",
        "A32b-1": "A32", "A32b-2": "A32", "A32b-3": "A32",
    }  # fmt: skip


@pytest.mark.req("H-03")
def test_converting_again_gives_the_same_bytes_and_the_same_ids() -> None:
    for path in SAMPLES:
        first, second = events_of(path), events_of(path)
        assert [cloud_event(one) for one in first] == [cloud_event(one) for one in second]
    ids = [event_id(one.organisation, one.record, one.type) for path in SAMPLES for one in events_of(path)]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{26}", one) for one in ids)


def test_an_events_id_depends_on_organisation_record_and_type_and_nothing_else() -> None:
    one = event_id("education.elm-school", "A02", "incident-recorded")
    assert one == event_id("education.elm-school", "A02", "incident-recorded")
    others = {
        event_id("education.oak-school", "A02", "incident-recorded"),
        event_id("education.elm-school", "A03", "incident-recorded"),
        event_id("education.elm-school", "A02", "referral-made"),
        event_id("education.elm-schoolA", "02", "incident-recorded"),
    }
    assert one not in others and len(others) == 4


@pytest.mark.req("H-27")
@pytest.mark.parametrize(
    ("agency", "folder", "record", "field", "expected"),
    [
        ("education", "other/log.csv", "4103", "categories", ["peer-on-peer", "Walking route"]),
        ("police", "other/occurrences.json", "N25-000411", "categories", ["peer-on-peer", "VEHICLE"]),
        ("social-care", "other/steps.csv", "70414", "measure", "neighbour informed"),
        ("health", "n-child-health/contacts.csv", "H-2002", "categories", ["peer-on-peer", "SLEEP"]),
        (
            "youth-justice",
            "s-yos/diary.csv",
            "YJ-301",
            "indicators",
            ["hackett-problematic-concerning", "IMPULSIVE"],
        ),
    ],
)
def test_a_native_code_without_a_schema_code_passes_as_it_is(
    agency: str, folder: str, record: str, field: str, expected: object
) -> None:
    path = AGENCIES / agency.replace("-", "_") / "samples" / folder
    (event,) = [one for one in events_of(path) if one.record == record]
    assert event.data[field] == expected


def texts(value: object, name: str = "") -> list[tuple[str, str]]:
    if isinstance(value, dict):
        return [found for key, one in value.items() for found in texts(one, key)]
    if isinstance(value, list):
        return [found for one in value for found in texts(one, name)]
    return [(name, value)] if isinstance(value, str) else []


@pytest.mark.req("H-10")
def test_every_free_text_carries_a_canary_of_its_own() -> None:
    codes = {"entered-in-error", "wrong-child", "not-disclosable"}
    found = []
    for path in SAMPLES:
        for event in events_of(path):
            free = [text for name, text in texts(event.data) if name in FREE_TEXT and text not in codes]
            assert all(text.startswith("CANARY-") for text in free), (event.record, event.type)
            found += [text.split()[0] for text in free]
    assert len(found) == len(set(found)) > 30


def check_digit(nhs: str) -> int:
    return (
        11 - sum(int(digit) * weight for digit, weight in zip(nhs, range(10, 1, -1), strict=False)) % 11
    ) % 11


def test_identifiers_are_synthetic_and_well_formed() -> None:
    numbers: set[str] = set()
    for path in SAMPLES:
        for event in events_of(path):
            numbers |= set(re.findall(r"(?:nhs|upn):\w+", cloud_event(event).decode()))
    for number in numbers:
        kind, value = number.split(":")
        if kind == "nhs":
            assert value.startswith("999") and int(value[-1]) == check_digit(value), number
        else:
            letters = "ABCDEFGHJKLMNPQRTUVWXYZ"
            weighed = sum(int(digit) * weight for digit, weight in zip(value[1:], range(2, 14), strict=True))
            assert value[1:4] == "999" and value[0] == letters[weighed % 23], number
    assert len(numbers) > 8


def test_local_times_become_the_offset_of_their_day() -> None:
    by_ref = {post.ref: json.loads(cloud_event(post.event)) for post in posts("scenario-a")}
    assert by_ref["A02"]["time"] == "2025-09-12T15:25:00+01:00"
    assert by_ref["A33"]["time"] == "2025-11-14T15:00:00+00:00"
    assert (by_ref["A19"]["data"]["occurred_at"], by_ref["A19"]["data"]["precision"]) == ("2025-02", "month")
    assert (by_ref["A20"]["data"]["occurred_at"], by_ref["A20"]["data"]["precision"]) == ("2025-06-18", "day")
    assert by_ref["A02"]["data"]["precision"] == by_ref["A07"]["data"]["precision"] == "about-day"


def spoiled(path: Path, column: str, value: str) -> bytes:
    rows = list(csv.DictReader(io.StringIO(path.read_text())))
    rows[1][column] = value
    out = io.StringIO()
    writer = csv.DictWriter(out, rows[0].keys())
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("Logged", "2025-SECRET-12 15:25"),
        ("Logged", ""),
        ("Date Of Event", "SECRET"),
        ("Entry Type", "SECRET kind"),
        ("Role", ""),
        ("Linked Ref", "x"),
        ("Pupil UPN", ""),
    ],
)
def test_a_record_that_cannot_be_read_is_named_without_its_content(column: str, value: str) -> None:
    path = AGENCIES / "education/samples/elm-school/log.csv"
    content = spoiled(path, column, value)
    if column == "Linked Ref":
        content = spoiled(AGENCIES / "education/samples/oak-school/log.csv", "Linked Entry", "")
        content = content.replace(
            b"Once only;Wrong place or moment,,", b"Once only;Wrong place or moment,,SECRET"
        )
    with pytest.raises(AgencyError) as told:
        convert("education", content, "education.elm-school")
    said = f"{told.value.message} {told.value.fix}"
    assert "SECRET" not in said and "CANARY" not in said
    assert re.search(r"Record A\d\d", said)


@pytest.mark.parametrize(
    ("agency", "content"),
    [
        ("education", b"Entry No,Logged\nA01,now\n"),
        ("education", b"\xff\xfe\x00"),
        ("police", b'{"records": "SECRET"}'),
        ("police", b'{"records": [1]}'),
        ("police", b"not json SECRET"),
        ("police", b'{"records": [{"occ_no": "X1", "rec_type": "NEW"}]}'),
        ("social-care", b'{"forms": [{"form_ref": "X1", "form": "NEW"}]}'),
        ("health", b""),
    ],
)
def test_a_file_of_another_form_is_refused_without_its_content(agency: str, content: bytes) -> None:
    with pytest.raises(AgencyError) as told:
        convert(agency, content, f"{agency}.somewhere")
    assert "SECRET" not in f"{told.value.message} {told.value.fix}"


def test_an_export_is_converted_for_an_organisation_of_its_own_kind_only() -> None:
    content = (AGENCIES / "education/samples/elm-school/log.csv").read_bytes()
    with pytest.raises(AgencyError):
        convert("education", content, "police.n-police")
    with pytest.raises(AgencyError):
        convert("astrology", content, "astrology.n")


@pytest.mark.req("R-011")
def test_no_post_of_scenario_a_names_the_other_child_outside_others() -> None:
    children = load_scenario("scenario-a").children
    for post in posts("scenario-a"):
        other = {"C-1001": "C-2001", "C-2001": "C-1001"}.get(post.child)
        payload = json.loads(cloud_event(post.event))
        payload["data"].pop("others", None)
        written = json.dumps(payload)
        for reference in children[other] if other else ():
            assert reference not in written and reference.split(":")[1] not in written
