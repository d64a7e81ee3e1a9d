"""Every free text of the samples carries a canary; where each may be found follows from the V/R/H table."""

from __future__ import annotations

import base64
import csv
import io
import json
import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from agencies.sdk.keys import generate_key, load_key, paths_of, write_pair
from agencies.sdk.sign import sign_event
from hub.api.log import KEYS
from hub.cli.compose import development_issuer, initialise, open_store
from hub.cli.demo import HUB_ID, demo_settings
from hub.cli.demo_world import ADMINISTRATOR, READING_TIME, REVIEWER, fill_directory, make_keys, posters
from tests.e2e.test_matrix_a import MATRIX, ORDER
from tests.support.hub_process import HubProcess, free_port, write_commands
from tests.support.scenario import READERS, SCENARIO, World, play_into
from tests.support.simulated import one_more

# Rows of the same kind for the posts that G.A does not list, from D-33, D-04, D-41 and D-52.
MORE_ROWS = {
    "A09": "V H V V R H H H H R",
    "A10": "V H V V R H H H H R",
    "A11": "H V V V H R V H V R",
    "A12 M1": "V H V V V H H H H R",
    "A12 M2": "H V V V H V V H V R",
    "A28": "H V V V H R V H R R",
    "A29": "H V V V H R R H V R",
    "A30": "H V V V H R R H V R",
    "A31": "H V V V H V V H V R",
    "A34": "H V V V H V V H V R",
}
METRICS_TOKEN = "scraper-of-the-canaries-hub"
# canary -> the item whose text it stands in, and who keeps that text where the cell is R.
CANARIES: dict[str, tuple[str, frozenset[str]]] = {
    name: (item, frozenset(kept))
    for name, item, *kept in (
        ("CANARY-A01-WORDS", "A01"),
        ("CANARY-A03-PART-1", "A03 part 1"),
        ("CANARY-A03-PART-3", "A03 part 1"),
        ("CANARY-A03B-PART-2", "A03 part 2", "YJS", "SGU-S"),
        ("CANARY-A08-RATIONALE", "A08"),
        ("CANARY-A09-REASON", "A09"),
        ("CANARY-A10-REASONS", "A10"),
        ("CANARY-A11-REASONS", "A11"),
        ("CANARY-A12-1-CHAIR", "A12 M1"),
        ("CANARY-A12-2-CHAIR", "A12 M2"),
        ("CANARY-A13-SUMMARY", "A13"),
        ("CANARY-A14-SUMMARY", "A14"),
        ("CANARY-A22-BASIS", "A22"),
        ("CANARY-A27-ASSESSOR", "A27"),
        ("CANARY-A27-REASON", "A27"),
        ("CANARY-A28-1-ADDRESS", "A28"),
        ("CANARY-A28-2-ADDRESS", "A28"),
        ("CANARY-A28-3-ADDRESS", "A28"),
        ("CANARY-A28-4-ADDRESS", "A28"),
        ("CANARY-A29-REASONS", "A29"),
        ("CANARY-A30-RATIONALE", "A30"),
        ("CANARY-A31-SNAPSHOT", "A31"),
        ("CANARY-A31-SUMMARY", "A31"),
        ("CANARY-A32-ACCOUNTABILITY", "A32", "SGU-S"),
        ("CANARY-A32-NEEDS", "A32", "SGU-S"),
        ("CANARY-A32-PROTECTION", "A32", "SGU-S"),
        ("CANARY-A32-FUTURE", "A32", "SGU-S"),
        ("CANARY-A32-PLACE-HOME", "A32"),
        ("CANARY-A32-PLACE-SCHOOL", "A32", "Oak"),
        ("CANARY-A32-PLACE-BUS", "A32"),
        ("CANARY-A33-REASONS", "A33"),
        ("CANARY-A34-SUMMARY", "A34"),
    )
}
IDENTIFIERS = {
    "C-1001": (b"9990100101", b"Q999400119001"),
    "C-2001": (b"9990200106", b"C999400217001", b"t-2001"),
}
OTHER_CHILD = {"C-1001": "C-2001", "C-2001": "C-1001"}
# Elm's part 2 stands in its own posts, not in a chronology.
OWN_POST_ONLY = {("A03 part 2", "Elm")}
CANARY = re.compile(rb"CANARY-[A-Z0-9-]+[A-Z0-9]")


