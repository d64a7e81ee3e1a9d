"""`hub policy explain`, `check` of a draft and `prove`, as an officer uses them."""

from __future__ import annotations

import json
import sys
from importlib import resources
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hub.catalogue import load_catalogue
from hub.cli.commands import app
from hub.disclosure.cedar_ast import ContainsAny, Not, Texts
from hub.disclosure.cedar_schema import Attribute
from hub.disclosure.proving.differences import effects, rule_changes
from hub.disclosure.proving.sentences import condition_in_words
from hub.disclosure.proving.world import draft_world, shipped_world
from hub.disclosure.rules import load_rules

POLICIES = resources.files("hub.disclosure").joinpath("policies")


def run(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["policy", *arguments])
    return done.exit_code, done.output


@pytest.fixture
def draft(tmp_path: Path) -> Path:
    for one in POLICIES.iterdir():
        if one.name.endswith(".cedar"):
            (tmp_path / one.name).write_text(one.read_text(encoding="utf-8"), encoding="utf-8")
    return tmp_path


@pytest.mark.req("H-12", "H-14")
def test_a_rule_is_explained_in_sentences() -> None:
    code, told = run("explain", "D-06-THERAPY-HOLD")
    assert code == 0
    for words in (
        "It forbids to read what is labelled Therapy (THER).",
        "the reader is not any of the child's own social worker, the child's therapist",
        "no granted request opens to the reader what is labelled Therapy (THER)",
        "Why: Therapy content reaches nobody but the therapist and the child's own worker",
        "requirement R-112",
        "UK GDPR",
    ):
        assert words in told


@pytest.mark.req("H-12")
@pytest.mark.parametrize("fact", load_rules().declared.attributes.values(), ids=lambda one: one.name)
def test_every_fact_that_a_rule_may_read_is_said_in_words(fact: Attribute) -> None:
    node = fact if fact.kind == "truth" else ContainsAny(fact, Texts(frozenset({"x"})))
    for said in (condition_in_words(node), condition_in_words(Not(node))):
        assert "is so" not in said and "is not so" not in said and not said.startswith(f"{fact.name} is")


@pytest.mark.req("H-12")
def test_a_code_explains_every_rule_that_carries_it_out() -> None:
    code, told = run("explain", "D-06", "--json")
    found = json.loads(told)
    assert code == 0
    assert {"D-06-THERAPY-HOLD", "D-39-APPOINTMENT"} <= {one["id"] for one in found}
    kept = {one["id"]: one["keeps"] for one in found}
    assert kept["D-39-APPOINTMENT"] == "start"
    assert run("explain", "D-99")[0] == 2


@pytest.mark.req("H-12")
def test_a_draft_that_is_as_installed_differs_in_nothing(draft: Path) -> None:
    catalogue = load_catalogue()
    installed, same = shipped_world(catalogue), draft_world(draft, catalogue)
    assert rule_changes(installed, same) == ()
    assert effects(installed, same) == ()


@pytest.mark.req("H-12")
def test_what_a_draft_adds_and_leaves_out_is_told_rule_by_rule(draft: Path) -> None:
    """A rule that is gone, one that is new, and one whose reason alone is otherwise."""
    (draft / "meetings.cedar").write_text(
        (draft / "meetings.cedar").read_text(encoding="utf-8").replace("D-41-CONVENOR", "D-41-OTHER-NAME"),
        encoding="utf-8",
    )
    author = (draft / "author.cedar").read_text(encoding="utf-8")
    (draft / "author.cedar").write_text(
        author.replace("is named to everyone who gets the entry.", "is named."), encoding="utf-8"
    )
    catalogue = load_catalogue()
    installed, changed = shipped_world(catalogue), draft_world(draft, catalogue)
    found = {one.id: (one.change, list(one.parts)) for one in rule_changes(installed, changed)}
    assert found == {
        "D-41-CONVENOR": ("removed", []),
        "D-41-OTHER-NAME": ("added", []),
        "D-10-SOURCE": ("changed", ["reason"]),
    }
    assert effects(installed, changed) == ()


@pytest.mark.req("H-12", "R-112", "D-06")
def test_a_draft_that_gives_police_therapy_is_told_with_whom_it_serves(draft: Path) -> None:
    """What differs by rule, who would see more, which theorems fall, and a request that shows it."""
    labels = draft / "labels.cedar"
    text = labels.read_text(encoding="utf-8")
    therapy = text.index('@id("D-06-THER")')
    labels.write_text(
        text[:therapy] + text[therapy:].replace('["own-worker", "therapist"]', '["own-worker", "police"]', 1),
        encoding="utf-8",
    )
    hold = draft / "therapy.cedar"
    text = hold.read_text(encoding="utf-8")
    hold.write_text(
        text.replace('["own-worker", "therapist"]', '["own-worker", "police"]', 1), encoding="utf-8"
    )
    code, told = run("check", str(draft))
    assert code == 1
    assert "D-06-THER: changed" in told and "D-06-THERAPY-HOLD: changed" in told
    more, less = told.split("Who would see less than now:")
    assert (
        "Police who investigate (police), of these entries:" in more.split("Who would see more than now:")[1]
    )
    assert "The child's therapist (therapist), of these entries:" in less
    assert "(therapist), of these entries:" not in more
    assert "P-07  false" in told and "Cedar allows read-THER by D-06-THER" in told


@pytest.mark.req("H-12")
@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ('permit (principal, action == Action::"show-whole", resource);', "lacks"),
        ("this is no rule", "does not stand"),
        (
            '@id("X") @rule("D-02") @requirement("H-08") @legal_basis("b") @reason("r")\n'
            'permit (principal, action == Action::"show-whole", resource) when { resource.nothing };',
            "do not validate",
        ),
    ],
)
def test_a_draft_that_does_not_stand_says_why(draft: Path, wrong: str, says: str) -> None:
    (draft / "own.cedar").write_text(wrong, encoding="utf-8")
    code, told = run("check", str(draft))
    assert code == 1
    assert says in told


@pytest.mark.req("H-12")
def test_a_folder_without_rules_is_used_wrongly(tmp_path: Path) -> None:
    assert run("check", str(tmp_path))[0] == 2
    assert run("check", str(tmp_path / "nothing"))[0] == 2


@pytest.mark.req("H-12")
def test_without_the_solver_it_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [one for one in sys.modules if one.startswith("hub.disclosure.proving.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "z3", None)
    code, told = run("prove")
    assert code == 2
    assert "extra `proofs`" in told
    assert run("explain", "D-06")[0] == 0, "an officer needs no solver to have a rule explained"


@pytest.mark.req("H-12", "H-14")
def test_prove_tells_every_theorem_and_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    code, told = run("prove", "--json")
    found = json.loads(told)
    assert code == 0
    assert {one["result"] for one in found["theorems"]} == {"proved"}
    assert all(one["requests"] and one["requests"][0]["cedar_agrees"] for one in found["theorems"])
    assert found["never_met"] == []
    assert list(tmp_path.iterdir()) == []
