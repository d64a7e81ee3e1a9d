"""What ended, a relationship, a role, a person or a key, opens nothing from the next read or post on."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import orjson
import pytest

from agencies.sdk.build import AgencyEvent
from agencies.sdk.keys import thumbprint
from hub.disclosure.answers import ReadRequest
from hub.errors import HubError
from tests.support.scenario import READERS, SCENARIO
from tests.support.simulated import Simulated, agency_key, one_more, simulated

LATER = "2025-11-20T12:30:00+00:00"
# H2 was held on 2025-11-19; who attended it has its papers for 28 days, and no other meeting's (D-41).
AFTER_H2 = "2025-12-18T00:00:00+00:00"
IN_THE_PAST = datetime.fromisoformat("2025-10-01T12:00:00+01:00")


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Simulated]:
    """Scenario A at its end, for one test alone."""
    with simulated(tmp_path / "hub") as found:
        found.play(SCENARIO.posts)
        yield found


def refusal(hub: Simulated, reader: str, child: str, as_at: datetime | None = None) -> str | None:
    """How a read is refused; None where it is answered."""
    return refusal_of(hub, READERS[reader].person, READERS[reader].purpose, child, as_at)


def refusal_of(
    hub: Simulated, person: str, purpose: str, child: str, as_at: datetime | None = None
) -> str | None:
    try:
        hub.chronology_of(person, purpose, child, as_at)
    except HubError as error:
        return error.slug
    return None


def every_refusal(hub: Simulated, reader: str, child: str) -> list[str | None]:
    """How each door about a child refuses a reader."""
    who = READERS[reader]
    principal = hub.signed_in(who.person)
    asked = ReadRequest(hub.children[child], who.purpose)
    doors = (
        lambda: hub.hub.disclosure.chronology(principal, asked),
        lambda: hub.hub.disclosure.overview(principal, asked),
        lambda: hub.hub.disclosure.deadlines(principal, asked),
        lambda: hub.hub.disclosure.lookup(principal, SCENARIO.children[child][0], who.purpose),
    )
    slugs: list[str | None] = []
    for door in doors:
        try:
            door()
        except HubError as error:
            slugs.append(error.slug)
        else:
            slugs.append(None)
    return slugs


def own_children(hub: Simulated, reader: str) -> list[str]:
    return [one.child for one in hub.hub.disclosure.children(hub.signed_in(READERS[reader].person))]


def own_posts(hub: Simulated, reader: str) -> set[str]:
    """The ids of what a reader's organisation posted, as it may still see it."""
    page = hub.hub.intake.mine(hub.signed_in(READERS[reader].person), None, 200)
    assert all(one["event"] is not None for one in page.posts)
    return {str(one["id"]) for one in page.posts}


def ended(like: str, kind: str, organisation: str, recorded_at: str = LATER, **more: str) -> AgencyEvent:
    """An end of a relationship, posted by the poster of another post on the same child."""
    return one_more(
        f"X-{kind}", like, "relationship-ended", recorded_at, kind=kind, organisation=organisation, **more
    ).event


def remaining(hub: Simulated, person: str, purpose: str) -> set[str | None]:
    """Whose posts and which meetings a person still gets of C-2001."""
    return {
        str(one.fields.get("meeting"))
        if one.type in ("meeting-held", "meeting-convened")
        else one.organisation
        for one in hub.chronology_of(person, purpose, "C-2001").entries
    }


ENDS = [
    ("Elm", "C-1001", ended("A10", "enrolled", "education.elm-school"), {"ENQ", "SW-1001", "HL-1001"}),
    ("HL-1001", "C-1001", ended("A10", "treated", "health.n-child-health"), {"ENQ", "SW-1001", "Elm"}),
    (
        "POL",
        "C-1001",
        ended("A10", "enquiry", "police.n-police", person="police.n-police/caiu-1"),
        {"ENQ", "SW-1001", "Elm", "HL-1001"},
    ),
    (
        "ENQ",
        "C-1001",
        ended("A10", "enquiry", "social-care.n-csc", person="social-care.n-csc/enq-1"),
        {"POL", "SW-1001", "Elm", "HL-1001"},
    ),
]


@pytest.mark.req("H-16", "D-20", "D-46", "D-01")
@pytest.mark.parametrize(("reader", "child", "end", "others"), ENDS, ids=[one[0] for one in ENDS])
def test_an_ended_relationship_binds_at_the_next_read_of_every_door(
    hub: Simulated, reader: str, child: str, end: AgencyEvent, others: set[str]
) -> None:
    assert every_refusal(hub, reader, child) == [None] * 4
    assert hub.children[child] in own_children(hub, reader)
    hub.post(end)
    assert every_refusal(hub, reader, child) == ["not-found"] * 4
    assert hub.children[child] not in own_children(hub, reader)
    assert refusal(hub, reader, child, IN_THE_PAST) == "not-found"
    assert {one: refusal(hub, one, child) for one in others} == dict.fromkeys(others)


