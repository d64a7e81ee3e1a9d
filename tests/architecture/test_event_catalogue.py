"""The catalogue has every type of the requirements, each with its kind, its posters and its page."""

from __future__ import annotations

import re

import pytest

import schemas
from docs import event_pages
from docs.reading import types_read
from hub.catalogue import EventType, load_catalogue
from hub.pathway.clocks import CLOCKS
from hub.pathway.expected import EXPECTED
from hub.pathway.gates import FLAGS, GATES
from hub.pathway.patterns import RULES

CATALOGUE = load_catalogue()
PAGES = event_pages.pages()
SHARED = event_pages.ALWAYS | event_pages.COMMON
# What requirements C and C.0 list: name | kind | who may post it (kind/role?field=value).
LISTED = """
    # The record and who the child is
    child-circumstance-recorded | fact | social-care education health youth-justice
    child-mentioned | fact | any
    child-stream-opened | fact | social-care
    children-merged | hub | hub
    children-unmerged | hub | hub
    event-corrected | fact | any
    event-retracted | fact | any
    incident-linked | fact | police social-care/enquiry-social-worker
    place-declared | fact | any
    reference-resolved | hub | hub
    responsible-authority-recorded | fact | social-care
    # Recognition and first response
    behaviour-level-assessed | fact | any
    behaviour-screened | fact | social-care education
    child-voice-recorded | fact | any
    consent-competency-assessed | fact | social-care health
    family-informed | fact | any
    immediate-safety-measure-recorded | fact | any
    incident-recorded | fact | any
    initial-account-recorded | fact | any
    scope-decision-recorded | decision | social-care police
    setting-risk-assessment-recorded | fact | education/designated-safeguarding-lead
    # Referral and allocation
    named-contact-appointed | decision | social-care
    no-further-action-decided | decision | social-care police
    oversight-advice-given | fact | social-care/safeguarding-unit?given_by=safeguarding-unit \
        social-care/independent-reviewing-officer?given_by=iro
    oversight-notified | fact | social-care
    referral-made | fact | any
    referral-outcome-decided | decision | social-care
    relationship-ended | fact | any
    relationship-recorded | decision | social-care health?kind=treated \
        any/team-manager?kind=cover any/manager?kind=cover
    social-worker-allocated | decision | social-care
    # Meetings and actions
    absent-agency-updated | fact | any
    action-assigned | decision | social-care any/meeting-chair
    action-completed | fact | any
    invitation-sent | decision | any
    meeting-checklist-completed | fact | social-care
    meeting-convened | decision | social-care any?kind=professionals
    meeting-held | fact | any
    separate-meetings-decided | decision | social-care
    strategic-management-group-appointed | decision | social-care police
    # Enquiry and assessment
    adult-involvement-suspected | fact | police social-care
    assessment-completed | fact | social-care health youth-justice
    assessment-consent-recorded | fact | social-care youth-justice
    assessment-factor-recorded | fact | any
    assessment-started | fact | social-care health youth-justice
    contact-children-risk-assessed | fact | social-care
    exploitation-link-considered | fact | social-care police
    health-needs-considered | fact | health social-care
    nothing-known | fact | any
    records-access-decided | decision | any
    records-access-requested | fact | police social-care
    section-47-enquiry-concluded | decision | social-care
    section-47-enquiry-initiated | decision | social-care
    specialist-assessment-decided | decision | social-care youth-justice
    specialist-opinion-received | fact | health other
    specialist-opinion-requested | fact | social-care youth-justice
    victimisation-considered | fact | social-care police health
    # Interviews
    admission-flagged | fact | police social-care
    interview-held | fact | police social-care
    interview-planned | decision | police social-care
    # Conferences, plans and interventions
    case-transfer-decided | decision | social-care
    closure-decided | decision | any
    conference-decided | decision | social-care
    conference-held | fact | social-care
    education-arrangement-recorded | fact | education
    engagement-changed | fact | social-care youth-justice health other
    intervention-offered | fact | social-care youth-justice health other
    intervention-started | fact | social-care youth-justice health other
    plan-place-covered | fact | social-care youth-justice health
    plan-reviewed | fact | social-care
    plan-started | decision | social-care
    risk-management-plan-recorded | decision | social-care youth-justice health
    support-arranged | fact | social-care health
    # Criminal justice
    child-moved-area | fact | social-care
    conviction-recorded | fact | police youth-justice
    court-information-supplied | fact | youth-justice
    court-stage-recorded | fact | youth-justice police
    criminal-investigation-decided | decision | police
    criminal-outcome-recorded | fact | police
    custody-release-notified | fact | youth-justice
    disposal-proposed | decision | youth-justice
    justice-assessment-completed | fact | youth-justice
    mappa-decision-recorded | decision | police youth-justice other/mappa-coordinator
    mappa-notified | fact | youth-justice police social-care
    # Disagreement, sharing and the hub
    deadline-missed | hub | hub
    disclosure-made | hub | hub
    disclosure-withheld | hub | hub
    emergency-access-used | hub | hub
    professional-disagreement-raised | fact | any
    professional-disagreement-resolved | fact | any
    record-accessed | hub | hub
    sharing-declined | decision | any
    # About organisations, and about no child
    framework-audit-action-agreed | fact | any/governance-lead
    framework-audit-scored | fact | any/governance-lead
    profile-adopted | fact | partnership
    training-attested | fact | any
"""
GOVERNANCE = {
    "profile-adopted",
    "training-attested",
    "framework-audit-scored",
    "framework-audit-action-agreed",
}
ROWS = {
    name: (kind, tuple(posters.split()))
    for name, kind, posters in (
        (cell.strip() for cell in line.split("|")) for line in LISTED.splitlines() if "|" in line
    )
}


