"""Safety facts that somebody must get, in variants of scenario A: a missing one can hurt as well."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.hostile import C1001, ELM, N_CSC, OAK, S_CSC
from tests.support.insider import Insider, event_of, insider, named

HARMED = [{"ref": C1001, "role": "has-been-harmed"}]
FOR_LINKED = "safety-measure-for-linked-child"


@pytest.fixture(scope="module")
def inside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Insider]:
    with insider(tmp_path_factory.mktemp("missing")) as found:
        yield found


@pytest.mark.req("D-11", "D-10")
@pytest.mark.parametrize("reader", ["YJS", "SGU-S", "SW-2001"])
def test_whoever_gets_a_risk_assessment_whole_gets_its_measures(inside: Insider, reader: str) -> None:
    fields = inside.last(reader, "C-2001", "setting-risk-assessment-recorded")["fields"]
    assert [one["code"] for one in fields["measures"]] == ["supervision", "separate-travel"]


@pytest.mark.req("D-11", "D-31", "R-068")
@pytest.mark.parametrize(
    ("by", "type_", "data", "code"),
    [
        (OAK, "setting-risk-assessment-recorded", {"parts": [2], "part_2": "x"}, "separate-spaces"),
        (S_CSC, "immediate-safety-measure-recorded", {"measure": "supervision"}, "arrival-and-leaving"),
    ],
)
def test_a_measure_for_the_harmed_child_is_carried_whatever_it_stands_in(
    inside: Insider, by: str, type_: str, data: dict[str, object], code: str
) -> None:
    measures = [{"for": "other:1", "code": code}, {"for": "school", "code": "staff-informed"}]
    inside.post(by, type_, "C-2001", others=HARMED, measures=measures, **data)
    carried = [told for line, told in inside.lines("SW-1001", "C-1001") if line == FOR_LINKED]
    assert code in carried
    assert "staff-informed" not in carried
    assert code not in str(inside.world.chronology("Elm", "C-1001"))


@pytest.mark.req("D-11", "D-31", "H-02")
def test_a_corrected_plan_is_a_changed_plan(inside: Insider) -> None:
    plan = event_of("A32")
    before = inside.lines("SW-1001", "C-1001")
    inside.world.chronology("SW-1001", "C-1001")
    measures = [{"for": "other:1", "code": "online-supervised"}, {"for": "school", "code": "staff-informed"}]
    inside.world.advance("2025-11-21T09:00:00+00:00")
    inside.post(
        S_CSC, "event-corrected", "C-2001", "2025-11-21T09:00:00+00:00", about=named(plan),
        replacement={**plan.data, "measures": measures}, reason="measures changed",
    )  # fmt: skip
    (mine,) = inside.world.get("SW-1001", "/v1/me/children").json()["children"]
    assert mine["new_since_last_read"] > 0
    after = inside.lines("SW-1001", "C-1001")
    assert (FOR_LINKED, "online-supervised") in after
    assert (FOR_LINKED, "no-contact") in before and (FOR_LINKED, "no-contact") not in after
    (changed,) = [
        one for one in inside.world.chronology("SW-1001", "C-1001") if one.get("line") == "plan-changed"
    ]
    assert changed["occurred_at"] == "2025-11-21"
    assert ("safety-measure", "staff-informed") in inside.lines("Oak", "C-2001")


@pytest.mark.req("D-11", "R-051")
def test_a_plan_for_the_harmed_child_instructs_its_own_school_and_health(inside: Insider) -> None:
    measures = [{"for": "child", "code": "supervision"}, {"for": "school", "code": "staff-informed"},
                {"for": "home", "code": "online-supervised"}]  # fmt: skip
    inside.post(
        N_CSC, "risk-management-plan-recorded", "C-1001", responsible_organisation=N_CSC,
        responsible_person=f"{N_CSC}/sw-n1", education="e", accommodation="f", measures=measures,
        parts={"accountability": "a", "needs": "b", "protection": "c", "future_risk": "d"},
    )  # fmt: skip
    told = {who: [code for line, code in inside.lines(who, "C-1001") if line == "safety-measure"]
            for who in ("Elm", "HL-1001")}  # fmt: skip
    assert sorted(filter(None, told["Elm"])) == ["staff-informed", "supervision"]
    assert told["HL-1001"] == ["supervision"]


@pytest.mark.req("D-11", "R-010")
def test_everybody_around_the_child_gets_an_immediate_measure(inside: Insider) -> None:
    measures = [{"for": "everyone", "code": "ask-the-worker"}]
    inside.post(
        N_CSC, "immediate-safety-measure-recorded", "C-1001", measure="supervision", measures=measures
    )
    for reader in ("SW-1001", "ENQ", "POL", "Elm", "HL-1001"):
        shown = inside.last(reader, "C-1001", "immediate-safety-measure-recorded")
        assert shown["fields"]["measures"] == measures, reader


@pytest.mark.req("D-31", "R-068")
def test_facts_are_carried_where_only_the_harmed_childs_record_says_who_harmed(inside: Insider) -> None:
    """The other authority may never record the incident itself; the harmed child's school did."""
    wrong = named(event_of("A07"))
    inside.post(S_CSC, "event-retracted", "C-2001", about=wrong, reason="entered-in-error")
    for ref in ("A19", "A20"):
        inside.post(OAK, "event-retracted", "C-2001", about=named(event_of(ref)), reason="entered-in-error")
    codes = {line for line, _ in inside.lines("SW-1001", "C-1001")}
    assert codes >= {"investigation-opened", "plan-changed", FOR_LINKED, "criminal-matters-ended"}
    assert "linked-incident-recorded" not in codes
    assert inside.status("Elm", "C-2001") == 404 and ELM not in str(inside.lines("SW-1001", "C-1001"))
