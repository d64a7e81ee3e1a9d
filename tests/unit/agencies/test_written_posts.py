"""Posts that a scenario writes out whole: names of children and posts become references."""

from __future__ import annotations

from pathlib import Path

import pytest

from agencies.scenarios import run
from agencies.sdk.build import about
from agencies.sdk.errors import AgencyError

CSC, POLICE = "social-care.s-csc", "police.s-police"
HEAD = 'name = "scenario-x"\n[children]\nX-1 = ["nhs:9990300119"]\nX-2 = ["nhs:9990300224"]\n'
FIRST = f"""
[[post]]
ref = "X01"
organisation = "{POLICE}"
child = "X-1"
type = "interview-planned"
at = "2025-10-06T13:30:00+01:00"
author = "{POLICE}/caiu-2"
[post.data]
method = "pace"
others = [{{ ref = "X-2", role = "mentioned" }}]
"""
SECOND = (
    FIRST.replace("X01", "X02")
    .replace(POLICE, CSC)
    .replace("[post.data]", 'agrees_with = "X01"\noccurred = "2025-10-05"\nrefused = "R-097"\n[post.data]')
)


def scenario(folder: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> run.Scenario:
    (folder / "scenario_x.toml").write_text(text, encoding="utf-8")
    monkeypatch.setattr(run, "_HERE", folder)
    run.load_scenario.cache_clear()
    try:
        return run.load_scenario("scenario-x")
    finally:
        run.load_scenario.cache_clear()


@pytest.mark.req("R-011")
def test_names_of_children_and_posts_become_references(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = scenario(tmp_path, HEAD + FIRST + SECOND, monkeypatch).posts
    assert (first.event.subject, first.event.record, first.refused) == ("nhs:9990300119", "X01", "")
    assert first.event.data["others"] == [{"ref": "nhs:9990300224", "role": "mentioned"}]
    assert (first.event.data["occurred_at"], first.event.data["precision"]) == (
        "2025-10-06T13:30:00+01:00",
        "exact",
    )
    assert second.event.data["agrees_with"] == about(POLICE, "X01", "interview-planned")
    assert (second.event.data["occurred_at"], second.event.data["precision"]) == ("2025-10-05", "day")
    assert second.refused == "R-097"


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        ('agrees_with = "X01"', 'agrees_with = "X09"'),
        ('child = "X-1"', 'child = "X-9"'),
        ('ref = "X-2"', 'ref = "X-9"'),
        ("2025-10-06T13:30:00+01:00", ""),
    ],
    ids=["unknown-post", "unknown-child", "unknown-other", "no-time"],
)
def test_a_post_that_names_nothing_of_the_scenario_is_not_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, was: str, becomes: str
) -> None:
    text = HEAD + FIRST + SECOND
    assert was in text
    with pytest.raises(AgencyError, match="is not complete"):
        scenario(tmp_path, text.replace(was, becomes), monkeypatch)
