"""Notices that were sent: explained by the rules of then, decided again, and set against a draft."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from hub.directory import Principal
from hub.disclosure.release import HUB_SOURCE
from hub.disclosure.replay import FOR_GOOD, Replay
from hub.disclosure.rules import RuleFiles, shipped_files
from hub.ticker import Notifying
from tests.support.simulated import SCENARIO, Simulated, simulated

OFFICER, N, ELM = "partnership.hub-ig/igo-1", "social-care.n-csc", "education.elm-school"
# The first concern, what was done about it, and what the front door decided.
FIRST = next(place for place, one in enumerate(SCENARIO.posts) if one.ref == "A11a") + 1
SINCE = FIRST + 9
NOTICE = """@id("B-WRONG-NOTICE")
@rule("B")
@requirement("R-049")
@legal_basis("UK GDPR art. 6(1)(e)")
@reason("A rule that is wrong on purpose: schools are told of every level.")
@text("A level was given")
permit (principal, action == Action::"line-notice-level", resource)
when { principal.classes.contains("school") };
"""
SILENT = """@id("B-SILENT")
@rule("B")
@requirement("R-049")
@legal_basis("UK GDPR art. 5(1)(c)")
@reason("A rule that is wrong on purpose: nobody is told of a concern.")
forbid (principal, action == Action::"line-notice-concern", resource)
when { true };
"""


@dataclass
class Told:
    """A hub in which organisations fetched their notices in the middle of the story."""

    hub: Simulated
    fetched: dict[str, list[str]]

    def officer(self) -> Principal:
        return self.hub.hub.store.directory.principal_for_person(OFFICER)

    def replay(self, notice: str) -> Replay:
        return self.hub.hub.oversight.policies.replay(self.officer(), notice)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    with simulated(tmp_path_factory.mktemp("told") / "hub") as hub:
        for one in SCENARIO.posts[:FIRST]:
            hub.post(one.event, one.ref)
        store, mail = hub.hub.store, hub.hub.disclosure.mail
        Notifying(store.record, mail, prepares=True).look(store.clock.domain())
        fetched: dict[str, list[str]] = {}
        for organisation in (N, ELM):
            who = store.directory.principal_for_organisation(organisation)
            page = mail.box.page(who, None, 100)
            fetched[organisation] = [str(one.body["notice"]) for one in page.notices]
        for one in SCENARIO.posts[FIRST:SINCE]:
            hub.post(one.event, one.ref)
        yield Told(hub, fetched)


@pytest.mark.req("H-12", "R-133")
def test_every_notice_comes_out_again_whatever_happened_since(told: Told) -> None:
    assert len(told.fetched[N]) > 2 and told.fetched[ELM]
    for organisation, notices in told.fetched.items():
        for notice in notices:
            found = told.replay(notice)
            said = (found.decisions, found.bytes, found.missing, found.more)
            assert said == ("the same", "the same", (), ()), (organisation, found)


@pytest.mark.req("H-12")
def test_a_notice_that_was_recorded_otherwise_is_found(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: the same notice, as if its record named a line that is not told again."""
    notice = told.fetched[N][0]
    record = told.hub.hub.store.record
    whole, find = record.find(HUB_SOURCE, f"{notice}-notice"), type(record).find
    assert whole is not None and whole.body is not None

    def changed(self: object, source: str, id: str) -> object:
        found = find(record, source, id)
        if id != f"{notice}-notice" or found is None:
            return found
        body = whole.body.replace(b'"concern"', b'"another"')
        assert body != whole.body
        return type(found)(**{**{n: getattr(found, n) for n in found.__slots__}, "body": body})

    monkeypatch.setattr(type(record), "find", changed)
    found = told.replay(notice)
    assert (found.decisions, found.bytes) == ("different", "different") and found.missing


@pytest.mark.req("H-12", "H-14")
def test_the_explanation_of_a_notice_has_the_rule_the_event_and_what_was_read(told: Told) -> None:
    notice = told.fetched[N][0]
    found = told.hub.hub.oversight.explanation(told.officer(), notice)
    (item,) = found.items
    assert item["decision"] == "line" and item["type"] and item["reasons"] and item["facts"]
    assert found.reader and found.access.reader == N


@pytest.mark.req("H-08", "H-12")
def test_a_draft_names_whose_systems_would_be_told_more_and_whose_less(told: Told) -> None:
    """Whoever is connected with the child, told before or not; with the rules as they are nothing changes."""
    policies = told.hub.hub.oversight.policies
    shipped = shipped_files()

    def changes(more: str) -> dict[tuple[bool, str, tuple[str, ...]], tuple[str, ...]]:
        files = {**shipped.files, "wrong.cedar": more} if more else shipped.files
        found = policies.rehearse(told.officer(), RuleFiles(files, shipped.schema).rules())
        assert found.answers > 0
        return {(one.more, one.role, one.parts): one.classes for one in found.changes}

    assert changes("") == {}
    silent = changes(SILENT)
    assert silent and {(more, parts) for more, _, parts in silent} == {(False, ("notice: concern",))}
    assert "systems of social-care" in {role for _, role, _ in silent}
    opened, level = changes(NOTICE), ("notice: level",)
    assert opened and {(more, role, parts) for more, role, parts in opened} == {
        (True, "systems of education", level)
    }


@pytest.mark.req("H-12")
def test_what_was_decided_for_good_is_not_decided_again(told: Told) -> None:
    hub, person = told.hub.hub, "social-care.n-csc/enq-1"
    enquiry = hub.store.directory.principal_for_person(person)
    hub.disclosure.emergency.use(enquiry, "nhs:9990300127", "child-missing", "CASE-1")
    page = hub.disclosure.mail.box.page(told.officer(), None, 10)
    found = told.replay(str(page.notices[-1].body["notice"]))
    assert found.decisions == "not compared" and found.notes == (FOR_GOOD,)
