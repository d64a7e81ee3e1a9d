"""Past answers: explained by the rules of then, made again as they were, and set against a draft."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial

import pytest

from hub.api.answers import chronology_json, json_bytes, overview_json
from hub.cli.policy_past import tell_rehearsal
from hub.directory import Principal
from hub.disclosure.answers import Answer, Filters, ReadRequest
from hub.disclosure.release import Access, AccessRecord, Released
from hub.disclosure.replay import ERASED, FOR_GOOD, NO_KIND, NO_QUESTION, NO_RULES, Past, Replay, Replayer
from hub.disclosure.rules import RuleFiles, shipped_files
from hub.errors import HubError
from hub.oversight.accesses import past_of
from hub.pathway.profiles import PROFILES
from tests.support.scenario import READERS
from tests.support.simulated import SCENARIO, Simulated, simulated

OFFICER, CSC = "partnership.hub-ig/igo-1", "social-care.s-csc"
TEXT = {"chronology": chronology_json, "overview": overview_json, "deadlines": overview_json}
WRONG = """@id("D-06-WRONG")
@rule("D-06")
@requirement("R-112")
@legal_basis("UK GDPR art. 6(1)(e)")
@reason("A rule that is wrong on purpose: whoever is a school gets what police hold.")
permit (principal, action in [Action::"read-CRIM", Action::"show-source"], resource)
when { principal.classes.contains("school") };
"""
BLIND = """@id("D-02-BLIND")
@rule("D-02")
@requirement("H-08")
@legal_basis("UK GDPR art. 5(1)(c)")
@reason("A rule that is wrong on purpose: youth justice gets nothing at all.")
forbid (principal, action, resource) when { principal.classes.contains("school") };
"""


@dataclass
class Told:
    """A hub in which answers were given in the middle of the story, and the answers as they were."""

    hub: Simulated
    answers: dict[tuple[str, str], Answer]

    def officer(self, person: str = OFFICER) -> Principal:
        return self.hub.hub.store.directory.principal_for_person(person)

    def replay(self, answer: Answer) -> Replay:
        return self.hub.hub.oversight.policies.replay(self.officer(), answer.disclosure_id)

    def past(self, answer: Answer) -> Past:
        found = past_of(self.hub.hub.oversight._whole(answer.disclosure_id))
        assert found is not None
        return found


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    """Read after the interviews; then more happens, a reader's role ends, another procedure is adopted."""
    middle, end = (
        next(place for place, one in enumerate(SCENARIO.posts) if one.ref == ref) for ref in ("A26", "A29")
    )
    with simulated(tmp_path_factory.mktemp("past") / "hub") as hub:
        for one in SCENARIO.posts[:middle]:
            hub.post(one.event, one.ref)
        disclosure, directory = hub.hub.disclosure, hub.hub.store.directory
        answers: dict[tuple[str, str], Answer] = {}
        for name in ("ENQ", "POL", "Oak", "Elm", "SW-2001"):
            reader = READERS[name]
            who = directory.principal_for_person(reader.person)
            asked = ReadRequest(hub.children[reader.children[-1]], reader.purpose, "M-1", limit=5)
            first = disclosure.chronology(who, asked)
            answers[name, "chronology"] = first
            if name not in ("ENQ", "Oak"):
                continue
            answers[name, "next page"] = disclosure.chronology(who, replace(asked, cursor=first.cursor))
            answers[name, "search"] = disclosure.chronology(
                who, replace(asked, filters=Filters(q="in", type="incident-recorded"))
            )
            answers[name, "overview"] = disclosure.overview(who, asked)
            answers[name, "deadlines"] = disclosure.deadlines(who, asked)
            answers[name, "meetings"] = disclosure.meetings.of_child(who, asked)
        enquiry = directory.principal_for_person(READERS["ENQ"].person)
        asked = ReadRequest(hub.children["C-1001"], READERS["ENQ"].purpose)
        answers["ENQ", "pack"] = disclosure.meetings.pack(enquiry, asked, "M1", None)
        for one in SCENARIO.posts[middle:end]:
            hub.post(one.event, one.ref)
        directory.end_role(READERS["Oak"].person, "designated-safeguarding-lead")
        adopted = answers["ENQ", "overview"].profile
        directory.adopt_profile(CSC, next(one for one in sorted(PROFILES) if one != adopted))
        yield Told(hub, answers)


@pytest.mark.req("H-12", "R-133")
def test_every_past_answer_comes_out_again_byte_for_byte_whatever_happened_since(told: Told) -> None:
    for (reader, what), answer in told.answers.items():
        found = told.replay(answer)
        assert (found.decisions, found.bytes) == ("the same", "the same"), (reader, what, found.notes)
        assert found.installed and found.notes == () and found.answer is not None
        assert found.answer == answer
        if what in TEXT:
            assert json_bytes(TEXT[what](found.answer)) == json_bytes(TEXT[what](answer))


