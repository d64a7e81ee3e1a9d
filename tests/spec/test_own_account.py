"""A child's own account (H-23): what it says of who was told what, and what nobody can read out of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

import schemas
from hub.directory.types import Principal
from hub.disclosure import desk
from hub.disclosure.account_looks import ANSWERS, Look, looks
from hub.disclosure.assemble import Disclosed
from hub.disclosure.capacity import FOR_SUBJECT, ForFamily
from hub.disclosure.decide import Decider
from hub.disclosure.engine import Engine
from hub.disclosure.family_told import CHILD as THE_CHILD
from hub.disclosure.family_told import TOLD_OF
from hub.disclosure.own_account import (
    ALWAYS,
    CHECK,
    HELP,
    KEEP_SAFE,
    WHY,
    AccountLine,
    Composed,
    compose,
)
from hub.disclosure.release import Access, AccessRecord, Released
from hub.disclosure.rules import load_rules, shipped_files
from hub.envelope import EventKey
from hub.record import Record
from tests.oracle.door import assembler
from tests.spec.basis_stories import EARLY_HELP, GP, POLICE, SCHOOL, YOS, Basis, begun, has_harmed
from tests.spec.relationship_folds import CHILD, N_CSC, S_CSC, area_of, at
from tests.support.simulated import SeededChance

WORKER = Principal(S_CSC, "social-care", area_of(S_CSC), f"{S_CSC}/sw-1", frozenset({"social-worker"}))
NOW = "2025-10-20 12:00"
RULES = load_rules()
DECIDER = Decider(Engine(RULES))
HOME, FAR_SCHOOL, CLINIC = "other.home-f1", "education.n-far", "health.n-far-clinic"
CONCERN = "That people were worried about something that happened"
AS_SCHOOL, AS_CARE = "Your school, now or before", "Children's social care"
AS_HEALTH, AS_CARER = "A health service", "The people who looked after you"
AS_POLICE, AS_JUSTICE = "The police", "The youth justice service"
AS_EARLY_HELP = "A service that helps families early"


def disclosed(story: Basis) -> Disclosed:
    view = story.view
    return assembler().disclose(
        WORKER, view, lambda _: view, now=at(NOW), as_at=None, apart=True, capacity=FOR_SUBJECT
    )


def look(
    story: Basis, time: str, organisation: str, bases: set[str], purpose: str | None = "education-safety",
    told: Iterable[EventKey] | None = None, coded: Iterable[EventKey] = (),
) -> Look:  # fmt: skip
    """An access by which everything in the record so far was told, unless `told` says what."""
    keys = [one.key for one in story.posts] if told is None else told
    name = EventKey("urn:safeguarding:hub", f"access {time} {organisation}")
    return Look(
        name, at(time), organisation, "chronology", purpose, frozenset(bases), tuple(keys), tuple(coded)
    )


def account(story: Basis, found: Iterable[Look]) -> Composed:
    lines = disclosed(story).lines
    return compose(story.view, lines, list(found), DECIDER, RULES, lambda name: f"Name of {name}")


def informs(
    story: Basis, time: str, outcome: str = "informed", topic: str = "incident", **data: object
) -> None:
    story.post(time, S_CSC, "family-informed", topic=topic, outcome=outcome, **data)


def related(story: Basis, kind: str, organisation: str, **data: object) -> None:
    story.post("2025-09-01 11:00", S_CSC, "relationship-recorded", kind=kind, organisation=organisation,
               **data)  # fmt: skip


def concern(*, told: bool = True) -> Basis:
    story = begun()
    has_harmed(story, by=FAR_SCHOOL)
    story.post("2025-09-01 10:30", S_CSC, "social-worker-allocated", kind="allocated", worker=f"{S_CSC}/sw-1")
    if told:
        informs(story, "2025-09-02 09:00")
    return story


def by_school(story: Basis, day: str = "2025-09-03 09:00") -> Look:
    return look(story, day, SCHOOL, {"school"})


@pytest.mark.req("H-23", "R-054")
def test_h23_it_says_who_was_told_what_when_and_why() -> None:
    story = concern()
    found = account(story, [by_school(story)])
    (line,) = found.lines
    assert line.on.isoformat() == "2025-09-03" and line.why == (KEEP_SAFE,)
    assert (line.who.kind, line.who.name) == (AS_SCHOOL, f"Name of {SCHOOL}")
    assert line.told == (
        CONCERN,
        "That you or your family were told about it",
        "Who your social worker is, or who else you can talk to",
    ), "in the order of the rules"


@pytest.mark.req("H-23", "R-054", "D-14")
@pytest.mark.parametrize(
    ("steps", "tells"),
    [
        pytest.param([], False, id="told-nobody"),
        pytest.param([("informed", {"who": ["mother"]})], False, id="told-the-mother-only"),
        pytest.param([("informed", {"who": ["child"]})], True, id="told-the-child"),
        pytest.param([("informed", {}), ("withheld", {"who": ["father"]})], False, id="not-the-father"),
        pytest.param([("informed", {}), ("withheld", {"who": ["sibling"]})], False, id="not-a-sibling"),
        pytest.param([("informed", {}), ("withheld", {})], False, id="withheld-since"),
        pytest.param(
            [("informed", {"who": ["child"]}), ("withheld", {"who": ["father"]}),
             ("informed", {"who": ["father"]})], True, id="the-father-after-all",
        ),
    ],
)  # fmt: skip
def test_h23_nothing_that_the_child_or_whoever_reads_over_its_shoulder_is_not_to_know(
    steps: list[tuple[str, dict[str, object]]], tells: bool
) -> None:
    story = concern(told=False)
    for day, (outcome, data) in enumerate(steps, 2):
        informs(story, f"2025-09-0{day} 09:00", outcome, **data)
    said = [one for line in account(story, [by_school(story, "2025-09-09 09:00")]).lines for one in line.told]
    assert (CONCERN in said) is tells
    if not tells:
        assert said == []


@pytest.mark.req("H-23", "D-14")
def test_h23_it_says_of_nothing_that_a_paper_for_the_child_would_not_say() -> None:
    story = concern()
    for type_, data in (
        ("immediate-safety-measure-recorded", {"measures": [{"for": "home", "code": "supervision"}]}),
        ("assessment-started", {"kind": "single"}),
        ("child-voice-recorded", {"words": "CANARY"}),
        ("support-arranged", {"kind": "therapy", "provider": "health.x"}),
        ("health-needs-considered", {"considered": True}),
        ("adult-involvement-suspected", {"category": "known-adult", "status": "suspected"}),
        ("meeting-convened", {"kind": "strategy", "meeting": "M1", "parents": "invited"}),
        ("meeting-convened", {"kind": "hsb", "meeting": "M2", "parents": "not-invited"}),
        ("meeting-convened", {"kind": "hsb", "meeting": "M3", "parents": "invited"}),
        ("interview-held", {"kind": "abe"}),
        ("social-worker-allocated", {"kind": "enquiry", "worker": f"{S_CSC}/enq-1"}),
        ("criminal-outcome-recorded", {"outcome": "charge"}),
        ("place-declared", {"kind": "placement"}),
        ("behaviour-level-assessed", {"scale": "hackett-5", "level": "abusive"}),
        ("sharing-declined", {"with": POLICE}),
    ):
        story.post("2025-09-05 09:00", S_CSC, type_, **data)
    view = story.view
    paper = assembler().disclose(
        WORKER, view, lambda _: view, now=at(NOW), as_at=None, apart=True, capacity=ForFamily(THE_CHILD)
    )
    in_paper = {one.key for one in paper.items} | {one.basis for one in paper.lines}
    spoken = {one.basis for one in disclosed(story).lines}
    assert spoken == in_paper and len(spoken) == 6, "all told of a concern that nobody is kept from"
    assert disclosed(story).items == () and disclosed(story).carried == ()


@pytest.mark.req("H-23", "D-14", "D-10", "D-50", "D-06", "D-36")
@pytest.mark.parametrize(
    ("organisation", "bases", "purpose", "kind"),
    [
        pytest.param(S_CSC, {"own-worker"}, "assessment", AS_CARE, id="own-worker"),
        pytest.param(S_CSC, {"iro"}, "review", AS_CARE, id="reviewing-officer"),
        pytest.param(SCHOOL, {"school"}, "education-safety", AS_SCHOOL, id="school"),
        pytest.param(SCHOOL, {"enrolled"}, None, AS_SCHOOL, id="notice-to-the-school"),
        pytest.param(GP, {"health"}, "direct-care", AS_HEALTH, id="health"),
        pytest.param(EARLY_HELP, {"early-help"}, "direct-care", AS_EARLY_HELP, id="early-help"),
        pytest.param(HOME, {"carer"}, "direct-care", AS_CARER, id="carer"),
        pytest.param(POLICE, {"police"}, "s47-enquiry", None, id="D-05-police"),
        pytest.param(POLICE, {"enquiry"}, None, None, id="D-05-notice-to-police"),
        pytest.param(YOS, {"youth-justice"}, "direct-care", None, id="D-05-youth-justice"),
        pytest.param(GP, {"therapist"}, "direct-care", None, id="D-39-therapist"),
        pytest.param(GP, {"therapist", "health"}, "direct-care", None, id="D-39-therapist-who-treats"),
        pytest.param(GP, {"treated"}, None, None, id="D-39-notice-to-health-that-may-be-therapy"),
        pytest.param(SCHOOL, {"emergency"}, "direct-care", None, id="D-50-emergency"),
        pytest.param(S_CSC, {"emergency", "own-worker"}, "assessment", None, id="D-50-emergency-besides"),
        pytest.param(FAR_SCHOOL, {"school"}, "education-safety", None, id="D-10-another-childs-school"),
        pytest.param(FAR_SCHOOL, {"attendee"}, "strategy-meeting", None, id="D-10-invited-only"),
        pytest.param(CLINIC, {"health"}, "direct-care", None, id="D-10-another-childs-clinic"),
        pytest.param(N_CSC, {"enquiry"}, "s47-enquiry", None, id="D-10-another-childs-authority"),
        pytest.param(S_CSC, {"safeguarding-unit"}, "supervision", None, id="oversight-by-the-unit"),
        pytest.param(S_CSC, {"own-worker"}, "oversight", None, id="oversight"),
        pytest.param("partnership.hub-ig", {"officer"}, "audit", None, id="D-13-officer"),
        pytest.param("other.s-mappa", {"mappa"}, "public-protection", None, id="D-47-public-protection"),
        pytest.param(POLICE, {"smg"}, "strategy-meeting", None, id="D-17-group"),
        pytest.param(SCHOOL, {"subject"}, "education-safety", None, id="an-account-itself"),
        pytest.param(SCHOOL, set(), None, None, id="nothing-to-the-child"),
    ],
)  # fmt: skip
def test_h23_who_was_told_by_kind_and_who_is_left_out_without_trace(
    organisation: str, bases: set[str], purpose: str | None, kind: str | None
) -> None:
    story = concern()
    related(story, "treated", GP)
    related(story, "early-help", EARLY_HELP)
    related(story, "supervised", YOS)
    related(story, "enquiry", POLICE, person=f"{POLICE}/caiu-2")
    related(story, "enquiry", N_CSC, person=f"{N_CSC}/enq-1")
    if organisation == HOME:
        related(story, "placed", HOME)
    school = by_school(story)
    found = account(story, [school, look(story, "2025-09-04 09:00", organisation, bases, purpose)])
    kinds = [one.who.kind for one in found.looks]
    if kind is not None:
        assert sorted(kinds) == sorted({AS_SCHOOL, kind}) and found.kept == []
        return
    assert found.lines == account(story, [school]).lines and found.looks == account(story, [school]).looks
    assert len(found.kept) == 1, "for audit it is recorded that an access was left out"


@pytest.mark.req("H-23", "D-05", "R-060")
def test_h23_police_and_youth_justice_when_criminal_matters_have_ended_and_only_up_to_then() -> None:
    story = concern()
    related(story, "supervised", YOS)
    related(story, "enquiry", POLICE, person=f"{POLICE}/caiu-2")
    told = [
        look(story, "2025-09-04 09:00", POLICE, {"police"}, "s47-enquiry"),
        look(story, "2025-09-05 09:00", YOS, {"supervised"}, None),
    ]
    story.post("2025-09-10 09:00", POLICE, "criminal-outcome-recorded", outcome="nfa-evidence", reasons="C")
    later = look(story, "2025-09-12 09:00", POLICE, {"police"}, "s47-enquiry")
    assert account(story, [*told, later]).lines == (), "the child was not told that they have ended"
    informs(story, "2025-09-11 09:00", topic="end-of-criminal-matters")
    found = account(story, [*told, later])
    assert [(one.who.kind, one.who.name) for one in found.lines] == [(AS_POLICE, None), (AS_JUSTICE, None)]
    assert [one.days.text for one in found.looks] == ["on one day", "on one day"]
    assert found.kept == [later.key], "that police look again is not said"


@pytest.mark.req("H-23", "D-08")
@pytest.mark.parametrize("kind", [None, "placed", "carer"])
def test_h23_no_name_tells_where_a_child_lives_who_lives_away_from_home(kind: str | None) -> None:
    story = concern()
    if kind:
        related(story, kind, HOME)
    care = look(story, "2025-09-04 09:00", S_CSC, {"own-worker"}, "assessment")
    names = {one.who.name for one in account(story, [by_school(story), care]).lines}
    assert names == ({None} if kind else {f"Name of {SCHOOL}", f"Name of {S_CSC}"})


@pytest.mark.req("H-23", "D-08", "R-157")
def test_h23_nor_of_a_child_who_is_looked_after_or_has_moved_to_another_area() -> None:
    looked_after = begun(looked_after=True)
    has_harmed(looked_after)
    informs(looked_after, "2025-09-02 09:00")
    assert {one.who.name for one in account(looked_after, [by_school(looked_after)]).lines} == {None}
    moved = concern()
    moved.moves("2025-09-05 09:00", S_CSC, "notified", S_CSC, N_CSC)
    moved.moves("2025-09-06 09:00", N_CSC, "acknowledged", S_CSC, N_CSC)
    before = look(moved, "2025-09-03 09:00", S_CSC, {"own-worker"}, "assessment")
    after = look(moved, "2025-09-08 09:00", N_CSC, {"team-manager"}, "supervision")
    (line,) = account(moved, [before, after]).lines
    assert (line.who.kind, line.who.name) == (AS_CARE, None), "two authorities that are not named are one"
    assert set(line.why) == {HELP} and moved.view.handovers


@pytest.mark.req("H-23", "H-10")
def test_h23_only_what_is_new_to_somebody_is_a_line_and_days_are_told_as_spans() -> None:
    story = concern()
    found = [by_school(story, f"2025-10-{day:02} 09:00") for day in range(1, 7)]
    story.post("2025-10-06 08:00", S_CSC, "plan-started", kind="child-in-need")
    found += [by_school(story, f"2025-10-06 {hour}:00") for hour in range(10, 20)]
    composed = account(story, found)
    assert [(one.on.day, len(one.told)) for one in composed.lines] == [(1, 3), (6, 1)]
    assert [one.days.text for one in composed.looks] == ["on 6 to 20 days"]
    assert [one.days.text for one in account(story, found[:5]).looks] == ["on 2 to 5 days"]
    assert len(composed.accesses) == len(found), "each is recorded with the rules that decided"
    assert all(policies[0] == "D-14-ACCOUNT-TO-SCHOOL" for _, policies in composed.accesses)


@pytest.mark.req("H-23", "H-10", "D-18")
def test_h23_what_is_left_out_changes_nothing_else() -> None:
    """Intelligence, therapy and another incident that the child was not told of, each read by everybody."""
    plain, more = concern(), concern()
    for type_, data in (
        ("adult-involvement-suspected", {"category": "household-adult", "status": "suspected"}),
        ("support-arranged", {"kind": "therapy", "provider": CLINIC}),
        ("incident-recorded", {"role": "has-been-harmed", "status": "established"}),
        ("relationship-recorded", {"kind": "treated", "organisation": CLINIC}),
        ("family-informed", {"topic": "programme", "outcome": "withheld", "who": ["mother"]}),
    ):
        more.post("2025-09-04 09:00", S_CSC, type_, **data)

    def of(story: Basis) -> tuple[tuple[AccountLine, ...], object]:
        found = [by_school(story, "2025-09-05 09:00"),
                 look(story, "2025-09-06 09:00", S_CSC, {"own-worker"}, "direct-care")]  # fmt: skip
        only_hidden = [one.key for one in story.posts if one.received_at == at("2025-09-04 09:00")]
        found.append(look(story, "2025-09-07 09:00", SCHOOL, {"school"}, told=only_hidden))
        composed = account(story, found)
        return composed.lines, composed.looks

    assert of(plain) == of(more) and of(plain)[0]


@pytest.mark.req("H-23", "D-11", "D-36")
def test_h23_a_coded_line_told_of_safety_and_of_nothing_else() -> None:
    """A school that got "the plan continues" was not told that police have finished."""
    story = concern()
    story.post("2025-09-05 09:00", S_CSC, "immediate-safety-measure-recorded",
               measures=[{"for": "school", "code": "supervision"}])  # fmt: skip
    story.post("2025-09-06 09:00", POLICE, "criminal-outcome-recorded", outcome="nfa-evidence", reasons="C")
    informs(story, "2025-09-07 09:00", topic="end-of-criminal-matters")
    keys = [one.key for one in story.posts]
    found = account(story, [look(story, "2025-09-08 09:00", SCHOOL, {"school"}, told=(), coded=keys)])
    assert [one.told for one in found.lines] == [("What is done to keep you and other people safe",)]
    whole = account(story, [by_school(story, "2025-09-08 09:00")])
    assert "That the police have finished" in whole.lines[0].told


@pytest.mark.req("H-23")
def test_h23_every_purpose_has_words_or_is_told_to_no_child() -> None:
    unsaid = {"oversight", "public-protection", "audit", "identity-review", "subject-access"}
    named = {one for one in WHY if one is not None}
    assert named | unsaid == {one.code for one in schemas.codes("purposes").codes} and not named & unsaid
    assert set(WHY.values()) == {KEEP_SAFE, HELP, CHECK}
    assert WHY["strategy-meeting"] == WHY["s47-enquiry"] == WHY["education-safety"]


@pytest.mark.req("H-23")
def test_h23_every_kind_of_entry_that_a_child_can_be_told_of_has_a_rule_with_words() -> None:
    text = shipped_files().files["account.cedar"]
    assert [one for one in TOLD_OF if f'"{one}"' not in text] == []
    words = [one for id, one in RULES.by_id.items() if id.startswith("D-14-ACCOUNT-") and one.text]
    assert len(words) == 15 and all(one.requirement == "H-23" and one.rule == "D-14" for one in words)
    said = " ".join([*(one.text for one in words), *WHY.values(), *(one.text for one in ALWAYS)])
    assert not {"safeguarding", "disclosure", "multi-agency", "perpetrator", "victim"} & set(
        said.lower().split()
    )


# --- the accesses, as the record has them -------------------------------------------------------------------

KEY = EventKey(f"urn:safeguarding:org:{S_CSC}", "event-000000000001")
ON = datetime(2025, 9, 12, 12, 0, tzinfo=UTC)


class Clock:
    def wall(self) -> datetime:
        return ON

    def domain(self) -> datetime:
        return ON


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Record]:
    chance, folder = SeededChance(), tmp_path_factory.mktemp("looks")
    chance.restart(b"who looked")
    Record.migrate(folder / "hub.db", master_key=b"m" * 32, chance=chance)
    found = Record.open(folder / "hub.db", master_key=b"m" * 32, chance=chance)
    yield found
    found.close()


@pytest.mark.req("H-23", "D-50", "H-12")
def test_h23_which_accesses_are_looked_at_at_all(record: Record) -> None:
    assert {desk.CHRONOLOGY, desk.OVERVIEW, desk.DEADLINES} <= ANSWERS
    chance = SeededChance()
    chance.restart(b"readings")
    accesses = AccessRecord(record, Clock(), chance)
    who = Principal(SCHOOL, "education", None, f"{SCHOOL}/dsl-1", frozenset({"designated-safeguarding-lead"}))

    def access(what: str) -> Access:
        return Access(who, CHILD, what, "education-safety", "basis", None, None, "policy-1")

    for what in (*sorted(ANSWERS), "emergency-access", "content-review", "family-paper", "own-account",
                 "own-posts", "chronology-of-linked-child", "my-children"):  # fmt: skip
        accesses.released(access(what), {"school"}, [Released(KEY, "V", ("D-56",))], ())
    accesses.refused(access("chronology"), "not-found")
    accesses.released(access("notice"), {"school"}, [Released(KEY, "recalled", ("D-20",))], ())
    for what, rules in (("chronology", ("D-36",)), ("notice", ("D-11",)), ("notice", ("D-11", "D-36"))):
        accesses.released(access(what), {"school"}, [Released(KEY, "line", rules)], ())
    view = replace(begun().view, head=1_000)
    found = looks(record, view, None)
    *whole, recall, line, notice, of_line = found
    assert [one.told for one in whole] == [(KEY,)] * len(ANSWERS)
    assert recall.told == recall.coded == (), "a recall tells nothing of the event"
    assert (line.coded, notice.told, of_line.coded) == ((KEY,), (KEY,), (KEY,))
    assert {one.organisation for one in found} == {SCHOOL}
    middle = record.stream(f"access/{CHILD}")[3].position
    assert len(looks(record, view, middle)) == 2, "as the record was then"
    assert len(looks(record, replace(view, head=middle), None)) == 2
