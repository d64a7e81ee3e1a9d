"""The commands of `hub` on a real record in a directory of its own."""

import json
import os
import stat
from datetime import UTC, datetime, timedelta

import pytest
from joserfc.jwk import OKPKey
from typer.testing import CliRunner

from hub.cli.commands import app
from hub.cli.compose import compose, open_store
from hub.cli.keys import load_keys
from hub.cli.world import SteppedClock, SystemChance, SystemClock
from hub.errors import HubError
from hub.settings import load_settings

CSC, SCHOOL = "social-care.n-csc", "education.elm-school"
LEAD = f"{SCHOOL}/dsl-1"


def signed(lead, reference="Agreement 1", until="2199-12-31"):
    """What an organisation must have signed before it takes people on."""
    return ("--agreement", reference, "--until", until, "--lead", lead)


@pytest.fixture
def hub(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("HUB_")]:
        monkeypatch.delenv(name)
    runner = CliRunner()

    def run(*arguments, code=0, given=None):
        result = runner.invoke(app, list(arguments), input=given, catch_exceptions=False)
        assert result.exit_code == code, result.output
        return result.stdout if code == 0 else result.stderr

    run("init")
    run("organisation", "add", CSC, "--title", "N", "--profile", "darlington-2025", *signed(f"{CSC}/tm-1"))
    run("organisation", "add", SCHOOL, "--title", "Elm", "--area", CSC, *signed(LEAD))
    return run


def jwk(key=None):
    return json.dumps((key or OKPKey.generate_key("Ed25519")).as_dict(private=False))


def test_init_makes_keys_once_and_for_the_hubs_user_alone(hub, tmp_path):
    before = (tmp_path / "var/keys/master.key").read_bytes()
    again = json.loads(hub("init", "--json"))
    assert again["generated_keys"] == []
    assert (tmp_path / "var/keys/master.key").read_bytes() == before
    assert again["receipt_key"]["crv"] == "Ed25519" and "d" not in again["receipt_key"]
    for path in ("var", "var/keys", "var/keys/master.key", "var/keys/signing.key", "var/hub.db"):
        assert stat.S_IMODE((tmp_path / path).stat().st_mode) & 0o077 == 0, path


def test_organisations_and_people(hub):
    listed = {row["id"]: row for row in json.loads(hub("organisation", "list", "--json"))}
    assert listed[SCHOOL]["area"] == CSC and listed[CSC]["profile"] == "darlington-2025"
    hub("person", "add", LEAD, "--role", "designated-safeguarding-lead")
    hub("person", "grant", LEAD, "meeting-chair")
    hub("person", "end", LEAD, "designated-safeguarding-lead")
    assert json.loads(hub("person", "list", "--json")) == [
        {"id": LEAD, "roles": ["meeting-chair"], "active": True}
    ]
    hub("person", "disable", LEAD)
    assert json.loads(hub("person", "list", "--organisation", SCHOOL, "--json"))[0]["active"] is False
    assert "education.elm-school/dsl-1" in hub("person", "list")


@pytest.mark.req("R-197")
def test_one_command_lets_an_organisation_take_people_on_and_without_it_says_which(hub):
    yos, worker = "youth-justice.n-yos", "youth-justice.n-yos/yj-1"
    told = hub("organisation", "add", yos, "--title", "N YOS", "--area", CSC)
    assert "takes on nobody yet" in told and "hub organisation agree" in told
    refused = hub("person", "add", worker, "--role", "youth-justice-worker", code=1)
    assert "no sharing agreement is recorded" in refused and "hub organisation agree" in refused
    assert json.loads(hub("person", "list", "--organisation", yos, "--json")) == []
    hub("organisation", "add", yos, "--title", "N YOS", "--area", CSC, *signed(worker))
    hub("person", "add", worker, "--role", "youth-justice-worker")
    rows = {row["id"]: row for row in json.loads(hub("organisation", "list", "--json"))}
    assert (rows[yos]["until"], rows[yos]["lead"]) == ("2199-12-31", worker)
    assert (rows[yos]["profile"], rows[yos]["follows"]) == (None, "darlington-2025")
    # Its agreement is ended: the same reference again.
    hub("organisation", "agree", yos, "--reference", "Agreement 1", "--from", "2020-01-01",
        "--until", "2020-12-31", "--lead", worker)  # fmt: skip
    assert "has lapsed" in hub("person", "grant", worker, "meeting-chair", code=1)
    assert json.loads(hub("person", "list", "--organisation", yos, "--json"))[0]["active"] is True
    hub("person", "end", worker, "youth-justice-worker")