@pytest.mark.req("H-12")
def test_today_the_same_question_gives_something_else(told: Told) -> None:
    """What makes the test above worth anything: the record, and the directory, did move."""
    reader = READERS["ENQ"]
    who = told.officer(reader.person)
    asked = ReadRequest(told.hub.children["C-2001"], reader.purpose, "M-1", limit=5)
    now = told.hub.hub.disclosure.overview(who, asked)
    assert now.profile != told.answers["ENQ", "overview"].profile, "another procedure was adopted since"
    assert replace(now, disclosure_id="") != replace(told.answers["ENQ", "overview"], disclosure_id="")
    with pytest.raises(HubError):
        told.hub.hub.disclosure.chronology(told.officer(READERS["Oak"].person), asked)


@pytest.mark.req("H-12", "H-14")
def test_an_answer_that_was_recorded_otherwise_than_it_can_have_been_is_told(told: Told) -> None:
    """Whoever records another answer than was given, or other items, is found by making it again."""
    store, past = told.hub.hub.store, told.past(told.answers["POL", "chronology"])
    replayer = _replayer(told)
    assert past.made is not None
    other = replace(past, made=replace(past.made, digest="00" * 32))
    found = replayer.again(other)
    assert (found.decisions, found.bytes) == ("the same", "different") and found.notes
    fewer = replayer.again(replace(other, items=past.items[1:]))
    assert (fewer.decisions, fewer.more) == ("different", past.items[:1])
    more = replace(past.items[0], decision="V", policies=("D-30-AUTHOR",))
    assert replayer.again(replace(other, items=(*past.items, more))).missing == (more,)
    assert store.record.head().position > past.position


@pytest.mark.req("H-12")
def test_rules_that_are_not_here_any_more_are_told_plainly(told: Told) -> None:
    past = told.past(told.answers["POL", "chronology"])
    found = _replayer(told).again(replace(past, policy_version="0123456789abcdef"))
    assert (found.installed, found.decisions, found.bytes) == (False, "not compared", "not compared")
    assert found.notes == (NO_RULES,) and found.answer is None


@pytest.mark.req("H-12")
def test_what_was_recorded_before_the_question_was_kept_is_compared_by_its_decisions(told: Told) -> None:
    """Records of an older form fold, and what can be compared of them is."""
    past = told.past(told.answers["Elm", "chronology"])
    old = replace(past, made=None)
    found = _replayer(told).again(old)
    assert (found.decisions, found.bytes, found.notes) == ("the same", "not compared", (NO_QUESTION,))
    wrong = replace(old, items=(replace(past.items[0], decision="H"), *past.items[1:]))
    assert _replayer(told).again(wrong).decisions == "different"


@pytest.mark.req("H-14")
def test_what_is_no_answer_about_a_child_is_not_made_again(told: Told) -> None:
    hub, officer = told.hub.hub, told.officer()
    hub.oversight.accesses(officer, "nhs:9990200106")
    of_child, of_all = [one for one in hub.oversight.accesses(officer) if one.what == "audit-accesses"][-2:]
    assert hub.oversight.policies.replay(officer, of_child.disclosure_id).notes == (NO_KIND,)
    with pytest.raises(HubError) as nothing:
        hub.oversight.policies.replay(officer, of_all.disclosure_id)
    assert nothing.value.slug == "not-found"
    child = told.hub.children["C-1001"]
    basis = AccessRecord(hub.store.record, hub.store.clock, hub.store.chance)
    told.hub.chance.restart(b"a notice")
    access = Access(officer, child, "notice", None, None, None, None, "v")
    name = basis.released(access, (), [Released(told.past(_any(told)).items[0].key, "line", ())], ())
    assert hub.oversight.policies.replay(officer, name).notes == (FOR_GOOD,)


@pytest.mark.req("H-15", "D-13")
def test_who_may_have_an_answer_made_again_and_what_they_learn(told: Told) -> None:
    policies, directory = told.hub.hub.oversight.policies, told.hub.hub.store.directory
    own = "police.n-police/ig-2"
    directory.add_person(own, ("ig-officer",))
    answer, others = told.answers["POL", "chronology"], told.answers["Elm", "chronology"]
    found = policies.replay(told.officer(own), answer.disclosure_id)
    assert (found.bytes, found.missing, found.more, found.erased) == ("the same", (), (), ())
    for who, what in ((own, others), (READERS["ENQ"].person, answer)):
        with pytest.raises(HubError) as refused:
            policies.replay(told.officer(who), what.disclosure_id)
        assert refused.value.slug == "not-found"
    rows = told.hub.hub.oversight.accesses(told.officer(), f"child:{told.hub.children['C-2001']}")
    assert [one.reader for one in rows if one.what == "audit-replay"].count(own) == 1
    for asked in (policies.standing, partial(policies.release, version="x")):
        with pytest.raises(HubError) as hidden:
            asked(told.officer(own))
        assert hidden.value.slug == "not-found"