@pytest.mark.req("D-20", "D-25", "D-41", "H-16")
@pytest.mark.parametrize(
    ("reader", "end"),
    [
        ("SW-2001", ended("A11", "allocated", "social-care.s-csc", person="social-care.s-csc/sw-s1")),
        ("Oak", ended("A11", "enrolled", "education.oak-school")),
        ("YJS", ended("A11", "supervised", "youth-justice.s-yos")),
    ],
    ids=["SW-2001", "Oak", "YJS"],
)
def test_who_attended_keeps_the_last_meeting_for_28_days_beside_own_posts(
    hub: Simulated, reader: str, end: AgencyEvent
) -> None:
    who = READERS[reader]
    own = who.person.partition("/")[0]
    hub.post(end)
    assert remaining(hub, who.person, who.purpose) <= {own, "H2"}
    assert "H2" in remaining(hub, who.person, who.purpose)
    hub.advance(AFTER_H2)
    assert every_refusal(hub, reader, "C-2001") == ["not-found"] * 4
    assert refusal(hub, reader, "C-2001", IN_THE_PAST) == "not-found"


@pytest.mark.req("D-46", "D-57")
def test_the_end_is_an_entry_for_the_childs_own_worker_only(hub: Simulated) -> None:
    hub.post(ended("A10", "enrolled", "education.elm-school"))
    seeing = {
        reader
        for reader in ("SW-1001", "ENQ", "POL", "HL-1001")
        if any(one.type == "relationship-ended" for one in hub.chronology(reader, "C-1001").entries)
    }
    assert seeing == {"SW-1001"}


@pytest.mark.req("H-16", "D-30", "D-20")
def test_own_posts_remain_and_nothing_else(hub: Simulated) -> None:
    before = own_posts(hub, "Elm")
    assert len(before) == len([one for one in SCENARIO.posts if one.organisation == "education.elm-school"])
    hub.post(ended("A10", "enrolled", "education.elm-school"))
    assert refusal(hub, "Elm", "C-1001") == "not-found"
    assert own_posts(hub, "Elm") == before


@pytest.mark.req("D-30")
def test_to_post_again_does_not_open_the_record_again(hub: Simulated) -> None:
    hub.post(ended("A10", "enrolled", "education.elm-school"))
    post = one_more("X-late", "A02", "incident-recorded", LATER, role="has-been-harmed", status="alleged")
    hub.post(post.event)
    assert refusal(hub, "Elm", "C-1001") == "not-found"


@pytest.mark.req("H-16", "D-20")
def test_an_end_on_a_later_day_binds_when_that_day_is_over(hub: Simulated) -> None:
    hub.post(ended("A10", "enrolled", "education.elm-school", at="2025-11-25"))
    assert refusal(hub, "Elm", "C-1001") is None
    hub.advance("2025-11-25T23:59:59+00:00")
    assert refusal(hub, "Elm", "C-1001") is None
    hub.advance("2025-11-26T00:00:00+00:00")
    assert refusal(hub, "Elm", "C-1001") == "not-found"


@pytest.mark.req("H-16", "H-04")
def test_another_agency_cannot_end_a_relationship(hub: Simulated) -> None:
    end = one_more(
        "X-not-yours", "A23", "relationship-ended", LATER, kind="enrolled",
        organisation="education.elm-school",
    ).event  # fmt: skip
    with pytest.raises(HubError) as refused:
        hub.post(end)
    assert (refused.value.slug, refused.value.rule) == ("poster", "H-16")
    assert refusal(hub, "Elm", "C-1001") is None


@pytest.mark.req("H-16")
def test_the_organisation_that_benefits_may_end_its_own(hub: Simulated) -> None:
    hub.post(ended("A02", "enrolled", "education.elm-school"))
    assert refusal(hub, "Elm", "C-1001") == "not-found"


@pytest.mark.req("H-16", "D-20")
def test_an_authority_ends_nothing_of_another_authoritys_child(hub: Simulated) -> None:
    end = one_more(
        "X-elsewhere", "A12d", "relationship-ended", LATER, kind="enrolled",
        organisation="education.oak-school",
    ).event  # fmt: skip
    hub.post(end)
    assert refusal(hub, "Oak", "C-2001") is None


@pytest.mark.req("D-28", "H-16")
@pytest.mark.parametrize("child", ["C-1001", "C-2001"])
def test_the_police_basis_ends_with_its_last_friday(hub: Simulated, child: str) -> None:
    """28 days after the outcome of Fri 2025-11-14; a meeting attended since is no basis for police (D-28)."""
    hub.advance("2025-12-12T23:59:59+00:00")
    before = hub.chronology("POL", child)
    assert {"incident-recorded", "interview-held"} <= {one.type for one in before.entries}
    hub.advance("2025-12-13T00:00:00+00:00")
    assert every_refusal(hub, "POL", child) == ["not-found"] * 4
    assert refusal(hub, "POL", child, IN_THE_PAST) == "not-found"


