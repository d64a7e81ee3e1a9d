"""A deadline that was missed becomes one entry on the child's record, and who sees it (R-077, D-40, H-20)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from agencies.scenarios import PreparedPost
from agencies.sdk.build import event_id
from hub.catalogue import load_catalogue
from hub.disclosure.answers import ReadRequest, ShownEntry
from hub.errors import HubError
from hub.ticker import Ticker
from tests.support.scenario import READERS, SCENARIO
from tests.support.simulated import Simulated, one_more, simulated

MISSED = "deadline-missed"
N, S = "social-care.n-csc", "social-care.s-csc"
MEETINGS = {"A12-1", "A12-2", *(f"A12{letter}" for letter in "abcdefgh"), "A13", "A14"}
BY_REF = {one.ref: one for one in SCENARIO.posts}
# The first notice was about C-1001 at 15:40, the first about C-2001 at 16:20; 72 hours later it is Monday.
WHOLE, ALONE = "2025-09-15T14:40:00+00:00", "2025-09-15T15:20:00+00:00"
# The assessments after the referrals of both children are due 45 working days after Friday 12 September.
ASSESSED = "2025-11-15T00:00:00+00:00"


def at(written: str) -> datetime:
    return datetime.fromisoformat(written)


def ticker_of(hub: Simulated) -> Ticker:
    parts = hub.hub
    return Ticker(
        record=parts.store.record,
        views=parts.views,
        identity=parts.identity,
        directory=parts.store.directory,
    )


def post(hub: Simulated, *posts: PreparedPost) -> None:
    for one in posts:
        hub.post(one.event, one.ref)


def without_a_meeting(until: str) -> Iterator[PreparedPost]:
    """Scenario A in which nobody ever arranges the strategy meeting, up to a post."""
    for one in SCENARIO.posts:
        if one.ref not in MEETINGS:
            yield one
        if one.ref == until:
            return


def unarranged(hub: Simulated, until: str = "A11c-2") -> None:
    """Post scenario A without the meeting; both authorities have a procedure with this clock."""
    hub.hub.store.directory.adopt_profile(S, "darlington-2025")
    post(hub, *without_a_meeting(until))


def seen(hub: Simulated, person: str, purpose: str, child: str) -> list[ShownEntry]:
    """The missed deadlines of a child in a person's chronology."""
    chronology = hub.chronology_of(person, purpose, child)
    return [one for one in chronology.entries if one.type == MISSED]


def dues(hub: Simulated, person: str, purpose: str, child: str = "C-2001") -> list[Any]:
    return [one.fields["due"] for one in seen(hub, person, purpose, child)]


@pytest.fixture(scope="module")
def missed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulated]:
    """Nobody arranged a meeting; the ticker looked at the right times; the workers are allocated."""
    with simulated(tmp_path_factory.mktemp("missed") / "hub") as hub:
        unarranged(hub)
        ticker = ticker_of(hub)
        first, second = at(WHOLE), at(ALONE)
        assert ticker.next_due(first) == first, "it has not looked yet"
        assert ticker.tick(first - timedelta(seconds=1)) == 0
        assert ticker.next_due(first - timedelta(hours=1)) == first
        assert ticker.tick(first) == 2, "of each child one"
        assert ticker.tick(first) == 0
        assert ticker.next_due(first) == second
        assert ticker.tick(second) == 1
        assert ticker.next_due(second) == at(ASSESSED)
        for one in without_a_meeting("A26b"):
            if one.event.recorded_at > BY_REF["A11c-2"].event.recorded_at:
                post(hub, one)
        hub.advance("2025-09-20T12:00:00+01:00")
        yield hub


@pytest.mark.req("R-077", "D-40", "H-20")
@pytest.mark.parametrize(
    ("person", "purpose", "expected"),
    [
        (f"{N}/enq-1", "s47-enquiry", [WHOLE, ALONE]),
        (f"{S}/sw-s1", "assessment", [ALONE]),
        (f"{S}/tm-1", "oversight", [ALONE]),
        (f"{S}/sgu-1", "oversight", [ALONE]),
        ("police.n-police/caiu-1", "s47-enquiry", []),
        ("education.oak-school/dsl-1", "education-safety", []),
    ],
)
def test_who_sees_it_and_only_as_far_as_they_get_what_it_rests_on(
    missed: Simulated, person: str, purpose: str, expected: list[str]
) -> None:
    """The time of the earlier one tells of a referral on a record that the workers of C-2001 do not read."""
    assert dues(missed, person, purpose) == expected