def may_reach(canary: str, reader: str) -> bool:
    """Whether the table lets a reader have the text that this canary stands in."""
    item, kept = CANARIES[canary]
    row = (MATRIX | MORE_ROWS)[item].split()
    cell = dict(zip(ORDER, row, strict=True))[reader]
    return (cell == "V" and (item, reader) not in OWN_POST_ONLY) or (cell == "R" and reader in kept)


class Served(World):
    """A hub in a process of its own; tokens were made before it was started."""

    tokens: dict[str, str]

    def sign(self, organisation: str, payload: bytes, key: object = None) -> str:
        """A payload signed by an organisation now."""
        signing = load_key(paths_of(self.keys, organisation, "events")[0])
        now = datetime.now(UTC)  # noqa: TID251  an agency reads its own clock
        return sign_event(payload, signing, audience=HUB_ID, now=now)

    def system_token(self, organisation: str) -> str:
        return self.tokens[organisation]

    def person_token(self, person: str) -> str:
        return self.tokens[person]

    def advance(self, to: str) -> None:
        """Move the simulation's clock as the demonstration's administrator."""
        answer = self._http.put(
            f"{self.address}/v1/simulation/clock",
            json={"now": to},
            headers={"Authorization": f"Bearer {self.tokens[ADMINISTRATOR]}"},
        )
        assert answer.status_code == 200


@dataclass
class Found:
    """The served hub and everything that every reader was answered, by child and by door."""

    world: Served
    directory: Path
    said: dict[str, dict[str, bytes]] = field(default_factory=dict)
    own: dict[str, bytes] = field(default_factory=dict)

    def of(self, reader: str) -> bytes:
        """All bytes that a reader got, its own posts apart."""
        return b"\n".join(self.said[reader].values())


def whole(answer: httpx.Response) -> bytes:
    """Everything of an answer that a reader holds: status, headers and body."""
    headers = b"\n".join(b"%b: %b" % one for one in answer.headers.raw)
    return b"%d\n%b\n\n%b" % (answer.status_code, headers, answer.content)


def ask_everything(world: Served, reader: str) -> Iterator[tuple[str, bytes]]:
    """Every door, as one reader."""
    yield "me", whole(world.get(reader, "/v1/me"))
    yield "children", whole(world.get(reader, "/v1/me/children"))
    for name, references in SCENARIO.children.items():
        for reference in references:
            yield (
                f"look-up {name} {reference[:4]}",
                whole(world.get(reader, "/v1/children", identifier=reference)),
            )
    for name in ("C-1001", "C-2001"):
        place = f"/v1/children/{world.children[name]}"
        for form in ("application/json", "text/csv"):
            yield (
                f"{name} {form}",
                whole(world.get(reader, f"{place}/chronology", {"Accept": form}, limit="200")),
            )
        yield f"{name} search", whole(world.get(reader, f"{place}/chronology", q="canary"))
        for what in ("overview", "deadlines"):
            yield f"{name} {what}", whole(world.get(reader, f"{place}/{what}"))
    if reader == "IGO":
        yield from ask_the_audit(world)


