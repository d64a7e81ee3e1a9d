"""The commands by which two officers put sharing rules in force, on a hub of their own."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hub.cli.commands import app
from hub.cli.compose import compose, open_store
from hub.disclosure.rules import load_rules, read_folder, shipped_files
from hub.settings import load_settings
from tests.support.onboarding import signed_up

PARTNERS = "partnership.hub-ig"
ONE, OTHER = f"{PARTNERS}/igo-1", f"{PARTNERS}/igo-2"
Run = Callable[..., str]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("HUB_")]:
        monkeypatch.delenv(name)

    def policy(*arguments: str, code: int = 0) -> str:
        done = CliRunner().invoke(app, ["policy", *arguments], catch_exceptions=False)
        assert done.exit_code == code, done.output
        return done.output

    assert CliRunner().invoke(app, ["init"], catch_exceptions=False).exit_code == 0
    with closing(open_store(load_settings())) as store:
        store.directory.add_organisation(PARTNERS, "Partners")
        signed_up(store.directory, PARTNERS)
        for person in (ONE, OTHER):
            store.directory.add_person(person, ("ig-officer",))
    return policy


@pytest.mark.req("H-08", "H-14")
def test_one_proposes_and_rehearses_and_another_approves(run: Run, tmp_path: Path) -> None:
    version = load_rules().version
    run("release", "--officer", ONE, "--reason", "x", code=2)
    run("release", "--shipped", "--officer", f"{PARTNERS}/nobody", "--reason", "x", code=1)
    told = run("release", "--shipped", "--officer", ONE, "--reason", "Back to the package.")
    assert version in told and "decides nothing yet" in told and "hub policy approve" in told
    assert "Rehearse these rules first" in run("approve", version, "--officer", OTHER, code=1)
    report = json.loads(run("rehearse", "--proposed", version, "--officer", ONE, "--json"))
    assert (report["version"], report["answers"], report["changes"]) == (version, 0, [])
    assert "Another person" in run("approve", version, "--officer", ONE, code=1)
    assert "Restart them all" in run("approve", version, "--officer", OTHER)
    run("approve", version, "--officer", OTHER, code=2)
    found = json.loads(run("status", "--officer", ONE, "--json"))
    assert found["in_force"] == found["shipped"] == version and found["installed"] == [version]
    assert [(one["proposed_by"], one["approved_by"]) for one in found["releases"]] == [(ONE, OTHER)]
    assert f"approved by {OTHER}" in run("status", "--officer", OTHER)


@pytest.mark.req("H-08", "H-14")
def test_a_folder_is_proposed_rehearsed_and_put_in_force(run: Run, tmp_path: Path) -> None:
    """Its files as they are, under their own version; what does not stand is not proposed."""
    draft = tmp_path / "draft"
    said = ("--officer", ONE, "--reason", "Schools learn less of incidents.")
    run("release", "nowhere", *said, code=2)
    draft.mkdir()
    assert "no policy file" in run("release", "draft", *said, code=2)
    run("release", "draft", "--shipped", *said, code=2)
    for name, text in shipped_files().files.items():
        (draft / name).write_text(text, encoding="utf-8")
    (draft / "more.cedar").write_text("permit(", encoding="utf-8")
    assert "does not stand" in run("release", "draft", *said, code=1)
    (draft / "more.cedar").write_text(
        '@id("D-56-LESS") @rule("D-56") @requirement("H-08") @legal_basis("UK GDPR art. 5(1)(c)")\n'
        '@reason("Schools learn of no incident.")\n'
        'forbid (principal, action == Action::"show-remainder", resource) when {\n'
        '  resource.type == "incident-recorded" && principal.classes.contains("school") };\n',
        encoding="utf-8",
    )
    files = read_folder(draft)
    version, shipped = files.rules().version, load_rules().version
    told = json.loads(run("release", "draft", *said, "--json"))
    assert (told["version"], told["digest"]) == (version, files.digest) and version != shipped
    assert (told["against"], told["proposed_by"], told["approved_by"]) == (shipped, ONE, None)
    before = json.loads(run("status", "--officer", OTHER, "--json"))
    assert before["in_force"] == shipped, "proposed, it decides nothing"
    run("rehearse", "--proposed", version, "--officer", ONE)
    run("approve", version, "--officer", OTHER)
    after = json.loads(run("status", "--officer", OTHER, "--json"))
    assert after["in_force"] == version and {version, shipped} <= {*after["installed"], shipped}
    with closing(open_store(load_settings())) as store, closing(compose(store)) as hub:
        officer = store.directory.principal_for_person(ONE)
        assert hub.oversight.policies.standing(officer).running == version, "a server that starts now"
    (draft / "more.cedar").write_text("permit(", encoding="utf-8")
    assert json.loads(run("status", "--officer", ONE, "--json"))["in_force"] == version, "from the record"


@pytest.mark.req("H-14", "H-15")
def test_a_past_answer_is_asked_for_by_its_id_and_an_officer(run: Run) -> None:
    nobody = "3f0c2a44-6c9e-4a55-9a33-0d6f2b1c7e10"
    run("explain", code=2)
    run("explain", "D-06", "--disclosure", nobody, code=2)
    assert "--officer" in run("explain", "--disclosure", nobody, code=2)
    for command in (("explain", "--disclosure", nobody), ("replay", nobody)):
        assert "Not found" in run(*command, "--officer", ONE, code=2)
    with closing(open_store(load_settings())) as store:
        own = [one for one in store.record.log(0, 1_000) if one.type == "record-accessed.v1"]
        asked = json.loads(own[-1].body or b"")["data"]["disclosure_id"] if own else ""
    assert asked == "", "what is not there is no access"


@pytest.mark.req("H-08", "H-15")
def test_a_draft_in_a_folder_is_rehearsed_and_recorded(run: Run, tmp_path: Path) -> None:
    run("rehearse", "--officer", ONE, code=2)
    (tmp_path / "draft").mkdir()
    run("rehearse", "draft", "--officer", ONE, code=2)
    (tmp_path / "draft/one.cedar").write_text("permit(", encoding="utf-8")
    assert "does not stand" in run("rehearse", "draft", "--officer", ONE, code=1)
    (tmp_path / "draft/one.cedar").write_text(
        '@id("D-30-AUTHOR") @rule("D-30") @requirement("H-08") @legal_basis("x") @reason("An own post.")\n'
        'permit (principal, action == Action::"show-whole", resource) when { resource.own };\n',
        encoding="utf-8",
    )
    assert "nobody less" in run("rehearse", "draft", "--officer", ONE)
    with closing(open_store(load_settings())) as store:
        told = [json.loads(one.body or b"")["data"] for one in store.record.log(0, 1_000)
                if one.type == "record-accessed.v1"]  # fmt: skip
    assert {"policy-rehearsal"} == {one["what"] for one in told} and told[-1]["reader"] == ONE