@pytest.mark.req("R-077", "D-54", "H-15")
def test_an_officer_sees_the_hubs_own_entry_whole_and_still_no_other_content(missed: Simulated) -> None:
    entries = missed.chronology("IGO", "C-2001").entries
    mine = [one for one in entries if one.type == MISSED]
    assert [one.fields["due"] for one in mine] == [WHOLE, ALONE]
    assert [one.fields["clock"] for one in mine] == ["K-01", "K-01"]
    assert [one for one in entries if one.type != MISSED and one.fields] == []


@pytest.mark.req("R-077", "H-05")
def test_the_entry_says_which_clock_when_and_who_is_responsible_and_what_it_rests_on(
    missed: Simulated,
) -> None:
    (one,) = seen(missed, f"{S}/sw-s1", "assessment", "C-2001")
    chronology = missed.chronology("SW-2001", "C-2001")
    (referral,) = [entry for entry in chronology.entries if entry.entry_id in one.fields["evidence"]]
    assert referral.type == "referral-made"
    fields = {name: value for name, value in one.fields.items() if name != "evidence"}
    assert fields == {"clock": "K-01", "due": ALONE, "responsible": S}
    assert (one.organisation, one.title, one.occurred_at) == ("hub", "Deadline missed", ALONE)
    assert one.redactions == ()


@pytest.mark.req("R-077")
def test_the_clock_of_the_child_who_has_harmed_is_not_put_on_the_other_childs_record(
    missed: Simulated,
) -> None:
    """What stands there is what that record alone gives: its first notice, and no meeting about the child."""
    assert dues(missed, f"{N}/enq-1", "s47-enquiry", "C-1001") == [WHOLE]
    (one,) = seen(missed, f"{N}/sw-n1", "assessment", "C-1001")
    chronology = missed.chronology("SW-1001", "C-1001")
    (referral,) = [entry for entry in chronology.entries if entry.entry_id in one.fields["evidence"]]
    assert (one.fields["due"], referral.type) == (WHOLE, "referral-made")


@pytest.mark.req("R-077")
def test_what_stands_on_the_record_fits_the_schema_and_is_a_record_of_the_hub(missed: Simulated) -> None:
    catalogue = load_catalogue()
    items = missed.hub.store.record.stream(f"child/{missed.children['C-2001']}")
    mine = [one for one in items if one.type == MISSED]
    assert len(mine) == 2
    for one in mine:
        assert (one.kind, one.source) == ("record", "urn:safeguarding:hub")
        assert one.body is not None
        catalogue.check_record(MISSED, 1, orjson.loads(one.body)["data"])


@pytest.mark.req("H-04", "R-077")
def test_no_agency_may_post_one(missed: Simulated) -> None:
    event = one_more(
        "X-missed", "A24", MISSED, "2025-09-20T11:00:00+01:00", clock="K-01", due=WHOLE,
        evidence=[{"source": f"urn:safeguarding:org:{S}", "id": "0123456789ABCDEF"}],
    ).event  # fmt: skip
    with pytest.raises(HubError) as refused:
        missed.post(event)
    assert (refused.value.slug, refused.value.rule) == ("poster", "H-04")


@pytest.mark.req("H-25", "R-077")
def test_a_meeting_posted_late_meets_the_clock_and_takes_the_entry_from_nobody(tmp_path: Path) -> None:
    with simulated(tmp_path / "hub") as hub:
        unarranged(hub)
        ticker = ticker_of(hub)
        assert ticker.tick(at(WHOLE) + timedelta(hours=1)) == 3
        hub.advance("2025-09-16T09:00:00+01:00")
        post(hub, BY_REF["A12-2"])
        assert ticker.tick(at(WHOLE) + timedelta(days=1)) == 0
        person = hub.signed_in(f"{N}/enq-1")
        asked = ReadRequest(hub.children["C-2001"], "s47-enquiry")
        clocks = [one for one in hub.hub.disclosure.deadlines(person, asked).deadlines if one.clock == "K-01"]
        assert [one.state for one in clocks] == ["met"]
        assert dues(hub, f"{N}/enq-1", "s47-enquiry") == [WHOLE, ALONE]


