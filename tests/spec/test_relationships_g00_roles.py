"""G.00, roles B: what each role that works with children is to a child, and that none is left out."""

from __future__ import annotations

import pytest

from tests.spec.basis_stories import SCHOOL, begun
from tests.spec.relationship_folds import S_CSC

NOW, RECORDED = "2025-09-10 12:00", "2025-09-02 09:00"
HOME, OWN_HOME, BOARDING = "other.s-home", "social-care.s-oak-house", "education.s-boarding"
CAMHS, ASSESSORS, PSYCHOLOGY = "health.s-camhs", "other.s-assessors", "education.s-psychology"


@pytest.mark.req("G.00", "D-24", "H-16")
@pytest.mark.parametrize(
    ("kind", "organisation", "role", "named", "classes"),
    [
        pytest.param("placed", HOME, "residential-worker", False, {"carer"}, id="B-home"),
        pytest.param("carer", HOME, "residential-worker", True, {"carer"}, id="B-home-named"),
        pytest.param("placed", OWN_HOME, "residential-worker", False, {"carer"}, id="B-home-of-a-council"),
        pytest.param("placed", BOARDING, "residential-worker", False, {"carer"}, id="B-boarding-staff"),
        pytest.param("placed", S_CSC, "residential-worker", False, set(), id="B-which-home-is-not-said"),
        pytest.param("placed", S_CSC, "residential-worker", True, {"carer"}, id="B-named-by-its-authority"),
        pytest.param("treated", HOME, "residential-worker", True, set(), id="G.00-a-home-treats-nobody"),
        pytest.param("treated", CAMHS, "camhs-practitioner", False, {"health"}, id="B-camhs"),
        pytest.param("treated", CAMHS, "school-nurse", False, {"health"}, id="B-school-nurse"),
        pytest.param("treated", CAMHS, "sexual-health-practitioner", True, {"health"}, id="B-sexual-health"),
        pytest.param("treated", ASSESSORS, "specialist-assessor", False, {"therapist"}, id="B-assessor"),
        pytest.param("treated", S_CSC, "specialist-assessor", False, set(), id="B-no-assessor-by-name"),
        pytest.param("treated", S_CSC, "specialist-assessor", True, {"therapist"}, id="B-assessor-named"),
        pytest.param("treated", PSYCHOLOGY, "educational-psychologist", True, {"school"}, id="B-psychology"),
        pytest.param("treated", PSYCHOLOGY, "educational-psychologist", False, set(), id="B-no-referral"),
        pytest.param("enrolled", SCHOOL, "educational-psychologist", False, set(), id="B-pupil-unreferred"),
        pytest.param("placed", CAMHS, "camhs-practitioner", True, set(), id="G.00-placed-is-for-carers"),
        pytest.param("group-member", S_CSC, "adult-social-care-worker", True, set(), id="B-adults-only"),
    ],
)  # fmt: skip
def test_what_a_role_is_to_a_child(
    kind: str, organisation: str, role: str, named: bool, classes: set[str]
) -> None:
    story, person = begun(), f"{organisation}/p-1"
    said = {"kind": kind, "organisation": organisation, **({"person": person} if named else {})}
    story.post(RECORDED, S_CSC, "relationship-recorded", **said)
    assert story.standing(person, role, NOW).classes == classes
    assert story.standing(f"{organisation}/p-2", role, NOW).classes == (set() if named else classes)
