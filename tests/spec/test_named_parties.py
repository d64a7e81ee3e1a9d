"""Requests for records, their answers and consents are read by the parties whom they name (D-33, LEGAL)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hub.disclosure.answers import ShownEntry
from hub.disclosure.side_by_side import Asking, side_by_side
from hub.pathway.entries import Sight
from tests.spec.basis_stories import CAIU, GP, NOW, POLICE, Basis, begun, has_harmed
from tests.spec.disclosed_stories import shown
from tests.spec.expecting import p
from tests.spec.posts import HEALTH, S, at, material, profile_of
from tests.spec.relationship_folds import S_CSC
from tests.spec.test_allowed_by_others import CLINIC, WORKER, pointing

REQUEST: dict[str, object] = {"holder": CLINIC, "scope": "background-check", "purpose": "CANARY-PURPOSE"}


def story(by: str = S_CSC, answer: dict[str, object] | None = None, answered_by: str = CLINIC) -> Basis:
    found = begun(date_of_birth="2014-01-01")
    has_harmed(found)
    found.post("2025-09-02 09:00", S_CSC, "social-worker-allocated", kind="allocated", worker=WORKER)
    asked = found.post("2025-09-03 09:00", by, "records-access-requested", **REQUEST)
    if answer is not None:
        about = {} if "about" in answer else {"about": pointing(asked)}
        given = {name: value for name, value in {**about, **answer}.items() if value is not None}
        found.post("2025-09-04 09:00", answered_by, "records-access-decided", **given)
    return found


def read(found: Basis, type_: str, person: str = WORKER, role: str = "social-worker") -> ShownEntry | None:
    return next(iter(shown(found, person, role, NOW).get(type_, ())), None)


GIVEN: dict[str, object] = {"decision": "granted", "answer": "CANARY-ANSWER"}


@pytest.mark.req("D-33", "R-115", "R-092")
def test_d33_who_asked_reads_the_answer() -> None:
    entry = read(story(answer=GIVEN), "records-access-decided")
    assert entry is not None and entry.fields["answer"] == "CANARY-ANSWER"
    assert entry.redactions == ()
    unlinked = read(story(answer=GIVEN | {"about": None}), "records-access-decided")
    assert unlinked is not None and unlinked.fields["answer"] == "CANARY-ANSWER"


@pytest.mark.req("D-33", "R-115")
@pytest.mark.parametrize(
    ("by", "answered_by"), [(POLICE, CLINIC), (S_CSC, GP)], ids=["asked by others", "who was not asked"]
)
def test_d33_nobody_reads_the_answer_to_what_others_asked(by: str, answered_by: str) -> None:
    entry = read(story(by, GIVEN | {"about": None}, answered_by), "records-access-decided")
    assert entry is None or "answer" not in entry.fields
    request = read(story(by), "records-access-requested")
    assert (request is not None and "purpose" in request.fields) == (by == S_CSC)


@pytest.mark.req("D-33", "D-19")
@pytest.mark.parametrize(
    ("share_with", "reads"), [([POLICE], True), (["police"], True), ([CLINIC], False), ([], False)]
)
def test_d33_a_consent_is_read_by_whom_it_names(share_with: list[str], reads: bool) -> None:
    found = begun(date_of_birth="2010-01-01")
    has_harmed(found)
    found.post("2025-09-02 09:00", S_CSC, "relationship-recorded", kind="enquiry", organisation=POLICE,
               person=CAIU)  # fmt: skip
    found.post("2025-09-03 09:00", S_CSC, "assessment-consent-recorded", from_whom="child", outcome="given",
               tool="aim2", scope="CANARY-SCOPE", share_with=share_with)  # fmt: skip
    entry = read(found, "assessment-consent-recorded", CAIU, "police-officer")
    assert (entry is not None and entry.fields.get("scope") == "CANARY-SCOPE") is reads


CHECK = p("records-access-requested", "2025-10-01 10:00", S, _id="q", holder=HEALTH, scope="background-check")
ALWAYS = Sight(frozenset({"nothing-known"}), {"nothing-known": frozenset({"poster"})})


@pytest.mark.req("R-115", "H-20")
@pytest.mark.parametrize(
    ("organisation", "classes", "sight", "answer"),
    [
        (S, {"own-worker"}, ALWAYS, "none"),
        (S, {"school"}, ALWAYS, None),
        (POLICE, {"police"}, ALWAYS, None),
        (S, {"own-worker"}, Sight(frozenset(), {}), None),
    ],
    ids=["who asked", "another role", "another organisation", "who may miss that nothing is known"],
)
def test_that_a_check_has_no_answer_is_told_to_who_asked(
    organisation: str, classes: set[str], sight: Sight, answer: str | None
) -> None:
    seen = replace(material("C-1", [CHECK]), complete=sight.types, sight={"C-1": sight})
    reader = Asking(organisation, frozenset(classes))
    found = side_by_side(seen, reader, {CHECK.key: "e"}, now=at("2025-10-31 12:00"), profile_of=profile_of)
    (asked,) = found.silence.requests
    assert (asked.answer, asked.days, asked.to) == (answer, 30, HEALTH)