@pytest.mark.req("H-06", "R-077")
def test_what_is_recorded_does_not_depend_on_when_the_hub_looked(tmp_path: Path) -> None:
    """A meeting arranged too late: whether the ticker ran before it or only after it."""
    found = []
    for name, early in (("early", True), ("late", False)):
        with simulated(tmp_path / name) as hub:
            unarranged(hub)
            ticker = ticker_of(hub)
            if early:
                ticker.tick(at(ALONE))
            late = one_more(
                "X-late", "A12-2", "meeting-convened", "2025-09-16T10:00:00+01:00",
                **{name: value for name, value in BY_REF["A12-2"].event.data.items()
                   if name not in ("occurred_at", "precision", "author")},
            )  # fmt: skip
            post(hub, late)
            ticker.tick(at("2025-09-17T10:00:00+00:00"))
            found.append(dues(hub, f"{N}/enq-1", "s47-enquiry"))
    assert found == [[WHOLE, ALONE], [WHOLE, ALONE]]


@pytest.mark.req("R-077", "H-20")
def test_where_the_childs_own_procedure_has_no_such_clock_its_own_workers_are_not_told(
    tmp_path: Path,
) -> None:
    with simulated(tmp_path / "hub") as hub:
        post(hub, *without_a_meeting("A16"))
        assert ticker_of(hub).tick(at("2025-09-20T11:00:00+00:00")) == 2
        assert dues(hub, f"{N}/enq-1", "s47-enquiry") == [WHOLE]
        assert dues(hub, f"{S}/sw-s1", "assessment") == []


@pytest.mark.req("R-143", "D-40")
def test_the_reviews_of_a_plan_that_nobody_held(tmp_path: Path) -> None:
    with simulated(tmp_path / "hub") as hub:
        post(hub, *SCENARIO.posts)
        ticker = ticker_of(hub)
        now = at("2025-11-20T12:00:00+00:00")
        assert ticker.tick(now) == 3, "two assessments and a conference, and no review"
        due = at("2026-01-07T00:00:00+00:00")
        assert ticker.next_due(now) == due
        assert ticker.tick(due) == 1
        assert ticker.next_due(due) == at("2026-04-06T23:00:00+00:00")
        hub.advance("2026-01-07T09:00:00+00:00")
        for person, purpose, count in (
            (f"{S}/sw-s1", "assessment", 1),
            (f"{S}/tm-1", "oversight", 1),
            (f"{S}/sgu-1", "oversight", 1),
            (READERS["Oak"].person, READERS["Oak"].purpose, 0),
            (READERS["YJS"].person, READERS["YJS"].purpose, 0),
        ):
            found = [one for one in seen(hub, person, purpose, "C-2001") if one.fields["clock"] == "K-10"]
            assert len(found) == count, person
            assert [one.fields["responsible"] for one in found] == [S] * count


def answers(hub: Simulated) -> dict[str, dict[str, bytes]]:
    """The bytes of every reader of the scenario who has a relationship by now."""
    found = {}
    for name in READERS:
        with suppress(HubError):
            found[name] = hub.answers(name)
    return found


@pytest.mark.req("H-10", "D-18", "R-077")
def test_to_whom_it_is_hidden_it_changes_no_byte(tmp_path: Path) -> None:
    with simulated(tmp_path / "hub") as hub:
        unarranged(hub, "A26b")
        hub.advance("2025-09-20T12:00:00+01:00")
        answers(hub)
        before = answers(hub)
        assert ticker_of(hub).tick(at("2025-09-20T11:00:00+00:00")) == 3
        after = answers(hub)
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"SW-1001", "SW-2001", "ENQ", "SGU-S", "IGO"}
    assert before.keys() - changed >= {"POL", "Elm", "Oak", "HL-1001"}


@pytest.mark.req("H-20", "H-02")
def test_when_what_it_rests_on_is_retracted_it_is_gone_for_the_workers(tmp_path: Path) -> None:
    with simulated(tmp_path / "hub") as hub:
        unarranged(hub, "A16")
        hub.advance("2025-09-20T12:00:00+01:00")
        ticker_of(hub).tick(at("2025-09-20T11:00:00+00:00"))
        assert dues(hub, f"{S}/sw-s1", "assessment") == [ALONE]
        name = event_id(N, BY_REF["A06"].event.record, "referral-made")
        gone = one_more(
            "X-gone", "A06", "event-retracted", "2025-09-20T13:00:00+01:00",
            about={"source": f"urn:safeguarding:org:{N}", "id": name}, reason="wrong-child",
        )  # fmt: skip
        post(hub, gone)
        assert dues(hub, f"{S}/sw-s1", "assessment") == []
