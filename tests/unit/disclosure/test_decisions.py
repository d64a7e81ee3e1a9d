"""The decisions behind matrix G.A, by facts alone: what each class of reader gets of each item."""

from __future__ import annotations

from dataclasses import replace

import pytest

import schemas
from hub.catalogue import load_catalogue
from hub.disclosure.decide import LABELS, SOURCE, WITHHELD_LABEL, Decider, Decision, Withheld
from hub.disclosure.engine import Engine
from hub.disclosure.facts import ItemFacts, ReaderFacts, field_labels
from hub.disclosure.rules import load_rules
from hub.disclosure.standing import CLASS_OF

CATALOGUE = load_catalogue()
ENGINE = Engine(load_rules())
DECIDER = Decider(ENGINE)
BOTH = frozenset({"has-harmed"})
HARMED = frozenset({"has-been-harmed"})


def item(type: str, *filled: str, **facts: object) -> ItemFacts:
    labels = field_labels(CATALOGUE.types[type])
    known: dict[str, object] = {
        "detail": "",
        "own": False,
        "meeting": "none",
        "sides": BOTH,
        "joint": False,
        "source_reveals": False,
    }
    known.update(facts)
    return ItemFacts(
        type=type,
        filled=frozenset(filled),
        carries=frozenset(label for one in labels.values() for label in one),
        **known,  # type: ignore[arg-type]
    )


def decide(who: str, about: ItemFacts, attended: bool = False) -> Decision:
    return DECIDER.decide(ReaderFacts(frozenset({who}), attended), about)


ACCOUNT = item("initial-account-recorded", "SRC", "WORDS", sides=HARMED)
PART_2 = item("setting-risk-assessment-recorded", "EDU", source_reveals=True)
PART_1 = item("setting-risk-assessment-recorded", "EDU", sides=HARMED)
SAFETY = item("immediate-safety-measure-recorded", "SAFE", sides=HARMED)
REFERRAL = item("referral-made", "SRC")
INVESTIGATE = item("criminal-investigation-decided", "CRIM", detail="investigate")
RIGHT_MEETING = item("meeting-held", detail="strategy", meeting="entitled")
OTHER_MEETING = item("meeting-held", detail="strategy", meeting="other")
INCIDENT = item("incident-recorded", "CBH-ID", "CWH-ID")
LEVEL = item("behaviour-level-assessed", "OPIN", "CRIM")
ABE = item("interview-held", "CRIM", detail="abe", sides=HARMED)
PACE = item("interview-held", "CRIM", detail="pace")
AIM = item("specialist-assessment-decided", "OPIN", detail="yes")
PLAN = item("risk-management-plan-recorded", "OPIN", "LOC")
NFA = item("criminal-outcome-recorded", "CRIM", detail="nfa-evidence")
LINK = item("incident-linked", "SEALED", link_in_force=True)
INTEL = item("adult-involvement-suspected", "INTEL")

