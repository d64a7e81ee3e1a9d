"""The command `agency`: what it says, what it never says, and how it ends."""

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from agencies.cli import app, main
from agencies.scenarios import posts
from agencies.sdk.keys import load_key, paths_of, public_jwk
from hub.record import HubSigner
from tests.unit.agencies.small_hub import HUB_ID, SmallHub, serving

AGENCIES = Path(__file__).resolve().parents[3] / "agencies"
ELM = "education.elm-school"
LOG = AGENCIES / "education/samples/elm-school/log.csv"


@pytest.fixture
def hub() -> Iterator[SmallHub]:
    with serving() as small_hub:
        yield small_hub


@pytest.fixture
def agency(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], hub: SmallHub, tmp_path: Path
):
    monkeypatch.setenv("AGENCY_HUB", hub.url)
    monkeypatch.setenv("AGENCY_HUB_ID", HUB_ID)
    monkeypatch.setenv("AGENCY_KEYS", str(tmp_path / "keys"))
    monkeypatch.setenv("AGENCY_OUTBOX", str(tmp_path / "outbox.db"))
    monkeypatch.setenv("AGENCY_ORGANISATION", ELM)

    def run(*arguments: str | Path) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["agency", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        assert "CANARY" not in said.out + said.err and "Q999400119001" not in said.out + said.err
        return int(ended.value.code or 0), said.out, said.err

    return run


def register(hub: SmallHub, keys: Path, organisation: str) -> None:
    events = load_key(paths_of(keys, organisation, "events")[1], private=False)
    hub.keys[events.thumbprint()] = events
    hub.client_keys[organisation] = load_key(paths_of(keys, organisation, "client")[1], private=False)


def lines(out: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in out.splitlines()]


def test_from_a_native_export_to_a_proved_receipt(agency, hub: SmallHub, tmp_path: Path) -> None:
    events = tmp_path / "events.jsonl"
    code, out, _ = agency("keygen", ELM, "--json")
    assert code == 0 and {one["use"] for one in json.loads(out)} == {"events", "client"}
    register(hub, tmp_path / "keys", ELM)

    code, out, _ = agency("convert", "education", LOG, "--out", events, "--json")
    assert code == 0 and [one["record"] for one in lines(out)] == ["A01", "A02", "A03", "A03b", "A04"]
    named = str(lines(out)[0]["id"])

    assert agency("outbox", "add", events)[0] == 0
    code, out, _ = agency("outbox", "run", "--json")
    assert (code, json.loads(out)["sent"], json.loads(out)["waiting"]) == (0, 5, 0)
    code, out, _ = agency("outbox", "list", "--json")
    assert code == 0 and {one["state"] for one in lines(out)} == {"sent"}

    key = tmp_path / "hub.jwk"
    key.write_bytes(public_jwk(hub.public))
    assert agency("verify-receipt", named, "--hub-key", key)[0] == 1
    hub.prove = True
    assert json.loads(agency("outbox", "run", "--json")[1])["proofs"] == 5
    code, out, _ = agency("verify-receipt", named, "--hub-key", key, "--json")
    assert (code, json.loads(out)["verified"], json.loads(out)["checkpoint_size"]) == (0, True, 5)
    other = tmp_path / "other.jwk"
    other.write_bytes(public_jwk(SmallHub().public))
    code, out, _ = agency("verify-receipt", named, "--hub-key", other, "--json")
    assert (code, json.loads(out)["check"]) == (1, "signature")


@pytest.mark.parametrize("batch", [True, False])
def test_posting_at_once_says_what_was_held_and_what_was_refused(
    batch: bool, agency, hub: SmallHub, tmp_path: Path
) -> None:
    events = tmp_path / "events.jsonl"
    agency("keygen", ELM, "--algorithm", "ES256")
    register(hub, tmp_path / "keys", ELM)
    out = agency("convert", "education", LOG, "--out", events, "--json")[1]
    hub.refuse = {str(lines(out)[2]["id"]): (422, "schema")}
    options = ["--json", *(["--batch"] if batch else [])]
    code, out, _ = agency("post", events, *options)
    assert code == 1 and [one["status"] for one in lines(out)] == [201, 201, 422, 201, 201]
    assert lines(out)[2]["slug"] == "schema"
    hub.refuse = {}
    code, out, _ = agency("post", events, *options)
    assert code == 0 and [one["status"] for one in lines(out)] == [200, 200, 201, 200, 200]


def test_signing_writes_what_the_hub_takes(agency, hub: SmallHub, tmp_path: Path) -> None:
    events, signed = tmp_path / "events.jsonl", tmp_path / "signed.jose"
    agency("keygen", ELM)
    register(hub, tmp_path / "keys", ELM)
    agency("convert", "education", LOG, "--out", events)
    assert agency("sign", events, "--out", signed)[0] == 0
    assert [hub.take(line)[0] for line in signed.read_bytes().splitlines()] == [201] * 5


def test_a_refused_event_is_listed_with_its_reason_and_the_run_ends_with_1(
    agency, hub: SmallHub, tmp_path: Path
) -> None:
    events = tmp_path / "events.jsonl"
    agency("keygen", ELM)
    register(hub, tmp_path / "keys", ELM)
    out = agency("convert", "education", LOG, "--out", events, "--json")[1]
    hub.refuse = {str(lines(out)[0]["id"]): (403, "poster")}
    agency("outbox", "add", events)
    code, out, _ = agency("outbox", "run")
    assert code == 1 and "1 refused" in out and "Next:" in out
    code, out, _ = agency("outbox", "list", "--state", "refused")
    assert code == 0 and "poster" in out and "1 event." in out


WRONG = "At /data/source_type: not one of the closed list."


@pytest.mark.req("H-01", "H-03")
@pytest.mark.parametrize("options", [(), ("--batch",)], ids=["one by one", "batch"])
def test_what_is_wrong_and_what_is_missing_is_said(
    options: tuple[str, ...], agency, hub: SmallHub, tmp_path: Path
) -> None:
    """1. At once. 2. As JSON. 3. From the outbox, for as long as it stands there."""
    events = tmp_path / "events.jsonl"
    agency("keygen", ELM)
    register(hub, tmp_path / "keys", ELM)
    named = [
        str(one["id"]) for one in lines(agency("convert", "education", LOG, "--out", events, "--json")[1])
    ]
    hub.refuse = {named[0]: (422, "schema", WRONG)}
    hub.warnings = [{"rule": "R-047", "text": "Who received it is not recorded.", "source": "S3 s.4"}]
    missing = "Who received it is not recorded. [R-047; S3 s.4]"
    out = agency("post", events, *options)[1]  # 1
    assert f"{named[0]}  refused: schema\n    {WRONG}\n" in out
    assert f"{named[1]}  held\n    noted: {missing}\n" in out
    first, second, *_ = lines(agency("post", events, "--json", *options)[1])  # 2
    assert first["detail"] == WRONG and first["noted"] == []
    assert second["detail"] is None and second["noted"] == hub.warnings
    agency("outbox", "add", events)  # 3
    agency("outbox", "run")
    out = agency("outbox", "list")[1]
    assert f"refused: schema\n    {WRONG}\n" in out and f"sent\n    noted: {missing}\n" in out
    first, second, *_ = lines(agency("outbox", "list", "--json")[1])
    assert first["detail"] == WRONG and second["noted"] == hub.warnings


@pytest.mark.req("H-03")
@pytest.mark.parametrize(
    "text", ["\x1b[2JAll is well.", "One\nfirst-account-0001  held", "x" * 1_001, "\u202eheld"]
)
def test_a_sentence_that_could_draw_on_the_screen_is_left_out(
    text: str, agency, hub: SmallHub, tmp_path: Path
) -> None:
    events = tmp_path / "events.jsonl"
    agency("keygen", ELM)
    register(hub, tmp_path / "keys", ELM)
    named = str(lines(agency("convert", "education", LOG, "--out", events, "--json")[1])[0]["id"])
    hub.refuse = {named: (422, "schema", text)}
    hub.warnings = [{"rule": "R-047", "text": text, "source": ""}]
    out = agency("post", events, "--batch")[1]
    assert f"{named}  refused: schema\n" in out and text not in out and "noted" not in out


def test_a_client_key_that_the_hub_does_not_know_is_told_apart(agency, tmp_path: Path) -> None:
    events = tmp_path / "events.jsonl"
    agency("keygen", ELM)
    agency("convert", "education", LOG, "--out", events)
    code, out, _ = agency("post", events)
    assert code == 1 and "refused: token\n    The hub does not accept this client key" in out


def test_an_outbox_of_an_earlier_version_is_taken_over(agency, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "outbox.db") as held:
        held.execute(
            "CREATE TABLE item (seq INTEGER PRIMARY KEY AUTOINCREMENT, source TEXT NOT NULL,"
            " id TEXT NOT NULL, type TEXT NOT NULL, subject TEXT NOT NULL, payload BLOB NOT NULL,"
            " state TEXT NOT NULL, status INTEGER, slug TEXT, rule TEXT, answer BLOB,"
            " changed_at TEXT NOT NULL, UNIQUE (source, id))"
        )
        held.execute(
            "INSERT INTO item (source, id, type, subject, payload, state, status, slug, changed_at)"
            " VALUES ('urn:a', 'first-account-0002', 't', 's', X'7B7D', 'refused', 422, 'schema', '2025')"
        )
    held.close()
    code, out, _ = agency("outbox", "list")
    assert code == 0 and "refused: schema\n1 event." in out


@pytest.mark.req("H-03", "H-26")
def test_a_receipt_is_verified_with_the_line_that_the_operator_reads_out(
    agency, hub: SmallHub, tmp_path: Path
) -> None:
    """1. The verifier key as `hub init` prints it. 2. One whose parts do not fit each other is no key."""
    events, key = tmp_path / "events.jsonl", tmp_path / "hub.key"
    agency("keygen", ELM)
    register(hub, tmp_path / "keys", ELM)
    hub.prove = True
    named = str(lines(agency("convert", "education", LOG, "--out", events, "--json")[1])[0]["id"])
    agency("outbox", "add", events)
    agency("outbox", "run")
    key.write_text(HubSigner(hub.key, HUB_ID).vkey + "\n")
    code, out, _ = agency("verify-receipt", named, "--hub-key", key)
    assert code == 0 and out.startswith("Proved"), out  # 1
    name, _, rest = key.read_text().partition("+")
    key.write_text(f"{name}x+{rest}")
    assert agency("verify-receipt", named, "--hub-key", key)[0] == 2  # 2


def test_faults_of_set_up_end_with_2_and_say_what_to_do(agency, hub: SmallHub, tmp_path: Path) -> None:
    events = tmp_path / "events.jsonl"
    agency("convert", "education", LOG, "--out", events)
    for arguments in (
        ("outbox", "run"),
        ("post", events),
        ("convert", "police", LOG, "--out", tmp_path / "x"),
        ("convert", "education", tmp_path / "missing.csv", "--out", tmp_path / "x"),
        ("verify-receipt", "EVENT", "--hub-key", tmp_path / "missing.jwk"),
        ("outbox", "list", "--state", "lost"),
        ("keygen", ELM, "--algorithm", "RS256"),
        ("play", "scenario-z"),
        ("nonsense",),
    ):
        code, _, err = agency(*arguments)
        assert code == 2, arguments
        assert err.strip() and "Traceback" not in err


def test_an_organisation_signs_only_its_own_events(agency, hub: SmallHub, tmp_path: Path) -> None:
    events = tmp_path / "events.jsonl"
    agency("keygen", ELM)
    oak = AGENCIES / "education/samples/oak-school/log.csv"
    agency("convert", "education", oak, "--out", events, "--organisation", "education.oak-school")
    code, _, err = agency("post", events)
    assert code == 2 and "not of this organisation" in err
    assert hub.received == []


def test_every_command_has_help(agency) -> None:
    commands = [(name.name or name.callback.__name__,) for name in app.registered_commands]
    for command in (*commands, ("outbox", "add"), ("outbox", "run"), ("outbox", "list"), ()):
        code, out, _ = agency(*command, "--help")
        assert code == 0 and "Usage:" in out


def keys_for_everybody(agency, hub: SmallHub, keys: Path) -> None:
    for organisation in sorted({post.organisation for post in posts("scenario-a")}):
        assert agency("keygen", organisation)[0] == 0
        register(hub, keys, organisation)


@pytest.mark.req("H-01", "H-03")
def test_a_scenario_is_played_in_order_by_its_agencies_and_can_be_played_again(
    agency, hub: SmallHub, tmp_path: Path
) -> None:
    keys_for_everybody(agency, hub, tmp_path / "keys")
    expected = [post.ref for post in posts("scenario-a")]
    code, out, _ = agency("play", "scenario-a", "--until", "A00b", "--json")
    assert code == 0 and [one["ref"] for one in lines(out)] == expected[:8]

    provisional = "00000000-0000-4000-8000-0000000f0001"
    hub.waiting = [
        {"kind": "contested-opening", "child": "00000000-0000-4000-8000-0000000f0002", "reference": "nhs:1"},
        {
            "kind": "provisional",
            "provisional": provisional,
            "area": "social-care.n-csc",
            "reference": "local:education.elm-school:t-2001",
        },
    ]
    hub.tokens.add("reviewer")
    code, out, _ = agency("play", "scenario-a", "--reviewer-token", "reviewer", "--json")
    assert code == 0 and [one["ref"] for one in lines(out)] == expected
    assert [one["status"] for one in lines(out)] == [200] * 8 + [201] * 57
    assert len(hub.order) == 65
    assert hub.resolved == [{"provisional": provisional, "child": "nhs:9990200106"}]
    sources = [source.removeprefix("urn:safeguarding:org:") for source, _ in hub.order]
    assert sources == [post.organisation for post in posts("scenario-a")]

    code, out, _ = agency("play", "scenario-a", "--variant", "hidden", "--json")
    assert code == 0 and [(one["ref"], one["status"]) for one in lines(out)] == [("A-hidden", 201)]


def test_a_play_that_meets_a_refusal_goes_on_and_ends_with_1(agency, hub: SmallHub, tmp_path: Path) -> None:
    keys_for_everybody(agency, hub, tmp_path / "keys")
    first = posts("scenario-a")[0]
    code, out, _ = agency("play", "scenario-a", "--until", "A02", "--json")
    refused = hub.order[1][1]
    hub.held.clear()
    hub.order.clear()
    hub.refuse = {refused: (403, "gate")}
    code, out, _ = agency("play", "scenario-a", "--until", "A02", "--json")
    assert code == 1
    assert [(one["ref"], one["slug"]) for one in lines(out)] == [
        (first.ref, None),
        ("A01", "gate"),
        ("A02", None),
    ]