def ask_the_audit(world: Served) -> Iterator[tuple[str, bytes]]:
    """Every access to either child, and why the last answer of each door to each reader looked as it did."""
    for name in ("C-1001", "C-2001"):
        rows = world.get("IGO", "/v1/audit/accesses", child=world.children[name])
        yield f"{name} accesses", whole(rows)
        explained = {
            (row["reader"], row["what"]): row["disclosure_id"]
            for row in rows.json()["accesses"]
            if row["items"] and row["reader"] != READERS["IGO"].person
        }
        for disclosure_id in explained.values():
            place = f"/v1/audit/accesses/{disclosure_id}"
            yield place, whole(world.get("IGO", place))
            yield f"{place} why", whole(world.get("IGO", f"{place}/explanation"))


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Found]:
    """Scenario A in `hub serve`, whose standard output and error go to files, read by everybody."""
    directory = tmp_path_factory.mktemp("served")
    commands = write_commands(tmp_path_factory.mktemp("commands"))
    port = free_port()
    world = Served(None, f"http://127.0.0.1:{port}", directory / "agencies", directory)  # type: ignore[arg-type]
    settings = demo_settings(directory / "data", port)
    initialise(settings)
    store = open_store(settings)
    fill_directory(store.directory)
    for organisation in posters():
        for use in ("events", "client"):
            write_pair(world.keys, organisation, use, generate_key("Ed25519"))  # type: ignore[arg-type]
    make_keys(store.directory, world.keys, store.clock.wall())
    issuer = development_issuer(store)
    assert issuer is not None
    people = {READERS[one].person for one in READERS} | {REVIEWER, ADMINISTRATOR}
    world.tokens = {one: issuer.person_token(one) for one in people}
    world.tokens |= {one: issuer.system_token(one) for one in posters()}
    store.close()
    server = HubProcess(
        commands,
        directory,
        port,
        {
            "HUB_MODE": "simulation",
            "HUB_ID": HUB_ID,
            "HUB_DATABASE_URL": settings.database_url.get_secret_value(),
            "HUB_RATE_PER_SECOND": "10000",
            "HUB_RATE_BURST": "10000",
            "HUB_METRICS_TOKEN": METRICS_TOKEN,
        },
    )
    serve = f'exec "{commands / "hub"}" serve >"{directory / "stdout"}" 2>"{directory / "stderr"}"'
    try:
        server.start(["/bin/sh", "-c", serve])
        play_into(world, SCENARIO.posts)
        world.advance(READING_TIME)
        everything = Found(world, directory)
        for reader in READERS:
            everything.said[reader] = dict(ask_everything(world, reader))
            everything.own[reader] = whole(world.get(reader, "/v1/events", mine="", limit="200"))
        yield everything
    finally:
        world.close()
        server.stop()


def test_every_canary_that_was_posted_has_its_place_in_the_table() -> None:
    posted = {
        one.decode() for post in SCENARIO.posts for one in CANARY.findall(str(post.event.data).encode())
    }
    assert posted == set(CANARIES)


@pytest.mark.req("D-32", "D-33", "H-08", "H-11", "D-02", "D-04", "D-05", "D-08", "D-19")
@pytest.mark.parametrize("reader", ORDER)
def test_a_reader_has_the_texts_that_the_table_gives_and_no_other(found: Found, reader: str) -> None:
    expected = {name for name in CANARIES if may_reach(name, reader)}
    assert {one.decode() for one in CANARY.findall(found.of(reader))} == expected


@pytest.mark.req("H-15", "D-13")
def test_the_officer_has_no_text_and_many_answers(found: Found) -> None:
    assert b"CANARY" not in found.of("IGO")
    assert len(found.said["IGO"]) > 60


@pytest.mark.req("D-03", "D-22", "H-08")
@pytest.mark.parametrize("reader", ORDER)
def test_no_answer_about_a_child_holds_an_identifier_of_the_other(found: Found, reader: str) -> None:
    for door, answer in found.said[reader].items():
        child = door.split(" ")[0] if door.startswith("C-") else None
        for other in [OTHER_CHILD[child]] if child else sorted(IDENTIFIERS):
            held = [one for one in IDENTIFIERS[other] if one in answer]
            assert held == [], (door, other)


@pytest.mark.req("D-03")
def test_elms_own_name_for_the_other_child_is_in_its_own_posts_only(found: Found) -> None:
    assert b"t-2001" in found.own["Elm"]
    assert [one for one in ORDER if b"t-2001" in found.own[one]] == ["Elm"]


@pytest.mark.req("D-30", "D-01")
@pytest.mark.parametrize("reader", ORDER)
def test_own_posts_of_a_person_hold_the_texts_that_person_wrote_only(found: Found, reader: str) -> None:
    person = READERS[reader].person
    assert set(CANARY.findall(found.own[reader])) == {
        one
        for post in SCENARIO.posts
        if post.event.data["author"] == person
        for one in CANARY.findall(str(post.event.data).encode())
    }


@pytest.mark.req("D-30")
@pytest.mark.parametrize("organisation", posters())
def test_own_posts_of_a_system_hold_the_texts_of_its_organisation_only(
    found: Found, organisation: str
) -> None:
    page = found.world.as_system(organisation, "/v1/events", mine="", limit="200")
    assert page["cursor"] is None
    assert set(CANARY.findall(str(page).encode())) == {
        one
        for post in SCENARIO.posts
        if post.organisation == organisation
        for one in CANARY.findall(str(post.event.data).encode())
    }


# --- logs and files ------------------------------------------------------------------------------------