def posters(one: EventType) -> tuple[str, ...]:
    """Who may post, in the form of the list above."""
    return tuple(
        (poster.kind or "any")
        + (f"/{poster.role}" if poster.role else "")
        + "".join(f"?{field}={value}" for field, value in (poster.when or {}).items())
        for poster in one.posted_by
    )


def test_the_list_has_every_type_of_the_requirements_and_no_other_has_a_schema() -> None:
    assert len(ROWS) == 95
    assert set(ROWS) == set(CATALOGUE.types)


def test_what_is_about_organisations_is_about_no_child() -> None:
    """No gate, note, open item, clock or line of a child rests on what an organisation says of itself."""
    assert {name for name, one in CATALOGUE.types.items() if one.about == "organisation"} == GOVERNANCE
    read = {one for gate in GATES for one in gate.types} | {one for flag in FLAGS for one in flag.types}
    read |= {one for rule in EXPECTED for one in (*rule.starts, *rule.meets)}
    read |= {one for rule in RULES for one in rule.inputs}
    read |= {one for clock in CLOCKS for one in types_read(clock, frozenset(CATALOGUE.types))}
    assert not read & GOVERNANCE
    fields = {path for name in GOVERNANCE for path in CATALOGUE.types[name].labels}
    assert not fields & {"others", "about", "entry_id", "narrative", "identifiers"}


@pytest.mark.req("H-04", "H-27", "H-28")
@pytest.mark.parametrize("name", ROWS)
def test_a_type_has_the_kind_and_the_posters_of_the_catalogue(name: str) -> None:
    found = CATALOGUE.types[name]
    assert (found.kind, posters(found)) == ROWS[name]


@pytest.mark.req("H-28")
def test_the_decisions_are_those_of_the_requirements() -> None:
    decisions = {name for name, (kind, _) in ROWS.items() if kind == "decision"}
    assert len(decisions) == 25
    assert decisions == {name for name, one in CATALOGUE.types.items() if one.kind == "decision"}


@pytest.mark.req("H-04")
@pytest.mark.parametrize("name", sorted(CATALOGUE.types))
def test_a_type_stands_on_a_page_with_its_posters_fields_and_an_example(name: str) -> None:
    found = CATALOGUE.types[name]
    theme = str(schemas.schema(name)["x-theme"])
    page = PAGES[f"{theme}.md"].split(f"\n## {name}\n")[1].split("\n## ")[0]
    assert found.purpose in page and "Posted by" in page and "### Example" in page
    assert all(requirement in page for requirement in found.serves)
    own = [path for path in found.labels if re.split(r"\.|\[", path)[0] not in SHARED]
    assert [path for path in own if f"| `{path}` |" not in page] == []
    assert f"[{name}]({theme}.md#{name})" in PAGES["README.md"]


def test_the_procedures_name_types_that_exist() -> None:
    """A misspelt type would never hold, without a sound."""
    named = {one for gate in GATES for one in gate.types} | {one for flag in FLAGS for one in flag.types}
    named |= {one for rule in EXPECTED for one in (*rule.starts, *rule.meets)}
    named |= {one for rule in RULES for one in rule.inputs}
    assert len(named) > 20
    assert named - set(CATALOGUE.types) <= {"*"}


def test_the_pages_say_what_the_procedures_do_with_a_type() -> None:
    referral = PAGES["referral.md"].split("\n## social-worker-allocated\n")[1].split("\n## ")[0]
    assert "- May be refused, R-067 (SHOULD" in referral
    held = PAGES["meetings.md"].split("\n## meeting-held\n")[1].split("\n## ")[0]
    assert "- May be noted beside it, R-133" in held and "- Read by a clock: K-01" in held
    placed = PAGES["identity.md"].split("\n## place-declared\n")[1].split("\n## ")[0]
    assert "- Read by the overview line P-13" in placed


def test_what_a_clock_reads_is_found_in_it_and_in_what_it_calls() -> None:
    """The three types stand in three places: the clock's module, a constant there, another module."""
    names = frozenset(CATALOGUE.types)
    strategy = next(clock for clock in CLOCKS if clock.__name__ == "strategy_meeting")
    assert {"meeting-convened", "referral-made", "incident-recorded"} <= types_read(strategy, names)
    assert "sharing-declined" not in types_read(strategy, names)
    assert types_read(len, names) == frozenset()


@pytest.mark.req("R-006")
def test_a_child_has_one_of_two_roles_in_every_schema() -> None:
    """The words for the two roles are the same in every type, so that no poster needs others."""
    roles = {"has-harmed", "has-been-harmed", "mentioned"}
    for name, one in CATALOGUE.types.items():
        for path in one.labels:
            if path.endswith("others[].role"):
                described = schemas.schema(name)["properties"]["others"]["items"]["properties"]["role"]  # type: ignore[index, call-overload]
                assert set(described["enum"]) <= roles, name  # type: ignore[index, call-overload, arg-type]
