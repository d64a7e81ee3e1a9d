"""A draft set against a child's own account: whom it would name, and what it would say was told (H-23)."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import pytest

from hub.catalogue import load_catalogue
from hub.directory.types import Principal
from hub.disclosure.account_looks import Look
from hub.disclosure.accounts_again import SaidOtherwise, Side, said_otherwise
from hub.disclosure.assemble import Assembler
from hub.disclosure.capacity import FOR_SUBJECT
from hub.disclosure.decide import Decider
from hub.disclosure.engine import Engine
from hub.disclosure.notices_again import Ready
from hub.disclosure.rehearse import MOST_NAMES, _parts_told
from hub.disclosure.rules import RuleFiles, shipped_files
from hub.envelope import EventKey
from tests.spec.basis_stories import GP, POLICE, SCHOOL, Basis, begun, has_harmed
from tests.spec.relationship_folds import S_CSC, area_of, at

WORKER = Principal(S_CSC, "social-care", area_of(S_CSC), f"{S_CSC}/sw-1", frozenset({"social-worker"}))
NOW = "2025-10-20 12:00"
ACCOUNT = shipped_files().files["account.cedar"]
CONCERN = "what was told: That people were worried about something that happened"
INFORMED = "what was told: That you or your family were told about it"
SCHOOL_TOLD, BY_NAME = "who was told: Your school, now or before", f"by name: {SCHOOL}"
TO_SCHOOL, NAME = "D-14-ACCOUNT-TO-SCHOOL", "D-14-ACCOUNT-NAME"
SAID_OF_CONCERN, SAID_OF_INFORMING = "D-14-ACCOUNT-CONCERN", "D-14-ACCOUNT-FAMILY"


def rule(id: str, effect: str, action: str, when: str, text: str = "") -> str:
    said = f'@text("{text}") ' if text else ""
    return (
        f'@id("{id}") @rule("D-14") @requirement("H-23") @legal_basis("b") @reason("r") {said}\n'
        f'{effect} (principal, action == Action::"{action}", resource) when {{ {when} }};\n'
    )


@cache
def ready(account: str) -> Ready:
    """These rules alone: an account is decided by its own."""
    rules = RuleFiles({"account.cedar": account}, shipped_files().schema).rules()
    decider = Decider(Engine(rules))
    return Ready(rules, decider, Assembler(rules, decider, load_catalogue(), lambda name, data: data))


@pytest.fixture(scope="module")
def story() -> Basis:
    """A concern of which the child was told."""
    found = begun()
    has_harmed(found)
    found.post("2025-09-02 09:00", S_CSC, "family-informed", topic="incident", outcome="informed")
    for kind, organisation, more in (
        ("treated", GP, {}), ("enquiry", POLICE, {"person": f"{POLICE}/caiu-2"}),
    ):  # fmt: skip
        found.post("2025-09-01 11:00", S_CSC, "relationship-recorded", kind=kind, organisation=organisation,
                   **more)  # fmt: skip
    return found


def look(
    story: Basis, organisation: str = SCHOOL, basis: str = "school", *types: str,
    day: str = "2025-09-03 09:00",
) -> Look:  # fmt: skip
    """An access by which entries of these types, or else all, were told."""
    told = tuple(one.key for one in story.posts if not types or one.type in types)
    name = EventKey("urn:safeguarding:hub", f"access {day} {organisation}")
    return Look(name, at(day), organisation, "chronology", "education-safety", frozenset({basis}), told)


def differences(
    story: Basis, found: Iterable[Look], draft: str, before: str = ACCOUNT
) -> list[SaidOtherwise]:
    view = story.view
    now, then = (
        Side(one, one.assembler.disclose(WORKER, view, lambda _: view, now=at(NOW), as_at=None, apart=True,
                                         capacity=FOR_SUBJECT))
        for one in (ready(before), ready(draft))
    )  # fmt: skip
    return list(said_otherwise(now, then, list(found), lambda name: f"Name of {name}"))


def as_rows(found: Iterable[SaidOtherwise]) -> list[tuple[object, ...]]:
    return [(one.less, one.key, one.parts, one.before, one.after) for one in found]


@pytest.mark.req("H-08", "H-23")
@pytest.mark.parametrize("draft", [ACCOUNT, ACCOUNT.replace("The account says", "An account says")])
def test_h23_a_draft_by_which_accounts_say_the_same_says_nothing(story: Basis, draft: str) -> None:
    everybody = [look(story), look(story, POLICE, "police"), look(story, GP, "therapist")]
    assert differences(story, everybody, draft) == []


NAMES_HEALTH = ACCOUNT.replace(
    '["social-care", "school"].contains', '["social-care", "school", "health"].contains'
)
SAYS_THERAPY = ACCOUNT + rule(
    "X-TO-ANYBODY", "permit", "line-account-to", 'resource.detail == ""', "Somebody"
)
SAYS_POLICE = ACCOUNT.replace('resource.detail == "police" && principal.classes.contains("subject") && '
                              'resource.familyTold', 'resource.detail == "police"').replace(
    "(!resource.familyTold ||", '((!resource.familyTold && resource.detail != "police") ||')  # fmt: skip
NO_NAMES = ACCOUNT + rule("X-NO-NAMES", "forbid", "line-account-name", "true")
NO_SCHOOLS = ACCOUNT + rule("X-NO-SCHOOL", "forbid", "line-account-to", 'resource.detail == "school"')
NO_CONCERN = ACCOUNT + rule(
    "X-NO-CONCERN", "forbid", "line-account", 'resource.type == "incident-recorded"'
)  # fmt: skip
OTHER_WORDS = ACCOUNT.replace("Your school, now or before", "Teachers")


@pytest.mark.req("H-08", "H-23", "D-14", "D-05", "D-39")
@pytest.mark.parametrize(
    ("draft", "organisation", "basis", "parts", "before", "after"),
    [
        pytest.param(
            NAMES_HEALTH, GP, "health", [(f"by name: {GP}",)],
            ("D-14-ACCOUNT-TO-HEALTH",), ("D-14-ACCOUNT-TO-HEALTH", NAME), id="a-health-service-by-name",
        ),
        pytest.param(
            SAYS_THERAPY, GP, "therapist", [("who was told: Somebody", CONCERN, INFORMED)],
            (), ("X-TO-ANYBODY",), id="D-39-a-therapist",
        ),
        pytest.param(
            SAYS_POLICE, POLICE, "police", [("who was told: The police", CONCERN, INFORMED)],
            ("D-14-ACCOUNT-HELD",), ("D-14-ACCOUNT-TO-POLICE",), id="D-05-police-before-matters-ended",
        ),
    ],
)  # fmt: skip
def test_h23_a_party_that_is_withheld_and_would_be_named_is_more(
    story: Basis, draft: str, organisation: str, basis: str, parts: list[tuple[str, ...]],
    before: tuple[str, ...], after: tuple[str, ...],
) -> None:  # fmt: skip
    named = look(story, organisation, basis)
    found = differences(story, [look(story, day="2025-09-02 10:00"), named], draft)
    assert as_rows(found) == [(False, named.key, one, before, after) for one in parts]


@pytest.mark.req("H-08", "H-23")
@pytest.mark.parametrize(
    ("draft", "parts", "before", "after"),
    [
        pytest.param(NO_NAMES, (BY_NAME,), (TO_SCHOOL, NAME), (TO_SCHOOL, "X-NO-NAMES"), id="the-name"),
        pytest.param(
            NO_SCHOOLS, (SCHOOL_TOLD, BY_NAME, CONCERN, INFORMED), (TO_SCHOOL, NAME), ("X-NO-SCHOOL",),
            id="who-was-told",
        ),
        pytest.param(
            NO_CONCERN, (CONCERN,), (SAID_OF_CONCERN,), ("X-NO-CONCERN",), id="what-was-told",
        ),
    ],
)  # fmt: skip
def test_h23_what_would_be_said_no_more_is_less_by_the_rule_that_forbids_it(
    story: Basis, draft: str, parts: tuple[str, ...], before: tuple[str, ...], after: tuple[str, ...]
) -> None:
    seen = look(story)
    (found,) = as_rows(differences(story, [seen], draft))
    assert found == (True, seen.key, parts, before, after)


@pytest.mark.req("H-08", "H-23")
def test_h23_whoever_was_told_of_nothing_else_is_named_no_more(story: Basis) -> None:
    """Who was told stands with what was told: without the concern nothing is left of this access."""
    seen = look(story, SCHOOL, "school", "incident-recorded")
    (found,) = as_rows(differences(story, [seen], NO_CONCERN))
    assert found == (
        True, seen.key, (SCHOOL_TOLD, BY_NAME, CONCERN), (SAID_OF_CONCERN,), ("X-NO-CONCERN",)
    )  # fmt: skip


@pytest.mark.req("H-08", "H-23")
def test_h23_other_words_for_the_same_are_more_of_the_one_and_less_of_the_other(story: Basis) -> None:
    seen, rules = look(story), (TO_SCHOOL,)
    assert as_rows(differences(story, [seen], OTHER_WORDS)) == [
        (False, seen.key, ("who was told: Teachers",), rules, rules),
        (True, seen.key, (SCHOOL_TOLD,), rules, rules),
    ]


@pytest.mark.req("H-08", "H-23")
@pytest.mark.parametrize(
    "draft",
    [NAMES_HEALTH, SAYS_THERAPY, SAYS_POLICE, NO_NAMES, NO_SCHOOLS, NO_CONCERN, OTHER_WORDS],
)  # fmt: skip
def test_h23_what_is_more_one_way_is_less_the_other(story: Basis, draft: str) -> None:
    seen = [
        look(story),
        look(story, POLICE, "police"),
        look(story, GP, "therapist"),
        look(story, GP, "health", day="2025-09-04 09:00"),
        look(story, SCHOOL, "school", "incident-recorded", day="2025-09-04 10:00"),
    ]
    there, back = differences(story, seen, draft), differences(story, seen, ACCOUNT, before=draft)
    assert there
    assert {(not one.less, one.key, one.parts, one.after, one.before) for one in there} == {*as_rows(back)}


@pytest.mark.req("H-08", "H-23")
def test_h23_rules_without_a_word_for_safety_say_less_and_do_not_fail(story: Basis) -> None:
    """A draft may leave out any rule, also one that the making of accounts knows by name."""
    measures = begun()
    has_harmed(measures)
    measures.post("2025-09-02 08:00", S_CSC, "immediate-safety-measure-recorded",
                  measures=[{"for": "school", "code": "supervision"}])  # fmt: skip
    measures.post("2025-09-02 09:00", S_CSC, "family-informed", topic="incident", outcome="informed")
    without = ACCOUNT.replace("D-14-ACCOUNT-SAFETY", "X-SAFETY").replace(
        '["immediate-safety-measure-recorded", "risk-management-plan-recorded"]', '["x"]'
    )
    seen = look(measures, SCHOOL, "school", "immediate-safety-measure-recorded")
    (found,) = differences(measures, [seen], without)
    assert found.less and "what was told: What is done to keep you and other people safe" in found.parts


@pytest.mark.req("H-08", "H-23")
def test_h23_a_report_names_the_first_of_many_organisations_and_everything_else() -> None:
    schools = [f"by name: education.school-{number:03}" for number in range(100)]
    told = [*schools, SCHOOL_TOLD, CONCERN]
    assert list(_parts_told(reversed(told))) == [*schools[:MOST_NAMES], CONCERN, SCHOOL_TOLD]