@pytest.mark.req("D-28", "D-24")
def test_police_read_on_as_members_of_the_group_of_that_child_only(hub: Simulated) -> None:
    hub.advance("2025-12-18T09:00:00+00:00")
    member = one_more(
        "X-member", "A11", "relationship-recorded", "2025-12-18T09:30:00+00:00", kind="group-member",
        organisation="police.n-police", person="police.n-police/caiu-1",
    )  # fmt: skip
    assert [refusal(hub, "POL", one) for one in ("C-1001", "C-2001")] == ["not-found", "not-found"]
    hub.post(member.event)
    assert [refusal(hub, "POL", one) for one in ("C-1001", "C-2001")] == ["not-found", None]


@pytest.mark.req("D-29")
def test_the_enquiry_worker_stays_while_one_enquiry_goes_on(hub: Simulated) -> None:
    hub.advance("2025-12-20T09:00:00+00:00")
    assert refusal(hub, "ENQ", "C-1001") is None
    concluded = one_more(
        "X-concluded", "A10", "section-47-enquiry-concluded", "2025-12-20T10:00:00+00:00",
        continuing_risk=False,
    )  # fmt: skip
    hub.post(concluded.event)
    hub.advance("2026-01-17T23:59:59+00:00")
    assert [refusal(hub, "ENQ", one) for one in ("C-1001", "C-2001")] == [None, None]
    hub.advance("2026-01-18T00:00:00+00:00")
    assert [refusal(hub, "ENQ", one) for one in ("C-1001", "C-2001")] == ["not-found", "not-found"]


@pytest.mark.req("H-16", "D-20", "R-067")
def test_a_new_allocation_ends_the_former_workers(hub: Simulated) -> None:
    successor = "social-care.s-csc/sw-s2"
    hub.hub.store.directory.add_person(successor, ("social-worker",))
    assert refusal_of(hub, successor, "assessment", "C-2001") == "not-found"
    allocated = one_more(
        "X-allocated", "A11", "social-worker-allocated", LATER, kind="allocated", worker=successor
    )
    hub.post(allocated.event)
    assert refusal_of(hub, successor, "assessment", "C-2001") is None
    former = READERS["SW-2001"].person
    assert remaining(hub, former, "assessment") <= {"social-care.s-csc", "H2"}
    hub.advance(AFTER_H2)
    assert refusal_of(hub, successor, "assessment", "C-2001") is None
    assert every_refusal(hub, "SW-2001", "C-2001") == ["not-found"] * 4
    assert refusal(hub, "SW-2001", "C-2001", IN_THE_PAST) == "not-found"


@pytest.mark.req("H-16", "H-04")
def test_a_disabled_person_is_nobody_from_the_next_read_on(hub: Simulated) -> None:
    """The token that was given before is worth nothing either."""
    assert refusal(hub, "SW-2001", "C-2001") is None
    hub.hub.store.directory.disable_person(READERS["SW-2001"].person)
    assert refusal(hub, "SW-2001", "C-2001") == "token"
    assert refusal(hub, "Oak", "C-2001") is None


@pytest.mark.req("H-16")
def test_a_role_that_ended_ends_what_rested_on_it(hub: Simulated) -> None:
    assert refusal(hub, "SGU-S", "C-2001") is None
    hub.hub.store.directory.end_role(READERS["SGU-S"].person, "safeguarding-unit")
    assert refusal(hub, "SGU-S", "C-2001") == "purpose"
    assert own_children(hub, "SGU-S") == []
    hub.hub.store.directory.grant_role(READERS["SGU-S"].person, "front-door")
    assert every_refusal(hub, "SGU-S", "C-2001")[0] in ("purpose", "not-found")


@pytest.mark.req("H-01", "H-21")
def test_a_revoked_key_binds_at_the_next_post_and_takes_nothing_back(hub: Simulated) -> None:
    before = own_posts(hub, "Oak")
    hub.hub.store.directory.revoke_key(thumbprint(agency_key("education.oak-school")))
    late = one_more("X-revoked", "A19", "incident-recorded", LATER, role="has-harmed", status="alleged")
    with pytest.raises(HubError) as refused:
        hub.post(late.event)
    assert refused.value.slug == "key-revoked"
    assert own_posts(hub, "Oak") == before
    assert {one.organisation for one in hub.chronology("SW-2001", "C-2001").entries} >= {
        "education.oak-school"
    }
    receipt = hub.receipts["A19"].receipt.split(".")[1]
    assert orjson.loads(base64.urlsafe_b64decode(receipt + "=" * (-len(receipt) % 4)))


@pytest.mark.req("D-31", "R-068")
def test_safety_lines_for_the_harmed_child_outlast_the_police_basis(hub: Simulated) -> None:
    """Each authority has named the other child itself, so the link carries on without the police."""
    hub.advance("2026-01-05T09:00:00+00:00")
    codes = {one.fields.get("code") for one in hub.chronology("SW-1001", "C-1001").entries if one.line}
    assert {"no-contact", "separate-travel", "plan-changed"} <= codes
