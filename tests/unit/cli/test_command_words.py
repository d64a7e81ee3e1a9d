"""What a command says when it cannot do what was asked: one sentence, made for who runs commands."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hub.catalogue import load_catalogue
from hub.cli.commands import app
from hub.cli.output import counted, in_words
from hub.cli.policy_effects import tell_changes
from hub.cli.policy_past import tell_rehearsal
from hub.disclosure.proving.differences import Effect
from hub.disclosure.proving.logic import OTHER
from hub.disclosure.proving.plain_words import (
    READERS,
    label_in_words,
    line_in_words,
    notice_in_words,
)
from hub.disclosure.proving.world import shipped_world
from hub.disclosure.rehearse import Change, Rehearsal
from hub.disclosure.rules import load_rules
from hub.errors import PROBLEMS, HubError


@pytest.mark.req("H-01")
@pytest.mark.parametrize("slug", sorted(PROBLEMS))
def test_a_sentence_of_the_place_that_refused_stands_alone(slug: str) -> None:
    assert in_words(HubError(slug, "Do this instead.")) == "Do this instead."


@pytest.mark.req("H-01")
@pytest.mark.parametrize("slug", sorted(PROBLEMS))
def test_without_one_the_kind_is_said_with_what_to_do(slug: str) -> None:
    said = in_words(HubError(slug))
    if slug == "not-found":
        assert said == "Not found: nothing is kept under this name, or it is not for this person to see."
    elif slug == "store":
        assert said.startswith(PROBLEMS[slug].title) and "HUB_DATABASE_URL" in said
    else:
        assert said == f"{PROBLEMS[slug].title}. {PROBLEMS[slug].fix}"


@pytest.mark.req("H-12")
@pytest.mark.parametrize(
    ("less", "both"), [(("referral-made",), True), (("meeting-held",), False), ((), False)]
)
def test_a_type_of_which_somebody_would_get_more_and_less_is_explained(
    less: tuple[str, ...], both: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    tell_changes((), (Effect("school", ("referral-made",), less),))
    said = capsys.readouterr().out
    more, _, rest = said.partition("Who would see less than now:")
    assert "Who would see more than now:\n  The safeguarding lead of the child's school (school)" in more
    assert "Referral made (referral-made)" in more
    assert all(f"({one})" in rest for one in less)
    assert ("stands on both sides" in said) is both


@pytest.mark.parametrize(
    ("number", "said"), [(0, "0 keys"), (1, "1 key"), (2, "2 keys"), (1000, "1000 keys")]
)
def test_one_thing_is_not_counted_as_many(number: int, said: str) -> None:
    assert counted(number, "key") == said
    assert counted(number, "child", "children").startswith(str(number))
    assert counted(number, "child", "children").endswith("child" if number == 1 else "children")


@pytest.mark.req("H-12")
def test_everything_that_a_reader_can_be_to_a_child_is_said_in_words() -> None:
    """A word that the rules know and that is not told here would stand as a code before an officer."""
    world = shipped_world(load_catalogue())
    known = {one for fact, texts in world.known.items() if fact.name == "classes" for one in texts} - {OTHER}
    assert known and not known - READERS.keys()


@pytest.mark.req("H-12")
@pytest.mark.parametrize("action", sorted(one for one in load_rules().declared.actions))
def test_every_action_that_a_rule_permits_or_forbids_is_said_in_words(action: str) -> None:
    if not action.startswith(("read-", "line-")):
        assert action in ("show-whole", "show-remainder", "show-source"), "the sentences have it"
        return
    label, line = action.removeprefix("read-"), action.removeprefix("line-")
    if label != action:
        assert label_in_words(label).endswith(f" ({label})")
    else:
        notice = line.removeprefix("notice-")
        said = line_in_words(line) if notice == line else notice_in_words(notice)
        assert said[0].isupper() and "-" not in said, said


@pytest.mark.req("H-12", "H-14")
def test_a_rehearsal_names_answers_to_look_at(capsys: pytest.CaptureFixture[str]) -> None:
    named = ("d-1", "d-2", "d-3", "d-4")
    change = Change(
        True, "designated-safeguarding-lead", ("school",), "incident-recorded", ("categories",), ("CBH-ID",),
        ("D-56-CONCERN",), ("D-56-INCIDENT",), 8, 1, 1, ("education.oak-school/dsl-1",), named,
    )  # fmt: skip
    tell_rehearsal(Rehearsal("v", "w", 46, ("c",), 0, (change,)))
    said = capsys.readouterr().out
    assert "Designated safeguarding lead (The safeguarding lead of the child's school)" in said
    assert "Incident recorded (incident-recorded): Categories\n" in said
    assert "labelled Identity of the child who has been harmed (CBH-ID)" in said
    assert "to education.oak-school/dsl-1" in said
    assert "answers: 8, items in them: 1, children: 1" in said
    assert "hub policy explain --disclosure" in said and "d-3" in said and "d-4" not in said


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("HUB_")]:
        monkeypatch.delenv(name)

    def run(*arguments: str, code: int = 0) -> str:
        done = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
        assert done.exit_code == code, done.output
        return done.stdout if code == 0 else done.stderr

    return run


@pytest.mark.req("H-01")
def test_set_up_says_what_each_key_is_for_and_errors_name_the_remedy(hub: Callable[..., str]) -> None:
    """0. No keys. 1. Keys. 2. A token for nobody. 3. A procedure that there is not."""
    # Whoever restores would lose the way back by making new keys: both remedies are named.
    before = hub("person", "list", code=1)
    assert "hub init" in before and "HUB_MASTER_KEY" in before  # (0)
    said = hub("init")
    master, signing = (line for line in said.splitlines() if line.startswith("Made "))
    assert "nobody can ever open the record" in master and "nobody" not in signing  # (1)
    assert "receipts and checkpoints" in signing
    for subject in ("education.elm-school", "education.elm-school/dsl-1"):
        refused = hub("token", subject, code=1)
        assert "hub person list" in refused and "access token" not in refused  # (2)
    refused = hub("organisation", "add", "education.elm-school", "--title", "E", "--profile", "x-1", code=2)
    assert refused.startswith("There is no such profile here") and "llr-2024" in refused  # (3)
    assert "schema" not in refused
