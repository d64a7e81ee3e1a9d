"""Whom a worried person is told to contact: office hours, bank holidays, clock changes; and 999."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from hub.api.problems import problem_page
from hub.errors import IMMEDIATE_DANGER, PROBLEMS
from hub.pathway.profiles import PROFILES, contact_at

DARLINGTON, LLR = PROFILES["darlington-2025"], PROFILES["llr-2024"]
LONDON = ZoneInfo("Europe/London")
TEMPLATES = Path(__file__).parents[2] / "hub" / "web" / "templates"

WHEN = [
    ("Friday 16:15", "2025-09-12 16:15", "front-door"),
    ("Friday 16:45", "2025-09-12 16:45", "out-of-hours"),
    ("Friday 16:29", "2025-09-12 16:29", "front-door"),
    ("Friday 16:30", "2025-09-12 16:30", "out-of-hours"),
    ("Thursday 16:45", "2025-09-11 16:45", "front-door"),
    ("Thursday 17:00", "2025-09-11 17:00", "out-of-hours"),
    ("Monday 08:29", "2025-09-15 08:29", "out-of-hours"),
    ("Monday 08:30", "2025-09-15 08:30", "front-door"),
    ("Saturday noon", "2025-09-13 12:00", "out-of-hours"),
    ("Sunday noon", "2025-09-14 12:00", "out-of-hours"),
    ("August bank holiday", "2025-08-25 12:00", "out-of-hours"),
    ("Good Friday", "2025-04-18 10:00", "out-of-hours"),
    ("Easter Monday", "2025-04-21 10:00", "out-of-hours"),
    ("Boxing Day in lieu", "2026-12-28 10:00", "out-of-hours"),
    ("day after a bank holiday", "2025-08-26 12:00", "front-door"),
    ("first Monday of winter time", "2025-10-27 08:30", "front-door"),
    ("first Monday of summer time", "2025-03-31 08:30", "front-door"),
]


@pytest.mark.req("R-049")
@pytest.mark.parametrize(("local", "contact"), [row[1:] for row in WHEN], ids=[row[0] for row in WHEN])
def test_r049_the_office_while_it_is_open_else_the_service_out_of_hours(local, contact):
    instant = datetime.fromisoformat(local).replace(tzinfo=LONDON)
    for asked in (instant, instant.astimezone(UTC)):
        found = contact_at(DARLINGTON, asked)
        assert found is not None and found.id == contact


@pytest.mark.req("R-049")
def test_r049_summer_time_is_londons_and_not_utc():
    found = contact_at(DARLINGTON, datetime(2025, 9, 12, 15, 45, tzinfo=UTC))
    assert found is not None and found.id == "out-of-hours"
    found = contact_at(DARLINGTON, datetime(2025, 12, 12, 15, 45, tzinfo=UTC))
    assert found is not None and found.id == "front-door"


@pytest.mark.req("R-049")
@pytest.mark.parametrize("local", [row[1] for row in WHEN], ids=[row[0] for row in WHEN])
def test_r049_where_no_hours_are_stated_the_contact_is_for_any_time(local):
    found = contact_at(LLR, datetime.fromisoformat(local).replace(tzinfo=LONDON))
    assert found is not None and found.id == "duty-team"


@pytest.mark.req("R-049")
def test_r049_nobody_is_made_up():
    closed = replace(DARLINGTON, contacts=tuple(one for one in DARLINGTON.contacts if one.kind == "office"))
    assert contact_at(closed, datetime(2025, 9, 13, 12, tzinfo=UTC)) is None


@pytest.mark.parametrize("profile", PROFILES.values(), ids=lambda one: one.id)
def test_no_real_telephone_number_is_shipped(profile):
    assert all(
        one.telephone.startswith("00000 ") or one.telephone.startswith("This procedure gives no number")
        for one in profile.contacts
    )


@pytest.mark.req("R-050")
def test_r050_every_page_has_the_line_about_danger():
    base = (TEMPLATES / "base.html").read_text("utf-8")
    assert IMMEDIATE_DANGER in base
    whole = [one for one in TEMPLATES.glob("*.html") if "<html" in one.read_text("utf-8")]
    assert [one.name for one in whole] == ["base.html"]
    for name in ("problem.html", "fault.html", "sign-in-refused.html"):
        assert '{% extends "base.html" %}' in (TEMPLATES / name).read_text("utf-8")


@pytest.mark.req("R-050")
@pytest.mark.parametrize("slug", PROBLEMS)
def test_r050_the_first_line_of_a_page_about_a_refusal_is_about_danger(slug):
    page = problem_page(slug)
    assert page is not None
    assert "999" in IMMEDIATE_DANGER and "not an emergency service" in IMMEDIATE_DANGER
    assert page.partition("<main>")[2].startswith(f"<p><strong>{IMMEDIATE_DANGER}</strong></p>")
