"""docs/how-to/roles.sql on a real server: every process works with its role, and none can change the past."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import httpx
import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege
from typer.testing import CliRunner

from agencies.sdk.keys import load_key, paths_of
from agencies.sdk.sign import sign_event
from hub.cli.commands import app
from hub.cli.compose import development_issuer, open_store
from hub.cli.demo_world import fill_directory, make_keys
from hub.record import Recorded
from hub.record.postgres.connecting import connect
from hub.record.projections import Changes, Row, Table
from hub.record.projections.generations import Generations
from hub.record.projections.postgres import PostgresViews
from hub.record.projections.store import FORM
from hub.settings import load_settings
from tests.support.hub_process import HubProcess, free_port, write_commands
from tests.support.postgres_server import Server, fresh_database, new_server, or_skip

ROLES_FILE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "roles.sql"
ROLES = ("hub_server", "hub_projector", "hub_reader")
OWNER = "hub_owner"
HUB_ID = "https://hub.example/roles"
ELM = "education.elm-school"

# Everything beyond reading that each role may do in the two schemas, table by table.
WRITES = {
    "hub_server": {
        "hub_record.stored_events": {"INSERT"}, "hub_record.items": {"INSERT"},
        "hub_record.stream_keys": {"INSERT"}, "hub_record.claims": {"INSERT"},
        "hub_record.head": {"UPDATE"}, "hub_record.marks": {"INSERT", "UPDATE"},
        "hub_record.once": {"INSERT", "DELETE"},
    },
    "hub_projector": {
        "hub_record.tree": {"UPDATE"}, "hub_record.tiles": {"INSERT", "UPDATE"},
        "hub_record.checkpoints": {"INSERT"}, "hub_views.generations": {"INSERT", "UPDATE", "DELETE"},
        "hub_views.parts": {"INSERT", "UPDATE", "DELETE"}, "hub_views.parked": {"INSERT", "UPDATE", "DELETE"},
    },
    "hub_reader": {},
}  # fmt: skip
REFUSED = (
    "UPDATE hub_record.stored_events SET state = state",
    "DELETE FROM hub_record.stored_events",
    "TRUNCATE hub_record.stored_events",
    "UPDATE hub_record.items SET leaf_hash = leaf_hash",
    "DELETE FROM hub_record.items",
    "UPDATE hub_record.stream_keys SET wrapped = NULL",
    "DELETE FROM hub_record.stream_keys",
    "UPDATE hub_record.claims SET value = value",
    "UPDATE hub_record.checkpoints SET text = text",
    "DELETE FROM hub_record.checkpoints",
    "UPDATE hub_record.about SET value = value",
    "INSERT INTO hub_record.migrations (number, name, digest) VALUES (99, 'x', '')",
    "DROP TABLE hub_record.stored_events",
    "DROP SCHEMA hub_record CASCADE",
    "ALTER TABLE hub_record.items DISABLE TRIGGER ALL",
    "CREATE TABLE hub_record.made (one bigint)",
    "CREATE TABLE public.made (one bigint)",
    "CREATE TEMPORARY TABLE made (one bigint)",
    "CREATE SCHEMA made",
    "CREATE FUNCTION hub_record.append() RETURNS bigint LANGUAGE sql AS 'SELECT 1'",
    "CREATE ROLE made",
    "COPY hub_record.items TO PROGRAM 'cat'",
    "SELECT pg_read_file('postgresql.conf')",
)


@dataclass(frozen=True)
class Divided:
    """A hub whose tables belong to one role and whose processes use others."""

    folder: Path
    commands: Path
    url: str
    tools: Path

    def address(self, role: str) -> str:
        return self.url.replace("//hub@", f"//{role}@")

    def settings(self, role: str) -> dict[str, str]:
        return {
            "HUB_ID": HUB_ID, "HUB_DATABASE_URL": self.address(role),
            "HUB_KEPT_APART": str(self.folder / "kept-apart"),
        }  # fmt: skip

    def process(self, role: str, **more: str) -> HubProcess:
        return HubProcess(self.commands, self.folder, free_port(), self.settings(role) | more)

    def run(self, role: str, *arguments: str, code: int = 0) -> str:
        """A command of `hub` in this process; what it printed."""
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(self.folder)  # the keys of a development hub stand there
            for name in [name for name in os.environ if name.startswith("HUB_")]:
                patch.delenv(name)
            for name, value in self.settings(role).items():
                patch.setenv(name, value)
            # The tools of this server, where the machine has those of an older one.
            patch.setenv("PATH", f"{self.tools}{os.pathsep}{os.environ['PATH']}")
            done = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
        assert done.exit_code == code, done.output
        return done.stdout if code == 0 else done.stderr

    def grant(self) -> None:
        with psycopg.connect(self.address(OWNER), autocommit=True) as owner:
            owner.execute(ROLES_FILE.read_bytes())


@pytest.fixture(scope="module")
def divided(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Divided]:
    """1. A database of an owner who is no administrator. 2. Everything as the owner, as before there
    were roles, then the roles, twice."""
    server = or_skip(new_server)  # roles are of a whole server: this one is nobody else's
    assert isinstance(server, Server)
    url = fresh_database(server)  # 1.
    with psycopg.connect(url, autocommit=True) as administrator:
        administrator.execute(f"CREATE ROLE {OWNER} LOGIN CREATEROLE".encode())
        database = administrator.info.dbname
        administrator.execute(f"ALTER DATABASE {database} OWNER TO {OWNER}".encode())
    folder = tmp_path_factory.mktemp("roles")
    (folder / "bin").mkdir()
    found = Divided(folder, write_commands(folder / "bin"), url, server._binaries)
    found.run(OWNER, "init")  # 2.
    found.run(OWNER, "project", "--once")
    found.grant()
    found.grant()
    yield found
    server.remove()


def may(divided: Divided, role: str) -> dict[str, set[str]]:
    """What a role may do beyond reading, in every table of the hub."""
    asked = """
        SELECT schemaname || '.' || tablename, privilege FROM pg_tables,
            unnest(ARRAY['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) AS privilege
        WHERE schemaname IN ('hub_record', 'hub_views') AND tableowner = 'hub_owner'
            AND has_table_privilege(%s, format('%%I.%%I', schemaname, tablename), privilege)
    """
    found: dict[str, set[str]] = {}
    with psycopg.connect(divided.url) as administrator:
        for table, privilege in administrator.execute(asked, (role,)):
            found.setdefault(table, set()).add(privilege)
    return found


@pytest.mark.req("H-03", "H-16")
@pytest.mark.parametrize("role", ROLES)
def test_each_role_has_these_rights_and_no_other(divided: Divided, role: str) -> None:
    assert may(divided, role) == WRITES[role]


@pytest.mark.req("H-03", "H-16")
@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("statement", REFUSED)
def test_no_role_can_change_or_remove_what_was_recorded(divided: Divided, role: str, statement: str) -> None:
    with psycopg.connect(divided.address(role)) as connection, pytest.raises(InsufficientPrivilege):
        connection.execute(statement.encode())


@pytest.mark.req("H-16")
@pytest.mark.parametrize("role", ["hub_server", "hub_reader"])
def test_only_the_projector_makes_tables_of_views(divided: Divided, role: str) -> None:
    with psycopg.connect(divided.address(role)) as connection, pytest.raises(InsufficientPrivilege):
        connection.execute("CREATE TABLE hub_views.made (one bigint)")


@pytest.mark.req("H-03", "H-16")
def test_no_role_but_the_servers_can_append(divided: Divided) -> None:
    append = "SELECT has_function_privilege(%s, oid, 'EXECUTE') FROM pg_proc WHERE proname = 'append'"
    with psycopg.connect(divided.url) as administrator:
        for role in ROLES:
            allowed = administrator.execute(append, (role,)).fetchall()
            assert allowed == [(role == "hub_server",)]


@pytest.mark.req("H-16")
def test_names_are_not_looked_up_where_others_may_write(divided: Divided) -> None:
    """A table of the same name in `public`, where a server may let everybody create, changes nothing."""
    with psycopg.connect(divided.url, autocommit=True) as administrator:
        administrator.execute("CREATE TABLE public.items (position bigint)")
        administrator.execute("CREATE TABLE public.of_others (position bigint)")
        administrator.execute("GRANT ALL ON SCHEMA public TO hub_server")
        try:
            asked = "SELECT 'items'::regclass = 'hub_record.items'::regclass, to_regclass('of_others')"
            with connect(divided.address("hub_server")) as connection:
                assert connection.execute(asked.encode()).fetchall() == [(True, None)]
        finally:
            administrator.execute("DROP TABLE public.items, public.of_others")
            administrator.execute("REVOKE ALL ON SCHEMA public FROM hub_server")


class Counted(NamedTuple):
    one: int


class Sample:
    """A projection of nothing: what counts is who may make, fill and read its tables."""

    name, version = "sample", 1
    tables: Sequence[Table[Row]] = (Table("sample", Counted, key=1),)

    def project(self, recorded: Sequence[Recorded]) -> Changes:
        return Changes()


@pytest.mark.req("H-10", "H-16")
def test_every_form_of_the_views_has_the_same_rights(divided: Divided) -> None:
    """1. The owner makes the views' tables of the next form. 2. The roles have the same rights in both, and
    each version's projector builds and server reads. 3. The owner, and nobody else, drops a former form, with
    the tables in it that the projector made."""
    later = FORM + 1
    with closing(PostgresViews(divided.address(OWNER), later)) as views:  # 1.
        views.migrate()
    divided.grant()
    try:
        for schema in ("hub_views", f"hub_views_{later}"):  # 2.
            with (
                psycopg.connect(divided.address("hub_server")) as server,
                pytest.raises(InsufficientPrivilege),
            ):
                server.execute(f"DELETE FROM {schema}.generations".encode())
        for form in (FORM, later):
            with (
                closing(PostgresViews(divided.address("hub_projector"), form)) as written,
                closing(PostgresViews(divided.address("hub_server"), form)) as read,
            ):
                generations = Generations(written, Sample())
                generations.begin(again=True)
                number = max(one.number for one in generations.all())
                assert read.rows(f"SELECT one FROM views.g{number}_sample") == []
                generations.drop(generations.all())
    finally:
        with psycopg.connect(divided.address(OWNER), autocommit=True) as owner:
            owner.execute(f"DROP SCHEMA hub_views_{later} CASCADE".encode())
    with psycopg.connect(divided.address(OWNER), autocommit=True) as owner:  # 3.
        owner.execute("CREATE SCHEMA hub_views_1")
        owner.execute("GRANT ALL ON SCHEMA hub_views_1 TO hub_projector")
    with psycopg.connect(divided.address("hub_projector"), autocommit=True) as projector:
        projector.execute("CREATE TABLE hub_views_1.g1_made (one bigint)")
        with pytest.raises(InsufficientPrivilege):
            projector.execute("DROP SCHEMA hub_views_1 CASCADE")
    found = json.loads(divided.run(OWNER, "init", "--drop-former-views", "--json"))
    assert found["dropped_views"] == ["hub_views_1"]
    assert number_of_schemas(divided) == 1


def number_of_schemas(divided: Divided) -> int:
    return number(divided, OWNER, "SELECT count(*) FROM pg_namespace WHERE starts_with(nspname, 'hub_views')")


def until(true: Callable[[], bool], seconds: float = 60) -> None:
    ends = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < ends, "it did not come to be"
        time.sleep(0.1)


def answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=5).status_code == 200
    except httpx.TransportError:
        return False


def head_of(divided: Divided) -> int:
    return number(divided, "hub_server", "SELECT position FROM hub_record.head")


def views_of(divided: Divided) -> int:
    """How far the serving views are, as the server reads it."""
    serving = "SELECT generation FROM hub_views.generations WHERE state = 'serving'"
    return number(
        divided, "hub_server", f"SELECT min(position) FROM hub_views.parts WHERE generation = ({serving})"
    )


def number(divided: Divided, role: str, query: str) -> int:
    with psycopg.connect(divided.address(role)) as connection:
        return int(connection.execute(query.encode()).fetchall()[0][0])


def token_of(divided: Divided, keys: Path) -> str:
    """The directory is filled with the server's role, as the commands of the directory do it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(divided.folder)
        store = open_store(load_settings(divided.settings("hub_server"), None))
    try:
        fill_directory(store.directory)
        make_keys(store.directory, keys, store.clock.wall())
        issuer = development_issuer(store)
        assert issuer is not None
        return issuer.system_token(ELM)
    finally:
        store.close()


def post(hub: str, token: str, keys: Path, number: int) -> None:
    now = datetime.now(UTC)  # noqa: TID251  an agency reads its own clock
    payload = {
        "specversion": "1.0", "id": f"with-roles-{number:09d}", "source": f"urn:safeguarding:org:{ELM}",
        "type": "safeguarding.initial-account-recorded.v1", "subject": f"local:{ELM}:p-{number}",
        "time": now.isoformat(timespec="seconds"), "datacontenttype": "application/json",
        "data": {
            "occurred_at": "2025-11-19", "precision": "day", "author": f"{ELM}/dsl-1",
            "source_type": "first-hand",
        },
    }  # fmt: skip
    key = load_key(paths_of(keys, ELM, "events")[0])
    body = sign_event(json.dumps(payload).encode(), key, audience=HUB_ID, now=now)
    sent = {"Authorization": f"Bearer {token}", "Content-Type": "application/jose"}
    answer = httpx.post(f"{hub}/v1/events", content=body, headers=sent, timeout=30)
    assert answer.status_code == 201, answer.text


@pytest.mark.req("H-03", "H-06", "H-16")
def test_every_process_does_its_work_with_its_role(divided: Divided) -> None:
    """1. Projector and server become ready, which takes views, checkpoints and the store. 2. Posts are kept,
    also after the views were built again and the rights given once more beside what runs. 3. Deadlines,
    checks and backups, each with its role. 4. None of the roles can do what is the owner's."""
    keys = divided.folder / "agencies"
    token = token_of(divided, keys)
    api = divided.process("hub_server")
    projector = divided.process("hub_projector", HUB_OPERATIONS_LISTEN=f"127.0.0.1:{free_port()}")
    operators = projector.environment["HUB_OPERATIONS_LISTEN"]
    try:
        projector.start([str(divided.commands / "hub"), "project"], ready=False)  # 1.
        api.start(ready=False)
        until(lambda: answers(f"http://{operators}/readyz"))
        until(lambda: answers(f"{api.address}/readyz"))
        post(api.address, token, keys, 1)  # 2.
        rebuilt = json.loads(divided.run("hub_projector", "rebuild", "--json"))
        assert rebuilt["position"] > 0 and rebuilt["parked"] == []
        divided.grant()
        post(api.address, token, keys, 2)
        until(lambda: views_of(divided) == head_of(divided))
        assert json.loads(divided.run("hub_server", "tick", "--once", "--json"))["faults"] == 0  # 3.
        found = json.loads(divided.run("hub_reader", "fsck", "--json"))
        assert found["whole"] is True and found["unverified"] == []
        divided.run("hub_reader", "backup", "--to", str(divided.folder / "backup"))
        for role in ROLES:  # 4.
            assert "cannot be made" in divided.run(role, "init", code=1)
        assert (projector.stop(), api.stop()) == (0, 0)
    finally:
        projector.kill()
        api.kill()
