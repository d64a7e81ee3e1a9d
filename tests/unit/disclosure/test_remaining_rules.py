"""Rules that scenario A meets in passing: therapy, health, words, oversight, mentions, admin."""

from __future__ import annotations

import pytest

from hub.disclosure.decide import Decider, Decision
from hub.disclosure.engine import Engine
from hub.disclosure.facts import ItemFacts, ReaderFacts
from hub.disclosure.rules import load_rules

DECIDER = Decider(Engine(load_rules()))
EVERYBODY = (
    "own-worker", "enquiry", "team-manager", "police", "youth-justice", "iro", "safeguarding-unit", "school",
    "health", "therapist", "carer", "smg", "front-door", "attendee",
)  # fmt: skip


def item(type: str, *labels: str, **facts: object) -> ItemFacts:
    known: dict[str, object] = {
        "detail": "", "own": False, "meeting": "none", "sides": frozenset({"has-harmed"}), "joint": False,
        "source_reveals": False,
    }  # fmt: skip
    known.update(facts)
    return ItemFacts(type=type, filled=frozenset(labels), carries=frozenset(labels), **known)  # type: ignore[arg-type]


def decide(who: str, about: ItemFacts, attended: bool = False) -> Decision:
    return DECIDER.decide(ReaderFacts(frozenset({who}), attended), about)


def readers_of(about: ItemFacts) -> set[str]:
    return {who for who in EVERYBODY if decide(who, about).outcome == "V"}


@pytest.mark.req("D-06", "R-112")
def test_therapy_content_reaches_the_therapist_and_the_own_worker_only() -> None:
    assert readers_of(item("support-arranged", "THER")) == {"own-worker", "therapist"}


@pytest.mark.req("D-07", "R-090")
@pytest.mark.parametrize("label", ["HLTH", "SEXH"])
def test_clinical_content_stays_with_health(label: str) -> None:
    assert readers_of(item("health-needs-considered", label)) == {"health"}


@pytest.mark.req("D-38", "R-058")
def test_words_of_an_account_reach_police_and_those_of_a_voice_do_not() -> None:
    assert readers_of(item("initial-account-recorded", "WORDS")) == {
        "own-worker", "enquiry", "team-manager", "iro", "police",
    }  # fmt: skip
    assert readers_of(item("child-voice-recorded", "WORDS")) == {
        "own-worker", "enquiry", "team-manager", "iro", "therapist",
    }  # fmt: skip


@pytest.mark.req("D-38", "D-09")
def test_health_learns_that_an_account_was_recorded() -> None:
    decision = decide("health", item("initial-account-recorded", "WORDS"))
    assert (decision.outcome, decision.keeps, decision.title) == ("R", (), "Account recorded")
    assert decide("school", item("initial-account-recorded", "WORDS")).outcome == "H"


@pytest.mark.req("D-40", "R-070")
def test_notices_to_oversight_go_to_the_case_police_and_oversight_whatever_the_label_allows() -> None:
    expected = {"own-worker", "enquiry", "team-manager", "police", "iro", "safeguarding-unit"}
    assert readers_of(item("oversight-notified", "OPIN")) == expected
    for who in set(EVERYBODY) - expected:
        assert decide(who, item("oversight-notified", "OPIN"), attended=True).outcome == "H"


@pytest.mark.req("D-42", "R-063")
def test_a_mention_of_another_child_goes_to_the_case_and_oversight() -> None:
    mentioned = item("child-mentioned", "3P")
    assert readers_of(mentioned) == {
        "own-worker", "enquiry", "team-manager", "police", "safeguarding-unit", "smg",
    }  # fmt: skip
    for who in ("school", "health", "youth-justice", "carer", "therapist"):
        assert decide(who, mentioned, attended=True).outcome == "H"


@pytest.mark.req("D-57", "H-16")
@pytest.mark.parametrize("type", ["relationship-recorded", "relationship-ended", "invitation-sent"])
def test_relationships_and_invitations_are_entries_of_the_own_worker_only(type: str) -> None:
    assert readers_of(item(type)) == {"own-worker"}
    # Not even the organisation that posted it reads it as an entry of the child.
    assert decide("school", item(type, own=True)).outcome == "H"


@pytest.mark.req("D-57", "D-29")
def test_who_the_worker_is_everybody_may_know_and_who_enquires_only_the_worker() -> None:
    assert readers_of(item("social-worker-allocated", detail="allocated")) == set(EVERYBODY) - {"attendee"}
    assert readers_of(item("social-worker-allocated", detail="enquiry")) == {"own-worker"}


@pytest.mark.req("D-30", "D-12")
def test_the_safeguarding_unit_is_limited_even_where_its_own_authority_posted() -> None:
    assert decide("safeguarding-unit", item("place-declared", "LOC", own=True)).outcome == "R"
    assert decide("school", item("place-declared", "LOC", own=True)).outcome == "V"


@pytest.mark.req("D-21", "D-56")
def test_youth_justice_reads_incidents_of_the_child_as_one_who_has_harmed_only() -> None:
    labels = ("CBH-ID", "CWH-ID")
    assert decide("youth-justice", item("incident-recorded", *labels, detail="has-harmed")).outcome == "V"
    harmed = item("incident-recorded", *labels, detail="has-been-harmed")
    assert decide("youth-justice", harmed, attended=True).outcome == "H"
    assert decide("own-worker", harmed).outcome == "V"