@pytest.mark.req("H-12", "H-13", "H-15")
def test_an_explanation_has_the_rules_and_the_facts_of_then(told: Told) -> None:
    """The school's lead has no role any more, and the interview was still the police's alone."""
    found = told.hub.hub.oversight.explanation(told.officer(), told.answers["Oak", "overview"].disclosure_id)
    assert found.installed and "the reader is the safeguarding lead of the child's school" in found.reader
    hidden = [one for one in found.items if one["decision"] == "H"]
    assert hidden and all(one["reasons"] and one["facts"] for one in hidden)
    interview = next(one for one in hidden if one["type"] == "interview-held")
    assert "another organisation posted it" in interview["facts"]
    words = " ".join(str(one) for one in found.items)
    assert "its detail is" not in words and "incidents name it" not in words
    agency = told.hub.hub.oversight.explanation(
        told.officer("police.n-police/ig-2"), told.answers["POL", "chronology"].disclosure_id
    )
    assert agency.reader == () and not any("facts" in one for one in agency.items)


def _draft(more: str) -> RuleFiles:
    shipped = shipped_files()
    return RuleFiles({**shipped.files, "wrong.cedar": more}, shipped.schema)


@pytest.mark.req("H-08", "H-14", "H-15")
def test_a_rehearsal_names_what_a_wrong_rule_would_leak_and_is_an_access_itself(
    told: Told, capsys: pytest.CaptureFixture[str]
) -> None:
    policies, seen = told.hub.hub.oversight.policies, []
    found = policies.rehearse(told.officer(), _draft(WRONG).rules(), lambda done, of: seen.append((done, of)))
    leaks = [one for one in found.changes if one.more]
    assert leaks and seen[-1][0] == seen[-1][1] == found.answers + found.unmade
    assert {one.role for one in leaks} == {"designated-safeguarding-lead"}
    interview = next(one for one in leaks if one.kind == "interview-held" and "CRIM" in one.labels)
    assert "D-06-WRONG" in interview.after and "D-06-WRONG" not in interview.before
    assert "outcome" in interview.parts and interview.answers >= 1
    assert set(interview.readers) <= {READERS["Oak"].person, READERS["Elm"].person}
    tell_rehearsal(found)
    printed = capsys.readouterr().out
    assert "MORE" in printed and "D-06-WRONG" in printed and READERS["Oak"].person in printed
    known = {one.disclosure_id for one in told.answers.values()}
    assert set(interview.disclosures) <= known
    rows = told.hub.hub.oversight.accesses(told.officer())
    looked_at = [one for one in rows if one.what == "policy-rehearsal"]
    assert len(looked_at) >= 1 + len(found.children) and len(found.children) == 2
    assert not any(one.kind == "interview-held" and not one.more and one.labels for one in found.changes)


@pytest.mark.req("H-08", "H-11")
def test_a_rehearsal_names_who_would_be_shown_less_and_is_kept_with_the_proposal(told: Told) -> None:
    policies = told.hub.hub.oversight.policies
    version = policies.propose(told.officer(), _draft(BLIND), "Schools are to get nothing.").version
    found = policies.rehearse_proposed(told.officer(), version)
    assert found.changes and not any(one.more for one in found.changes)
    gone = next(one for one in found.changes if one.kind == "behaviour-level-assessed")
    assert gone.after == ("D-02-BLIND",) and "that there is such an entry" in gone.parts
    kept = policies.release(told.officer(), version)
    assert kept.rehearsal is not None and kept.rehearsal["changes"] == found.written()["changes"]
    with pytest.raises(HubError) as alone:
        policies.approve(told.officer(), version)
    assert alone.value.slug == "gate"
    standing = policies.standing(told.officer())
    assert standing.in_force == standing.running == standing.shipped
    assert version in standing.installed


@pytest.mark.req("H-08")
def test_the_rules_in_force_change_nothing_in_a_rehearsal(told: Told) -> None:
    found = told.hub.hub.oversight.policies.rehearse(told.officer(), shipped_files().rules())
    assert found.changes == () and found.answers > 10 and found.unmade == 0


@pytest.mark.req("H-12")
def test_erased_items_are_told_as_erased(told: Told) -> None:
    """The last test of this file: the key of one child's stream is destroyed for ever."""
    answer = told.answers["ENQ", "chronology"]
    past = told.past(answer)
    assert _replayer(told).again(past).erased == ()
    told.hub.hub.store.record.destroy_key(f"child/{told.hub.children['C-2001']}")
    found = _replayer(told).again(past)
    assert ERASED in found.notes and set(found.erased) <= {one.key for one in past.items}
    assert found.erased and (found.missing, found.more) == ((), ())


def _any(told: Told) -> Answer:
    return told.answers["ENQ", "chronology"]


def _replayer(told: Told) -> Replayer:
    found = told.hub.hub.oversight.policies._replayer
    assert isinstance(found, Replayer)
    return found
