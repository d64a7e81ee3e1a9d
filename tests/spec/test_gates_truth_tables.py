"""Every gate by its truth table, and who may override which (H-28)."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from hub.pathway.gates import GATES, OVERRIDDEN, UNGATED, judge, overridden_rules, overrides, verdict
from hub.pathway.gates.gate import Case, overridden, stands_against
from hub.pathway.profiles import PROFILES
from tests.spec import gate_rows as first
from tests.spec import gate_rows_more as more
from tests.spec import scenario_a as a
from tests.spec.gate_rows import Row
from tests.spec.judging import MANAGER, people
from tests.spec.posts import N, S, all_of, material, nobody, post

ROWS: tuple[Row, ...] = (
    *first.ACTIONS,
    *first.REASONS,
    *first.PLAN_PARTS,
    *first.CONFERENCE,
    *first.NO_ACTION,
    *more.INVITATIONS,
    *more.CHAIRS,
    *more.WORKERS,
    *more.CRIMINAL,
    *more.INTERVIEWS,
    *more.RECORDS,
    *more.TRANSFER,
    *more.CLOSURE,
    *more.SHARING,
)
BY_NAME = {gate.name: gate for gate in GATES}


def said(row):
    return f"{BY_NAME[row.gate].refusal.rule} {row.gate}: {row.name}"


def case(row, who=people):
    return Case(row.posted, row.fold, a.END, all_of(row.profile), who, row.partners)


@pytest.mark.req(
    "H-28", "H-13", "R-005", "R-009", "R-015", "R-030", "R-036", "R-038", "R-062", "R-064", "R-067", "R-079",
    "R-080", "R-081", "R-082", "R-084", "R-092", "R-094", "R-097", "R-101", "R-108", "R-113", "R-124",
    "R-125", "R-135", "R-140", "R-142", "R-146", "R-151", "R-152", "R-171", "D-16",
)  # fmt: skip
@pytest.mark.parametrize("row", ROWS, ids=said)
def test_a_gate_refuses_what_its_table_says(row):
    assert row.posted.type in BY_NAME[row.gate].types
    assert stands_against(case(row), BY_NAME[row.gate]) is row.refused


@pytest.mark.req("H-28")
def test_every_gate_has_a_table_with_both_answers():
    answers = {name: {row.refused for row in ROWS if row.gate == name} for name in BY_NAME}
    assert answers == {name: {True, False} for name in BY_NAME}
    assert len(BY_NAME) == len(GATES)


@pytest.mark.req("H-28")
@pytest.mark.parametrize("name", BY_NAME)
def test_a_refusal_names_the_requirement_the_source_and_the_fix(name):
    row = next(row for row in ROWS if row.gate == name and row.refused)
    refusal = BY_NAME[name].refusal
    found = judge(row.posted, row.fold, now=a.END, profile_of=all_of(row.profile), people=people)
    assert found is not None and found.source and found.fix.endswith(".")
    assert refusal.rule[:2] in ("R-", "H-") and refusal.source.startswith("S")
    assert refusal.force in ("MUST", "SHOULD", "ALWAYS", "CONSIDER")


def catalogue():
    for file in sorted(Path("schemas").glob("*/v1/schema.json")):
        schema = json.loads(file.read_text(encoding="utf-8"))
        if schema.get("x-kind") == "decision":
            yield schema["title"]


@pytest.mark.req("H-28")
def test_every_decision_passes_a_gate_or_is_left_out_for_a_reason():
    gated = {type for gate in GATES for type in gate.types}
    assert gated | UNGATED.keys() >= set(catalogue())
    assert not gated & UNGATED.keys()
    assert all(reason.endswith(".") for reason in UNGATED.values())


@pytest.mark.req("R-080")
@pytest.mark.parametrize(
    ("limit", "born", "refused"),
    [
        ({"from_age": 8}, date(2017, 11, 20), True),
        ({"from_age": 8}, date(2017, 11, 21), False),
        ({"not_under_ten": True}, date(2015, 11, 20), True),
        ({"not_under_ten": True}, date(2015, 11, 21), False),
        ({"from_age": 8}, None, True),
    ],
    ids=["8y0d", "7y364d", "10y0d", "9y364d", "not known"],
)
def test_an_age_that_a_rule_names_counts_to_the_day(limit, born, refused):
    row = next(one for one in more.INVITATIONS if one.gate == "ALWAYS-INVITED" and one.name == "strategy")
    profile = PROFILES[row.profile]
    always = [one for one in profile.invitations if one.force == "always"]
    limited = replace(profile, invitations=tuple(replace(one, **limit) for one in always))
    fold = replace(row.fold, date_of_birth=born)
    asked = Case(row.posted, fold, a.END, lambda organisation: limited, people)
    assert stands_against(asked, BY_NAME["ALWAYS-INVITED"]) is refused


# overrides

OVERRIDABLE = sorted(gate.name for gate in GATES if gate.refusal.force != "MUST")
FINAL = sorted(gate.name for gate in GATES if gate.refusal.force == "MUST")


def with_override(row, **changes):
    given = {"rule": BY_NAME[row.gate].refusal.rule, "manager": MANAGER, "reason": "agreed at supervision"}
    return replace(row, posted=replace(row.posted, data={**row.posted.data, "override": given | changes}))


def stands(row, who=people):
    """Whether this one gate still refuses, its override considered."""
    asked, gate = case(row, who), BY_NAME[row.gate]
    return stands_against(asked, gate) and not overridden(asked, gate.refusal)


def refused_row(name):
    row = next(row for row in ROWS if row.gate == name and row.refused)
    return replace(row, posted=replace(row.posted, author=f"{S}/sw-s1"))


@pytest.mark.req("H-28")
@pytest.mark.parametrize("name", OVERRIDABLE)
@pytest.mark.parametrize(
    ("changes", "who", "holds"),
    [
        ({}, people, False),
        ({"reason": " "}, people, True),
        ({"reason": None}, people, True),
        ({"manager": None}, people, True),
        ({"manager": f"{S}/sw-s1"}, people, True),
        ({"manager": f"{S}/sw-s2"}, people, True),
        ({"manager": f"{N}/tm-1"}, people, True),
        ({"rule": "R-999"}, people, True),
        ({}, nobody, True),
    ],
    ids=[
        "a manager with a reason", "blank reason", "no reason", "no manager", "the author", "no manager role",
        "another organisation's manager", "another rule", "a manager who was disabled",
    ],
)  # fmt: skip
def test_what_may_be_overridden_is_overridden_by_a_named_manager_with_a_reason(name, changes, who, holds):
    row = with_override(refused_row(name), **changes)
    assert stands(row, who) is holds


@pytest.mark.req("H-28")
@pytest.mark.parametrize("name", FINAL)
def test_a_must_takes_no_override(name):
    row = with_override(refused_row(name))
    assert stands(row)
    found = verdict(row.posted, row.fold, now=a.END, profile_of=all_of(row.profile), people=people)
    assert found.refusal is not None


@pytest.mark.req("H-28")
def test_the_author_who_is_a_manager_does_not_override_for_itself():
    row = with_override(refused_row("SPECIALIST-REASON"))
    assert stands(replace(row, posted=replace(row.posted, author=MANAGER)))


# the report of overrides


def marked(id, time, rule, **override):
    given = {"rule": rule, "manager": MANAGER, "reason": "agreed", **override}
    entry = post(id, time, S, "c", "social-worker-allocated", {"kind": "allocated", "override": given})
    return replace(entry, flags=(f"{OVERRIDDEN}{rule}",))


@pytest.mark.req("H-28")
def test_the_verdict_names_the_rules_that_were_overridden_and_only_those():
    row = with_override(refused_row("SPECIALIST-REASON"))
    found = verdict(row.posted, row.fold, now=a.END, profile_of=all_of(row.profile), people=people)
    assert (found.refusal, found.overridden) == (None, ("R-094",))
    passes = with_override(next(one for one in ROWS if one.gate == "SPECIALIST-REASON" and not one.refused))
    found = verdict(passes.posted, passes.fold, now=a.END, profile_of=all_of(passes.profile), people=people)
    assert (found.refusal, found.overridden) == (None, ())


@pytest.mark.req("H-28")
def test_overrides_are_listed_with_rule_manager_and_reason_in_the_order_of_receipt():
    later, earlier = marked("b", "2025-10-02 09:00", "R-067"), marked("a", "2025-10-01 09:00", "R-080")
    sent_along = post(
        "n", "2025-10-01 10:00", S, "c", "plan-started", {"override": {"rule": "R-015", "manager": MANAGER}}
    )
    found = overrides([later, sent_along, earlier])
    assert [(one.decision.id, one.rule, one.manager, one.reason) for one in found] == [
        ("a", "R-080", MANAGER, "agreed"),
        ("b", "R-067", MANAGER, "agreed"),
    ]
    assert overridden_rules(sent_along) == () and overridden_rules(later) == ("R-067",)
    withheld = replace(later, data={})
    assert [(one.rule, one.manager, one.reason) for one in overrides([withheld])] == [("R-067", None, None)]


# what a refusal may tell

EVERYTHING = tuple(
    one for row in ROWS for one in (*row.fold.entries, *(e for es in row.fold.linked.values() for e in es))
)


@pytest.mark.req("H-28", "H-10", "H-16")
@pytest.mark.parametrize("row", [one for one in ROWS if not BY_NAME[one.gate].whoever_posts], ids=said)
def test_a_poster_other_than_the_childs_authority_gets_one_answer_whatever_stands_in_the_record(row):
    """A refusal that rests on what others posted would tell anybody that they posted it."""
    gate = BY_NAME[row.gate]
    stranger = "social-care.x-csc"
    posted = replace(row.posted, organisation=stranger, author=f"{stranger}/x-1")
    nothing = material("c", [])
    everything = material("c", EVERYTHING, authority=S, linked=row.fold.linked, date_of_birth=more.UNDER_10)

    def answer(fold):
        return stands_against(Case(posted, fold, a.END, all_of(row.profile), people), gate)

    assert answer(everything) is answer(nothing) is answer(row.fold)


@pytest.mark.req("H-28", "H-10")
def test_what_a_gate_reads_is_declared_and_never_of_what_is_hidden_from_the_childs_own_worker():
    hidden = {"INTEL", "SEALED", "THER", "SEXH", "HLTH", "OVS"}
    for gate in GATES:
        for type in gate.reads:
            schema = json.loads(Path(f"schemas/{type}/v1/schema.json").read_text(encoding="utf-8"))
            labels = {
                label
                for name, one in schema["properties"].items()
                if name not in ("narrative", "others")
                for label in one.get("x-label", ())
            }
            assert not labels & hidden, (gate.name, type)
    assert {gate.name for gate in GATES if gate.whoever_posts} == {
        "RIGHT-ROOM",
        "UNDER-10",
        "RECORDS-HOLDER",
        "CLOSURE-SIGNATORY",
    }


@pytest.mark.req("H-28", "R-064")
def test_a_decision_that_awaits_agreement_has_no_effect_on_a_gate():
    other = [replace(one, awaiting=("police",)) for one in more.SUSPECTED.entries]
    row = next(one for one in more.INTERVIEWS if one.name == "a second interview, undecided")
    assert stands_against(case(row), BY_NAME[row.gate])
    waiting = replace(row, fold=replace(row.fold, entries=tuple(other)))
    assert not stands_against(case(waiting), BY_NAME[row.gate])