MATRIX = [
    ("A01", ACCOUNT, {"own-worker": "V", "enquiry": "V", "police": "V", "health": "R", "school": "H"}),
    ("A03 part 1", PART_1, {"own-worker": "V", "enquiry": "V", "police": "V", "health": "H"}),
    (
        "A03 part 2",
        PART_2,
        {"own-worker": "V", "enquiry": "V", "police": "V", "school": "H", "youth-justice": "R",
         "safeguarding-unit": "R"},
    ),
    ("A05", SAFETY, {"own-worker": "V", "enquiry": "V", "police": "V", "school": "V", "health": "V"}),
    (
        "A06",
        REFERRAL,
        {"own-worker": "V", "enquiry": "V", "police": "V", "school": "H", "youth-justice": "H",
         "safeguarding-unit": "V"},
    ),
    (
        "A08",
        INVESTIGATE,
        {"own-worker": "V", "enquiry": "V", "police": "V", "school": "H", "youth-justice": "V",
         "safeguarding-unit": "R"},
    ),
    (
        "A14 entitled",
        RIGHT_MEETING,
        {"own-worker": "V", "enquiry": "V", "police": "V", "school": "V", "youth-justice": "V",
         "safeguarding-unit": "V"},
    ),
    (
        "A14 other room",
        OTHER_MEETING,
        {"own-worker": "V", "enquiry": "V", "police": "H", "school": "H", "health": "H",
         "safeguarding-unit": "V"},
    ),
    (
        "A19",
        INCIDENT,
        {"own-worker": "V", "enquiry": "V", "police": "V", "school": "R", "youth-justice": "V",
         "safeguarding-unit": "V", "health": "R"},
    ),
    (
        "A22",
        LEVEL,
        {"own-worker": "V", "enquiry": "V", "police": "V", "school": "R", "youth-justice": "V",
         "safeguarding-unit": "R"},
    ),
    ("A23", ABE, {"own-worker": "V", "enquiry": "V", "police": "V", "school": "R", "health": "R"}),
    (
        "A25",
        PACE,
        {"own-worker": "V", "enquiry": "V", "police": "V", "school": "H", "youth-justice": "V",
         "safeguarding-unit": "R"},
    ),
    (
        "A27",
        AIM,
        {"own-worker": "V", "enquiry": "V", "police": "R", "school": "R", "youth-justice": "V",
         "safeguarding-unit": "V"},
    ),
    (
        "A32",
        PLAN,
        {"own-worker": "V", "enquiry": "V", "police": "V", "school": "R", "youth-justice": "V",
         "safeguarding-unit": "R"},
    ),
    (
        "A33",
        NFA,
        {"own-worker": "V", "enquiry": "V", "police": "V", "school": "H", "youth-justice": "V",
         "safeguarding-unit": "R"},
    ),
    (
        "LK-A",
        LINK,
        {"own-worker": "H", "enquiry": "V", "police": "V", "school": "H", "youth-justice": "H", "health": "H",
         "safeguarding-unit": "H"},
    ),
    (
        "INTEL",
        INTEL,
        {"own-worker": "H", "enquiry": "V", "police": "V", "school": "H", "youth-justice": "H", "health": "H",
         "safeguarding-unit": "H", "team-manager": "V"},
    ),
]  # fmt: skip
CELLS = [(name, who, facts, want) for name, facts, row in MATRIX for who, want in row.items()]


@pytest.mark.req(
    "D-01", "D-02", "D-05", "D-32", "D-33", "D-34", "D-35", "D-36", "D-37", "D-49", "D-51", "D-56"
)
@pytest.mark.parametrize(("name", "who", "facts", "want"), CELLS, ids=[f"{n}-{w}" for n, w, _, _ in CELLS])
def test_each_class_gets_what_the_matrix_says(name: str, who: str, facts: ItemFacts, want: str) -> None:
    assert decide(who, facts).outcome == want


@pytest.mark.req("D-54", "H-15")
@pytest.mark.parametrize("facts", [facts for _, facts, _ in MATRIX], ids=[name for name, _, _ in MATRIX])
def test_an_officer_gets_metadata_of_everything_and_content_of_nothing(facts: ItemFacts) -> None:
    decision = decide("officer", facts)
    assert (decision.outcome, decision.keeps) == ("R", ())
    assert decision.rules[0] == "D-13"


@pytest.mark.req("D-30")
def test_what_an_organisation_posted_it_sees_as_posted() -> None:
    assert decide("school", item("interview-held", "CRIM", detail="pace", own=True)).outcome == "V"


@pytest.mark.req("D-01")
def test_nobody_without_a_class_gets_anything() -> None:
    for _, facts, _ in MATRIX:
        assert DECIDER.decide(ReaderFacts(frozenset(), True), facts).outcome == "H"


@pytest.mark.req("D-10", "D-53")
@pytest.mark.parametrize(
    ("who", "source"),
    [("own-worker", "shown"), ("enquiry", "shown"), ("police", "shown"), ("youth-justice", "kind"),
     ("safeguarding-unit", "kind")],
)  # fmt: skip
def test_a_service_that_points_at_another_child_shows_as_its_kind(who: str, source: str) -> None:
    assert decide(who, PART_2).source == source


@pytest.mark.req("D-32")
def test_a_redaction_is_the_same_whether_or_not_the_withheld_field_is_filled() -> None:
    filled, empty = decide("school", LEVEL), decide("school", item("behaviour-level-assessed", "OPIN"))
    assert (filled.outcome, filled.withheld) == (empty.outcome, empty.withheld)