@pytest.mark.req("R-197")
def test_an_organisation_that_follows_no_procedure_is_shown_as_such(hub):
    hub("organisation", "add", "other.home-f1", "--title", "Home", *signed("other.home-f1/carer-1"))
    assert "no procedure adopted" in hub("organisation", "list")
    assert "local procedure" in hub("person", "add", "other.home-f1/carer-1", code=1)
    hub("organisation", "add", "other.home-f1", "--title", "Home", "--profile", "llr-2024")
    hub("person", "add", "other.home-f1/carer-1", "--role", "foster-carer")


def test_lapses_are_shown_before_they_bite_and_the_check_ends_with_one(hub, monkeypatch):
    assert "has a procedure, a lead and an agreement" in hub("organisation", "check")
    assert json.loads(hub("organisation", "check", "--json")) == []
    soon = (SystemClock().wall() + timedelta(days=20)).date().isoformat()
    hub("organisation", "add", SCHOOL, "--title", "Elm", "--area", CSC, *signed(LEAD, until=soon))
    assert f"lapses after {soon}" in hub("organisation", "list")
    hub("organisation", "check", code=1)
    monkeypatch.setenv("HUB_AGREEMENT_WARNING_DAYS", "10")
    assert json.loads(hub("organisation", "check", "--json")) == []
    hub("organisation", "agree", SCHOOL, "--reference", "A-3", "--purpose", "education-safety",
        "--basis", "public-task", "--from", "2020-01-01", "--until", "2020-12-31")  # fmt: skip
    hub("organisation", "check", code=1)


@pytest.mark.parametrize(
    "given",
    [
        ("--reference", "A"),
        ("--reference", "A", "--lead", f"{SCHOOL}/dsl-1"),
        ("--reference", "A", "--until", "2199-12-31"),
        ("--reference", "A", "--purpose", "education-safety"),
        ("--reference", "A", "--until", "31 December", "--lead", f"{SCHOOL}/dsl-1"),
        ("--reference", "A", "--until", "2199-12-31", "--lead", f"{CSC}/tm-1"),
        ("--reference", "A", "--from", "2026-02-01", "--until", "2026-01-01", "--lead", f"{SCHOOL}/dsl-1"),
    ],
)
def test_half_an_agreement_is_none(hub, given):
    before = hub("organisation", "list", "--json")
    hub("organisation", "agree", SCHOOL, *given, code=2)
    hub("organisation", "add", SCHOOL, "--title", "Elm", "--until", "2199-12-31", code=2)
    assert hub("organisation", "list", "--json") == before


def test_wrong_use_ends_with_two_and_one_plain_sentence(hub):
    for arguments in (
        ("organisation", "add", "zoo.x", "--title", "X"),
        ("person", "add", "police.nowhere/p-1"),
        ("person", "add", f"{CSC}/x", "--role", "no-such-role"),
        ("person", "disable", f"{CSC}/nobody"),
        ("key", "list", "police.nowhere"),
        ("key", "revoke", "nothing"),
        ("key", "add", CSC, "no-such-file", "--use", "events"),
        ("token", f"{CSC}/nobody/x"),
    ):
        told = hub(*arguments, code=1 if arguments[0] == "token" else 2)
        assert told.count("\n") == 1 and "Traceback" not in told


@pytest.mark.req("H-21")
def test_keys(hub, tmp_path):
    first, second = OKPKey.generate_key("Ed25519"), OKPKey.generate_key("Ed25519")
    file = tmp_path / "key.json"
    file.write_text(jwk(first), encoding="utf-8")
    added = json.loads(hub("key", "add", SCHOOL, str(file), "--use", "events", "--json"))
    assert (added["kid"], added["use"]) == (first.thumbprint(), "events")
    hub("key", "add", SCHOOL, str(file), "--use", "client", code=2)
    rotated = json.loads(hub("key", "rotate", added["kid"], "-", "--json", given=jwk(second)))
    assert rotated["kid"] == second.thumbprint()
    hub("key", "revoke", rotated["kid"], "--compromised-since", "2026-01-02")
    rows = {row["kid"]: row for row in json.loads(hub("key", "list", SCHOOL, "--json"))}
    assert rows[first.thumbprint()]["not_after"] is not None
    assert rows[second.thumbprint()]["compromised_since"] == "2026-01-02T00:00:00+00:00"
    private = tmp_path / "private.json"
    private.write_text(json.dumps(OKPKey.generate_key("Ed25519").as_dict(private=True)), encoding="utf-8")
    assert "private key" in hub("key", "add", SCHOOL, str(private), "--use", "events", code=2)