NARRATIVE = (b"Synthetic account", b"Threshold for an investigation", b"Arrangement at home")
NAMES = tuple(one.person.encode() for one in READERS.values()) + tuple(one.encode() for one in posters())


def forms(text: bytes) -> Iterator[bytes]:
    """A text as it can stand in a file: plain, UTF-16, hex, and base64 at each of its three offsets."""
    yield text
    yield text.decode("ascii").encode("utf-16-le")
    yield text.hex().encode()
    for offset in range(3):
        encoded = base64.b64encode(b"\0" * offset + text)
        # What the neighbours would change is left out: the first and the last group.
        core = encoded[4:-4] if offset else encoded[:-4]
        yield core
        yield core.translate(bytes.maketrans(b"+/", b"-_"))


SECRET = (b"CANARY", *(one for ids in IDENTIFIERS.values() for one in ids if one != b"t-2001"), *NARRATIVE)
NEEDLES = tuple(
    {needle for text in (*SECRET, b"elm-school:t-2001") for needle in forms(text) if len(needle) >= 6}
)


def holding(files: list[Path], needles: tuple[bytes, ...] = NEEDLES) -> list[tuple[str, bytes]]:
    """Which files hold which of the texts."""
    return [(one.name, needle) for one in files for needle in needles if needle in one.read_bytes()]


@pytest.mark.req("R-034")
def test_the_hubs_output_and_log_hold_nothing_that_was_received(found: Found) -> None:
    world, out = found.world, [found.directory / "stdout", found.directory / "stderr"]
    secret = "CANARY-PATH"
    person = READERS["Oak"].person
    for path in (f"/v1/{secret}", f"/v1/children/{secret}/chronology", f"/problems/{secret}"):
        world.get_as(person, path, {"Access-Purpose": secret, "Access-Reference": secret}, q=secret)
    world.send("education.oak-school", f"{secret}.{secret}.{secret}")
    lines = out[0].read_bytes()
    assert lines.count(b'"route"') > 200
    assert b"/v1/children/{child}/chronology" in lines
    ids = tuple(one.encode() for one in world.children.values())
    assert holding(out, (*NEEDLES, *NAMES, *ids, b"Bearer")) == []


@pytest.mark.req("R-034")
def test_the_numbers_hold_nothing_that_was_received(found: Found, tmp_path: Path) -> None:
    world, secret = found.world, "CANARY-METRIC"
    world.send("education.oak-school", secret, **{"Content-Type": f"text/{secret.lower()}"})
    world.get_as(READERS["Oak"].person, f"/v1/{secret}/{secret}", {"Access-Purpose": secret})
    answer = httpx.get(f"{world.address}/metrics", headers={"Authorization": f"Bearer {METRICS_TOKEN}"})
    assert answer.status_code == 200
    assert 'hub_posts_total{door="http",outcome="kept"}' in answer.text
    assert 'route="/v1/children/{child}/chronology"' in answer.text
    file = tmp_path / "metrics"
    file.write_bytes(whole(answer).lower())
    ids = tuple(one.encode() for one in world.children.values())
    texts = (*NEEDLES, *NAMES, *ids, METRICS_TOKEN.encode())
    assert holding([file], (*texts, *(one.lower() for one in texts), b"canary")) == []


@pytest.mark.req("R-034")
def test_every_line_of_the_log_is_of_the_closed_list(found: Found) -> None:
    written = [
        json.loads(line) for line in (found.directory / "stdout").read_text().splitlines() if line[:1] == "{"
    ]
    assert len(written) > 200
    assert {name for line in written for name in line} <= KEYS
    traces = [line["trace"] for line in written if line["event"] == "request"]
    assert len(set(traces)) == len(traces) and all(re.fullmatch(r"[0-9a-f]{32}", one) for one in traces)
    assert {line["process"] for line in written} == {"api"}