@pytest.mark.req("H-09")
@pytest.mark.parametrize("label", ["LEGAL", "OVS", "HLTH", "THER"])
def test_a_label_that_no_rule_gives_is_denied(label: str) -> None:
    unknown = ItemFacts(
        "incident-recorded", "", frozenset({label}), frozenset({label}), False, "none", BOTH, False, False
    )
    assert label not in decide("school", unknown).labels


READERS = sorted(
    {*CLASS_OF.values(), "team-manager", "safeguarding-unit", "own-front-door", "attendee", "respondent",
     "consulted", "officer", "family", "subject"}
)  # fmt: skip


@pytest.mark.req("H-09")
@pytest.mark.parametrize("who", READERS)
@pytest.mark.parametrize("where", ["carries", "filled", "both"])
@pytest.mark.parametrize("known", [LEVEL, INCIDENT, RIGHT_MEETING, replace(LEVEL, own=True)])
def test_an_item_with_a_label_that_the_rules_do_not_know_is_nobodys(
    who: str, where: str, known: ItemFacts
) -> None:
    engine = Engine(load_rules())
    reader, new = ReaderFacts(frozenset({who}), True), frozenset({"X-NEW"})
    carries = known.carries | new if where != "filled" else known.carries
    filled = (known.filled - {"CRIM"}) | new if where != "carries" else known.filled
    found = Decider(engine).decide(reader, replace(known, carries=carries, filled=filled))
    assert (found.outcome, found.labels, found.whole) == ("H", frozenset(), False)
    assert engine.faults == 1, "it is told to who runs the hub"


@pytest.mark.req("H-08", "H-09")
def test_the_rules_know_the_labels_of_the_list_and_every_type_has_no_other() -> None:
    assert set(LABELS) == {one.code for one in schemas.codes("labels").codes}
    assert set().union(*(kind.all_labels for kind in CATALOGUE.types.values())) <= set(LABELS)


@pytest.mark.req("D-32", "D-10")
def test_a_redacted_entry_is_whole_only_where_nothing_but_its_source_is_withheld() -> None:
    source, other = Withheld(SOURCE, "D-10", "own-worker"), WITHHELD_LABEL["CRIM"]
    kept = [(), (source,), (other,), (source, other)]
    told = [Decision("R", ("P",), frozenset(), None, "", "kind", one).whole for one in kept]
    assert told == [False, True, False, False]


@pytest.mark.req("D-31", "D-36", "D-11")
@pytest.mark.parametrize(
    ("code", "who", "facts", "sent"),
    [
        ("police-involved", "school", INVESTIGATE, True),
        ("police-involved", "health", INVESTIGATE, False),
        ("police-involved", "school", item("criminal-investigation-decided", "CRIM", sides=HARMED), False),
        ("plan-continues", "school", NFA, True),
        ("linked-record", "own-worker", LINK, True),
        ("linked-record", "safeguarding-unit", LINK, True),
        ("linked-record", "school", LINK, False),
        ("linked-record", "own-worker", item("incident-linked", "SEALED"), False),
        ("police-hold-information", "own-worker", INTEL, True),
        ("police-hold-information", "school", INTEL, False),
        ("police-hold-information", "youth-justice", INTEL, False),
        ("investigation-opened", "own-worker", INVESTIGATE, False),
    ],
)
def test_coded_lines_go_only_where_a_rule_sends_them(
    code: str, who: str, facts: ItemFacts, sent: bool
) -> None:
    assert (DECIDER.line(code, ReaderFacts(frozenset({who}), False), facts) is not None) is sent


@pytest.mark.req("H-09")
@pytest.mark.parametrize("fact", [{"own": None}, {"detail": 1}, {"sides": "has-harmed"}])
def test_an_evaluation_that_errs_is_a_deny_and_a_fault(fact: dict[str, object]) -> None:
    engine = Engine(load_rules())
    police = ReaderFacts(frozenset({"police"}), False)
    assert Decider(engine).decide(police, INCIDENT).outcome == "V" and engine.faults == 0
    assert Decider(engine).decide(police, replace(INCIDENT, **fact)).outcome == "H"
    assert engine.faults > 0


@pytest.mark.req("H-09")
def test_a_line_that_no_schema_knows_is_denied_and_a_fault() -> None:
    engine = Engine(load_rules())
    assert (
        Decider(engine).line("no-such-line", ReaderFacts(frozenset({"own-worker"}), False), INCIDENT) is None
    )
    assert engine.faults > 0
