"""The pages of the local procedures say every row, its source, and what no local document says."""

from __future__ import annotations

from dataclasses import fields

import pytest

from docs import profile_pages
from hub.pathway.profiles import PROFILES
from hub.pathway.profiles.reading import read_overlay
from hub.pathway.profiles.rows import Choice
from hub.pathway.profiles.shipped import shipped_text

PAGES = profile_pages.pages()
OVERLAY = read_overlay(shipped_text("statutory-england"))


@pytest.mark.req("R-014", "R-197")
def test_there_is_a_page_for_each_procedure_and_for_what_stands_in_none() -> None:
    assert set(PAGES) == {"README.md", "statutory-england.md", *(f"{one}.md" for one in PROFILES)}
    for name in PAGES:
        assert name == "README.md" or f"({name})" in PAGES["README.md"]


@pytest.mark.req("R-050")
def test_every_page_begins_with_what_to_do_in_immediate_danger() -> None:
    for text in PAGES.values():
        assert text.splitlines()[4] == profile_pages.DANGER
        assert "999" in profile_pages.DANGER


@pytest.mark.req("R-014", "R-049", "R-197")
@pytest.mark.parametrize("one", PROFILES.values(), ids=PROFILES)
def test_a_page_says_every_row_with_its_source(one) -> None:
    text = PAGES[f"{one.id}.md"].replace("\\|", "|")
    choices = [getattr(one, member.name) for member in fields(one)]
    said = [row.source for row in choices if isinstance(row, Choice)]
    said += [words for row in one.invitations for words in (row.source, row.requirement)]
    said += [
        words for row in one.checklists.values() for item in row.items for words in (item.text, item.code)
    ]
    said += [words for row in one.contacts for words in (row.title, row.telephone)]
    said += [row.title for row in one.references] + [row.text for row in one.indicators]
    said += [f"`{name}`" for name in one.settings]
    said += [row.note for row in one.settings.values() if row.note]
    missing = [words for words in said if " ".join(words.split()) not in text]
    assert said and not missing
    assert "\n| |" not in text


@pytest.mark.req("R-197")
@pytest.mark.parametrize("name", ["statutory-england.md", *(f"{one}.md" for one in PROFILES)])
def test_what_no_local_document_says_is_marked_so(name: str) -> None:
    rows = [line for line in PAGES[name].splitlines() if any(f"`{one}`" in line for one in OVERLAY.settings)]
    rows += [
        line for line in PAGES[name].splitlines() if any(f"| {one.title} |" in line for one in OVERLAY.clocks)
    ]
    assert len(rows) == len(OVERLAY.settings) + len(OVERLAY.clocks)
    assert all(profile_pages.OUTSIDE.lower() in line.lower() for line in rows)