@pytest.mark.req("H-21")
@pytest.mark.parametrize("begins", ["-n", "--", "-j"])
def test_a_thumbprint_that_begins_with_a_dash_is_a_thumbprint(hub, begins):
    told = hub("key", "revoke", f"{begins}{'A' * 41}", code=2)
    assert "no key with this thumbprint" in told


def test_token_prints_a_token_that_the_hub_accepts(hub, monkeypatch):
    hub("person", "add", LEAD, "--role", "designated-safeguarding-lead")
    bearer = hub("token", LEAD).strip()
    system = json.loads(hub("token", SCHOOL, "--json"))["access_token"]
    whole = compose(open_store(load_settings()))
    try:
        assert whole.services.bearer.principal(f"Bearer {bearer}").person == LEAD
        assert whole.services.bearer.principal(f"Bearer {system}").organisation == SCHOOL
        assert whole.services.ready().failing == ()
        assert whole.services.advance is None
    finally:
        whole.close()
    hub("person", "disable", LEAD)
    hub("token", LEAD, code=1)
    monkeypatch.setenv("HUB_OIDC_ISSUER", "https://login.test")
    assert "development issuer" in hub("token", SCHOOL, code=2)


@pytest.mark.req("H-06", "H-14")
def test_project_rebuild_verify_fsck_and_policy(hub, tmp_path):
    position = json.loads(hub("project", "--json"))["position"]
    assert json.loads(hub("rebuild", "--json")) == {"position": position, "parked": []}
    for command in ("verify", "fsck"):
        outcome = json.loads(hub(command, "--json"))
        assert (outcome["whole"], outcome["break"]) == (True, None) and outcome["items"] == position
    assert json.loads(hub("policy", "check", "--json"))["rules"] > 10
    import sqlite3

    changed = sqlite3.connect(tmp_path / "var/hub.db")
    with changed:
        changed.execute("UPDATE items SET leaf_hash = zeroblob(32) WHERE leaf_index = 1")
    changed.close()
    assert "damaged" in hub("verify", code=1)
    assert "damaged" in hub("fsck", code=1)


def test_without_init_and_with_another_key_nothing_opens(hub, tmp_path, monkeypatch):
    (tmp_path / "var/keys/master.key").write_text("A" * 43 + "\n", encoding="ascii")
    assert "master key does not open" in hub("organisation", "list", code=1)
    (tmp_path / "var/keys/master.key").write_text("short", encoding="ascii")
    hub("organisation", "list", code=1)
    monkeypatch.setenv("HUB_DATABASE_URL", "sqlite:///elsewhere/hub.db")
    assert "hub init" in hub("organisation", "list", code=1)
    monkeypatch.setenv("HUB_MODE", "production")
    assert "HUB_MASTER_KEY" in hub("serve", code=2)
    monkeypatch.setenv("HUB_MODE", "development")
    monkeypatch.setenv("HUB_LISTN", "x")
    assert "HUB_LISTN" in hub("init", code=2)


def test_the_stepped_clock_never_runs_backwards_and_outlives_a_restart(tmp_path):
    start = datetime(2025, 9, 12, 13, tzinfo=UTC)
    clock = SteppedClock(tmp_path / "hub.clock", start)
    assert clock.domain() == start
    assert clock.advance(start + timedelta(hours=2)) == start + timedelta(hours=2)
    assert clock.advance(start) == clock.domain() == start + timedelta(hours=2)
    assert SteppedClock(tmp_path / "hub.clock", start).domain() == start + timedelta(hours=2)
    assert SteppedClock(tmp_path / "hub.clock", start + timedelta(days=1)).domain() == start + timedelta(
        days=1
    )
    (tmp_path / "hub.clock").write_text("not a time", encoding="ascii")
    with pytest.raises(HubError):
        SteppedClock(tmp_path / "hub.clock", start)


def test_the_worlds_clock_and_chance():
    clock, chance = SystemClock(), SystemChance()
    assert clock.wall().tzinfo is not None and clock.domain().tzinfo is not None
    assert len(chance.bytes(32)) == 32 and chance.bytes(32) != chance.bytes(32)
    assert chance.uuid() != chance.uuid()


def test_keys_are_not_shown(hub):
    keys = load_keys(load_settings())
    assert keys.master.hex() not in repr(keys) and str(keys.master) not in repr(keys)


def test_a_simulation_moves_its_clock_through_the_services(hub, monkeypatch):
    monkeypatch.setenv("HUB_MODE", "simulation")
    monkeypatch.setenv("HUB_SIMULATION_START", "2025-09-12T13:00:00Z")
    whole = compose(open_store(load_settings()))
    try:
        assert whole.services.advance is not None
        assert whole.services.clock.domain().isoformat() == "2025-09-12T13:00:00+00:00"
    finally:
        whole.close()
