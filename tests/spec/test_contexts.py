"""Where and among whom it happened, from one reader's entries."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import schemas
from hub.disclosure.decide import Decider
from hub.disclosure.engine import Engine
from hub.disclosure.facts import ItemFacts, ReaderFacts
from hub.disclosure.rules import load_rules
from hub.disclosure.side_by_side import Asking, side_by_side
from hub.pathway.contexts import contexts
from hub.pathway.entries import Sight
from hub.pathway.patterns import RULES
from tests.spec.expecting import p
from tests.spec.posts import ELM, OAK, S, at, ids, material, other, profile_of

CHILD, OTHER = "C-1", "C-2"
NOW = at("2025-11-20 12:00")
BUS = {"role": "has-harmed", "status": "alleged", "place_kind": "public-place"}
GROUP = {"kind": "online-group", "place": "online-group-1", "from": "2025-09-01"}


def incident(id, happened="2025-10-01", **data):
    others = data.pop("others", ())
    given = {name: value for name, value in (BUS | data).items() if value is not None}
    return p("incident-recorded", f"{happened} 10:00", OAK, _id=id, others=others, **given)


def told(*entries, **more):
    return contexts(material(CHILD, entries, authority=S, **more), now=NOW)


def rows(*entries, **more):
    return [(one.kind, one.place, one.declared, one.incidents) for one in told(*entries, **more).rows]


@pytest.mark.req("R-019")
def test_three_incidents_at_one_kind_of_place_are_listed_as_three():
    three = [incident(id, f"2025-10-0{n}") for n, id in enumerate("abc", 1)]
    (row,) = told(*three).rows
    assert (row.kind, row.place, row.incidents, ids(row.evidence)) == (
        "place", "public-place", 3, ["a", "b", "c"]
    )  # fmt: skip
    with_home = [*three, incident("h", place_kind="home")]
    assert [one[1] for one in rows(*with_home)] == ["public-place", "home"]


@pytest.mark.req("R-019", "R-041")
@pytest.mark.parametrize(
    ("data", "given"),
    [
        ({"status": "withdrawn"}, []),
        ({"status": "not-established"}, []),
        ({"place_kind": None}, []),
        ({"place_kind": None, "technology_assisted": True}, [("online", None, (), 1)]),
        ({"technology_assisted": False}, [("place", "public-place", (), 1)]),
    ],
    ids=["withdrawn", "not established", "place withheld", "by technology", "not by technology"],
)
def test_what_is_counted_where(data, given):
    assert rows(incident("a", **data)) == given


@pytest.mark.req("R-019")
def test_a_declared_place_stands_beside_the_incidents_of_its_kind_and_an_online_group_is_online():
    club = p("place-declared", "2025-10-01 10:00", S, _id="k", kind="club", place="club-1")
    later = p(
        "place-declared", "2025-10-01 10:00", S, _id="l", kind="school", place="s-2", **{"from": "2025-12-01"}
    )
    group = p("place-declared", "2025-10-01 10:00", S, _id="g", **GROUP)
    online = incident("o", place_kind="online", technology_assisted=True)
    assert rows(club, later, group, online) == [
        ("place", "online", ("online-group-1",), 1),
        ("place", "club", ("club-1",), 0),
        ("online", None, (), 1),
    ]


@pytest.mark.req("R-019", "H-20")
def test_that_another_child_had_the_same_role_is_for_readers_to_whom_others_always_show():
    together = incident("t", others=[other(OTHER, "has-harmed")])
    opposite = incident("u", others=[other(OTHER, "has-been-harmed")])
    assert ("other-children", None, (), 1) in rows(together, opposite)
    sight = Sight(frozenset({"incident-recorded"}), {"incident-recorded": frozenset({"role"})})
    narrow = {"complete": sight.types, "sight": {CHILD: sight}}
    assert [one[0] for one in rows(together, opposite, **narrow)] == ["place"]


def shown(classes, own, theirs):
    both = material(CHILD, [own], authority=S, linked={OTHER: (theirs,)})
    names = {own.key: "e-own", theirs.key: "e-theirs"}
    reader = Asking(S, frozenset(classes))
    return side_by_side(both, reader, names, now=NOW, profile_of=profile_of)


@pytest.mark.req("R-182", "D-17")
def test_one_online_group_on_two_records_is_a_row_for_the_management_group_and_for_nobody_else():
    own = p("place-declared", "2025-10-01 10:00", S, _id="g", **GROUP)
    theirs = p("place-declared", "2025-10-02 10:00", ELM, _id="h", **(GROUP | {"place": "Online-Group-1"}))
    (row,) = shown({"smg"}, own, theirs).shared_contexts
    assert (row.requirement, row.place, row.records) == ("R-182", "online-group-1", 2)
    assert row.evidence == ("e-own", "e-theirs")
    for classes in ({"police"}, {"enquiry"}, {"own-worker"}, {"safeguarding-unit", "team-manager"}, set()):
        assert shown(classes, own, theirs).shared_contexts == ()


@pytest.mark.req("R-182")
@pytest.mark.parametrize(
    "changed",
    [{"place": "online-group-2"}, {"kind": "club"}, {"from": "2026-01-01"}, {"place": None}],
    ids=["another group", "no online group", "not yet", "withheld"],
)
def test_what_is_no_shared_group(changed):
    own = p("place-declared", "2025-10-01 10:00", S, _id="g", **GROUP)
    given = {name: value for name, value in (GROUP | changed).items() if value is not None}
    theirs = p("place-declared", "2025-10-02 10:00", ELM, _id="h", **given)
    assert shown({"smg"}, own, theirs).shared_contexts == ()


def decided(kind, who):
    labels = frozenset({"LOC"})
    about = ItemFacts(
        type="place-declared", detail=kind, filled=labels, carries=labels, own=False, meeting="none",
        sides=frozenset({"has-harmed"}), joint=False, source_reveals=False,
    )  # fmt: skip
    found = Decider(Engine(load_rules())).decide(ReaderFacts(frozenset({who}), False), about)
    return found.outcome, found.keeps


@pytest.mark.req("R-182", "D-17", "D-08")
def test_of_a_declared_place_the_management_group_gets_the_name_of_an_online_group_and_nothing_else():
    assert decided("online-group", "smg") == ("R", ("kind", "place"))
    for kind in ("home", "school", "placement", "club", "transport", "training"):
        assert decided(kind, "smg")[0] == "H"
    assert decided("online-group", "school") == ("R", ())


# What a computation must never look at.
NEVER = ("ethnic", "faith", "gender", "religio", "belief", "nationalit", "race", "sex")


@pytest.mark.req("R-033", "H-19")
def test_no_computation_can_look_at_ethnicity_faith_or_gender():
    """1. No pattern declares such an input. 2. No field of any event is one. 3. No procedure reads one."""
    declared = {name for rule in RULES for fields in rule.inputs.values() for name in fields}
    fields = {path for name, _ in schemas.types() for path in _fields(schemas.schema(name))}
    read = {
        node.value
        for file in Path("hub/pathway").rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.isidentifier()
    }
    assert declared and fields and declared <= read
    for names in (declared, fields, read & fields):
        assert not [name for name in names for part in name.split("_") if part.startswith(NEVER)]


@pytest.mark.req("R-033")
def test_whoever_gives_a_level_is_reminded_to_judge_every_family_alike():
    said = schemas.schema("behaviour-level-assessed")["description"]
    assert "whatever the family's culture, faith or beliefs" in said


def _fields(schema):
    for name, one in (schema.get("properties") or {}).items():
        yield name
        yield from _fields(one)
        yield from _fields(one.get("items") or {})