@pytest.mark.req("H-08", "R-034")
def test_the_files_hold_nothing_readable(found: Found, tmp_path: Path) -> None:
    """The record, its log, the views and everything else but the agencies' own keys; then a compact copy."""
    data = found.directory / "data"
    files = [one for one in data.rglob("*") if one.is_file()]
    assert {"hub.db", "hub.db-wal", "hub-views.db"} <= {one.name for one in files}
    assert holding(files) == []
    copies = tmp_path / "copies"
    copies.mkdir()
    for name in ("hub.db", "hub-views.db"):
        with closing(sqlite3.connect(f"file:{data / name}?mode=ro", uri=True)) as connection:
            connection.execute("VACUUM INTO ?", (str(copies / name),))
    assert (copies / "hub.db").stat().st_size > 100_000
    assert holding(list(copies.iterdir())) == []
    shutil.copytree(data, tmp_path / "checkpointed")
    for name in ("hub.db", "hub-views.db"):
        with closing(sqlite3.connect(tmp_path / "checkpointed" / name)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert holding([one for one in (tmp_path / "checkpointed").rglob("*") if one.is_file()]) == []


def test_the_search_would_find_what_it_looks_for(tmp_path: Path) -> None:
    """A text in a JWS of any alignment, and plain."""
    for offset in range(3):
        file = tmp_path / f"{offset}"
        text = b"x" * offset + b"{'words': 'CANARY-A01-WORDS Synthetic account', 'nhs': '9990100101'}"
        file.write_bytes(base64.urlsafe_b64encode(text))
        assert {name for name, _ in holding([file])} == {f"{offset}"}
        file.write_bytes(text)
        assert len(holding([file])) >= 3


# --- problems and metrics ------------------------------------------------------------------------------


@pytest.mark.req("R-034")
def test_no_problem_echoes_what_was_sent(found: Found) -> None:
    world, secret, person = found.world, "CANARY-ECHO", READERS["Oak"].person
    purpose = {"Access-Purpose": "education-safety"}
    place = f"/v1/children/{world.children['C-2001']}/chronology"
    answers = [
        world.get_as(person, f"/v1/{secret}"),
        world.get_as(person, f"/problems/{secret}"),
        world.get_as(person, f"/v1/children/{secret}/chronology", purpose),
        world.get_as(person, "/v1/children", purpose, identifier=f"nhs:{secret}"),
        world.get_as(person, place, {"Access-Purpose": secret}),
        world.get_as(person, place, {**purpose, "Access-Reference": f"={secret}"}),
        world.get_as(person, place, {**purpose, "Accept": secret}),
        *(world.get_as(person, place, purpose, **{name: secret}) for name in ("from", "limit", "as_at")),
        world.get_as(person, place, purpose, cursor=secret),
        world.send("education.oak-school", secret),
        world.send("education.oak-school", f"{secret}.{secret}.{secret}"),
        world.send("education.oak-school", secret, **{"Content-Type": f"text/{secret.lower()}"}),
        world.send(
            "education.oak-school", world.sign("education.oak-school", b'{"id": "%b"}' % secret.encode())
        ),
        world.get_as(person, "/metrics"),
        world.get_as(person, "/readyz"),
    ]
    assert all(secret.lower().encode() not in whole(one).lower() for one in answers)
    assert all(one.status_code >= 400 for one in answers[:-1])
    assert all(one.headers["content-type"] == "application/problem+json" for one in answers[:-1])


# --- tables --------------------------------------------------------------------------------------------


@pytest.mark.req("R-034", "H-08")
def test_a_table_is_text_for_every_spreadsheet(found: Found) -> None:
    """Posts whose texts begin like formulas; this test comes last, since it adds posts."""
    world = found.world
    for number, start in enumerate(("=", "+", "-", "@")):
        post = one_more(
            f"X-formula-{number}", "A19", "incident-recorded", "2025-11-20T12:10:00+00:00",
            role="has-harmed", status="alleged", categories=[f'{start}HYPERLINK("x")'],
            narrative=f'{start}HYPERLINK("http://x.example","CANARY-FORMULA-{number}")',
        )  # fmt: skip
        assert world.post(post.event).status_code == 201
    place = f"/v1/children/{world.children['C-2001']}/chronology"
    table = world.get("SW-2001", place, {"Accept": "text/csv"}, limit="200").content
    assert table.startswith(b"\xef\xbb\xbfentry_id,")
    assert table.endswith(b"\r\n")
    text = table.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    assert [len(row) for row in rows] == [len(rows[0])] * len(rows)
    # Each record ends in CRLF; a bare LF stands inside a quoted cell only.
    written = io.StringIO(newline="")
    csv.writer(written, lineterminator="\r\n").writerows(rows)
    assert written.getvalue() == text
    cells = [cell for row in rows for cell in row]
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))] == []
    assert all(f"CANARY-FORMULA-{number}" in text for number in range(4))
