"""One list of roles: the directory gives out no other, and nothing asks for one that nobody can hold."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import schemas
from hub.catalogue import load_catalogue
from hub.directory.names import ROLES, known_role
from hub.disclosure.purposes import NOT_STATED, load_purposes
from hub.disclosure.standing import CLASS_OF
from hub.intake import judging
from hub.pathway.profiles import PROFILES
from hub.views import relationships

LISTED = {one.code for one in schemas.codes("roles").codes}
# In requirements B; without one of these an agency's people could not be entered at all.
NEEDED = {
    "social-worker", "enquiry-social-worker", "team-manager", "front-door", "duty-worker",
    "safeguarding-unit",
    "independent-reviewing-officer", "conference-chair", "early-help-worker", "adult-social-care-worker",
    "police-officer", "youth-justice-worker", "mappa-coordinator", "designated-safeguarding-lead",
    "educational-psychologist", "camhs-practitioner", "general-practitioner", "health-visitor",
    "school-nurse",
    "health-practitioner", "sexual-health-practitioner", "therapist", "specialist-assessor", "foster-carer",
    "residential-worker", "manager", "ig-officer", "identity-reviewer", "commissioner",
}  # fmt: skip


@pytest.mark.req("H-09", "H-04")
def test_the_directory_gives_out_the_roles_of_the_list_and_no_other() -> None:
    assert ROLES == LISTED
    assert LISTED >= NEEDED
    assert {known_role(one) for one in LISTED} == LISTED
    kinds = {"police", "social-care", "education", "health", "youth-justice", "partnership", "other"}
    for one in schemas.codes("roles").codes:
        assert one.text and set(one.attributes["kinds"]) <= kinds and one.attributes["kinds"]


@pytest.mark.req("H-09", "H-04")
def test_nothing_asks_for_a_role_that_nobody_can_hold() -> None:
    posters = {p.role for t in load_catalogue().types.values() for p in t.posted_by if p.role}
    purposes = {role for roles in load_purposes().roles.values() for role in roles}
    managers = judging._MANAGERS | relationships._MANAGERS
    designated = {one.role for profile in PROFILES.values() for one in profile.designated}
    for asked in (posters, purposes, managers, designated, {role for _, role in CLASS_OF}):
        assert asked and asked <= ROLES, asked - ROLES


# By what it is, and not by a relationship that is recorded of it (G.00, D-12, D-13).
BY_AUTHORITY = frozenset({"team-manager", "safeguarding-unit", "ig-officer"})
# Who reads no child's record, and why.
READS_NO_CHILD = {
    "manager": "approves for an agency, and lets a colleague stand in (G.00)",
    "meeting-chair": "posts for a meeting; the chair of a conference is a role of its own",
    "adult-social-care-worker": "gets the adult's referral only, and no child's stream (B)",
    "court-liaison-officer": "makes court packs; courts have no access (B)",
    "approved-reviewer": "decides reviews of content, which it does not read (H-15)",
    "commissioner": "governance only (B)",
    "audit-lead": "governance only (B)",
    "governance-lead": "governance only (B)",
    "witness": "vouches for the ledger, as a system does",
    "demo-administrator": "starts demonstrations, as a system does",
    "identity-reviewer": "decides which child a reference means, and reads no chronology (H-05)",
}


@pytest.mark.req("H-09", "H-16", "G.00", "D-01", "D-02")
@pytest.mark.parametrize("role", sorted(LISTED))
def test_a_role_that_can_be_entered_can_read_or_is_said_to_read_no_child(role: str) -> None:
    """A home whose staff have no class gets no safety line; a class without a purpose is never reached."""
    purposes = load_purposes()
    related = role in BY_AUTHORITY or role in {one for _, one in CLASS_OF}
    assert related is not (role in READS_NO_CHILD), role
    if related:
        kinds = next(one.attributes["kinds"] for one in schemas.codes("roles").codes if one.code == role)
        for kind in kinds if role != "ig-officer" else ["partnership"]:
            mine = [one for one, roles in purposes.roles.items() if role in roles]
            stated = [one for one in mine if purposes.bases[kind].get(one, NOT_STATED) != NOT_STATED]
            assert stated, f"{role} of {kind} has no purpose with a lawful basis"


@pytest.mark.req("R-147")
def test_what_is_missing_is_expected_of_a_role_that_somebody_can_hold() -> None:
    """Read from the rules as they are written, so that a rule that finds nothing here counts too."""
    found = {
        word.value.value
        for file in Path("hub/pathway/expected").glob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        for word in node.keywords
        if word.arg == "role" and isinstance(word.value, ast.Constant) and word.value.value
    }
    assert len(found) > 5
    assert found <= ROLES, found - ROLES
