"""Purposes: which role may use which, and on whose word the lawful basis rests."""

from __future__ import annotations

import pytest

from hub.directory.types import Principal
from hub.disclosure.purposes import load_purposes
from hub.errors import HubError

SCHOOL = Principal(
    "education.oak-school", "education", "social-care.s-csc", "education.oak-school/dsl-1",
    frozenset({"designated-safeguarding-lead"}),
)  # fmt: skip


@pytest.mark.req("H-12")
def test_the_organisations_own_choice_of_lawful_basis_comes_before_that_of_its_kind() -> None:
    picked = {("education.oak-school", "strategy-meeting"): "picked-by-the-school"}
    purposes = load_purposes(lambda organisation, purpose: picked.get((organisation, purpose)))
    assert purposes.lawful_basis(SCHOOL, "strategy-meeting") == "picked-by-the-school"
    assert purposes.lawful_basis(SCHOOL, "education-safety") == "education-act-2002-s175"
    assert purposes.lawful_basis(SCHOOL, "s47-enquiry") == "not-stated"


@pytest.mark.req("H-16")
@pytest.mark.parametrize(
    ("purpose", "status"), [(None, 400), ("curiosity", 400), ("s47-enquiry", 403), ("audit", 403)]
)
def test_a_purpose_is_named_and_is_one_of_the_roles(purpose: str | None, status: int) -> None:
    with pytest.raises(HubError) as refused:
        load_purposes().check(SCHOOL, purpose, None)
    assert (refused.value.slug, refused.value.status) == ("purpose", status)
    assert load_purposes().check(SCHOOL, "education-safety", "case 7/2") == "education-safety"


@pytest.mark.req("H-12")
def test_without_a_basis_nobody_reads_whatever_the_role() -> None:
    """What the organisation picked has lapsed, and the law gives its kind none for this purpose."""
    odd = Principal(
        "other.home-f1", "other", "social-care.s-csc", "other.home-f1/dsl-1",
        frozenset({"designated-safeguarding-lead"}),
    )  # fmt: skip
    picked = load_purposes(lambda organisation, purpose: "picked" if purpose == "education-safety" else None)
    assert picked.check(odd, "education-safety", None) == "education-safety"
    assert "education-safety" in picked.permitted(odd)
    assert "education-safety" not in load_purposes().permitted(odd)
    with pytest.raises(HubError) as refused:
        load_purposes().check(odd, "education-safety", None)
    assert (refused.value.slug, refused.value.status, refused.value.rule) == ("purpose", 403, "H-12")
