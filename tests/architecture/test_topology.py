"""docker-compose.yml, the Dockerfile and the code describe one topology, confined and closed to others."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import typer

from hub.cli.commands import app
from hub.cli.running import SECRETS
from hub.cli.serving import GRACE_SECONDS
from hub.relay.relay import END_SECONDS
from hub.settings import PREFIX, Settings, load_settings
from tests.stack.topology import Service, commands, document, services, variables
from tests.support.kafka_broker import Cluster, Node
from tests.support.kafka_programs import VERSION
from tests.support.postgres_server import SETTINGS

ROOT = Path(__file__).resolve().parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
IMAGE = DOCKERFILE.split(" AS hub\n")[1].split("\nFROM ")[0]
GIVEN = {name: ("B" if "SIGNING" in name else "A") * 43 for name in SECRETS}
SERVICES = services(GIVEN)
COMMANDS = commands(GIVEN)
HUBS = [one for one in SERVICES.values() if one.command[:1] == ("hub",)]
RAW: dict[str, Any] = document()["services"]


def told(service: Service) -> dict[str, str]:
    return {name: value for name, value in service.environment.items() if name.startswith(PREFIX)}


@pytest.mark.req("H-01")
def test_it_is_what_the_architecture_says() -> None:
    assert {one.command for one in HUBS} == {
        ("hub", "init"), ("hub", "serve"), ("hub", "project"), ("hub", "tick"), ("hub", "relay"),
    }  # fmt: skip
    assert set(SERVICES) - {one.name for one in HUBS} == {"postgres", "kafka", "sign-in"}
    assert SERVICES["api"].environment["HUB_WORKERS"] == "2"


@pytest.mark.req("H-01")
@pytest.mark.parametrize("service", HUBS, ids=lambda one: one.name)
def test_commands_exist_and_settings_stand(service: Service) -> None:
    command = typer.main.get_command(app)
    assert service.command[1] in command.commands  # type: ignore[attr-defined]
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    assert set(told(service)) <= known
    settings = load_settings(told(service), None)
    assert settings.on_postgresql and settings.kafka_bootstrap == "kafka:9092"
    if service.command[1] in ("project", "tick", "relay"):
        assert settings.operations is not None


@pytest.mark.req("H-01")
def test_processes_of_one_hub_are_told_the_same() -> None:
    """But for where each listens: two that differ in id, keys or mode would not be one hub."""
    own = {"HUB_LISTEN", "HUB_OPERATIONS_LISTEN", "HUB_WORKERS"}
    shared = [{name: value for name, value in told(one).items() if name not in own} for one in HUBS]
    assert all(one == shared[0] for one in shared)


@pytest.mark.req("H-01")
def test_the_master_key_can_be_changed_between_the_services() -> None:
    """One command with what all processes are told, and the former key, which no process has."""
    change = COMMANDS["master-key"]
    assert change.command == ("hub", "master-key", "change")
    assert not any("HUB_FORMER_MASTER_KEY" in one.environment for one in SERVICES.values())
    given = commands(GIVEN | {"HUB_FORMER_MASTER_KEY": "C" * 42 + "A"})[change.name]
    former = told(given).pop("HUB_FORMER_MASTER_KEY")
    assert {name: value for name, value in told(given).items() if name != "HUB_FORMER_MASTER_KEY"} == told(
        SERVICES["init"]
    )
    settings = load_settings(told(given), None)
    assert settings.former_master_key is not None
    assert settings.former_master_key.get_secret_value() == former
    assert load_settings(told(change), None).former_master_key is None, "it is not set until then"
    assert change.needs == {"postgres": "service_healthy"} and RAW[change.name]["restart"] == "no"
    assert RAW[change.name]["volumes"] == RAW["init"]["volumes"], "the journal kept apart is changed too"


@pytest.mark.req("H-01")
def test_a_backup_can_be_taken_and_put_back_between_the_services() -> None:
    """With what all processes are told, as the database's owner, by tools of the server's own version."""
    backup = COMMANDS["backup"]
    assert set(COMMANDS) == {"backup", "master-key"}
    assert told(backup) == told(SERVICES["init"])
    for program in ("backup", "restore"):
        assert program in typer.main.get_command(app).commands
    assert backup.command[:3] == ("hub", "backup", "--to")
    assert backup.needs == {"postgres": "service_healthy"} and RAW["backup"]["restart"] == "no"
    mounted = dict(one.split(":") for one in RAW["backup"]["volumes"])
    assert [f"{name}:{place}" for name, place in mounted.items() if name != "backups"] == RAW["init"][
        "volumes"
    ]
    assert backup.command[3].startswith(f"{mounted['backups']}/") and mounted["backups"] in IMAGE
    others = [name for name, one in RAW.items() if any("backups:" in v for v in one.get("volumes", ()))]
    assert others == ["backup"], "no process that runs all the time can change a backup"
    owner, _, database = told(backup)["HUB_DATABASE_URL"].partition("://")[2].partition("@")
    postgres = SERVICES["postgres"].environment
    assert owner.split(":") == [postgres["POSTGRES_USER"], postgres["POSTGRES_PASSWORD"]]
    assert database.endswith(f"/{postgres['POSTGRES_DB']}")
    [client] = re.findall(r"postgresql-client-(\d+)", IMAGE)
    assert RAW["postgres"]["image"].split(":")[1].startswith(f"{client}-")


def properties(environment: Mapping[str, str]) -> dict[str, str]:
    """What Kafka's image makes of its environment."""
    named = {name: value for name, value in environment.items() if name.startswith("KAFKA_")}
    return {name.removeprefix("KAFKA_").lower().replace("_", "."): one for name, one in named.items()}


@pytest.mark.req("H-01", "H-03")
def test_the_broker_is_the_one_that_is_tested() -> None:
    """Of the same version, and all is kept alike; only its addresses, folders and memory are its own."""
    cluster = object.__new__(Cluster)  # one that is described and not started
    node = Node(1, 9, 9, 9, 9, Path("data"))
    vars(cluster).update(nodes=[node], certificates=SimpleNamespace(broker="", authority=""))
    tested = dict(line.split("=", 1) for line in cluster._properties(node).splitlines())
    stack = properties(SERVICES["kafka"].environment)
    own = {"heap.opts", "log.dirs", "listeners", "advertised.listeners", "inter.broker.listener.name"}
    own |= {"controller.quorum.voters", "listener.security.protocol.map"}
    assert {name: one for name, one in stack.items() if name not in own} == {
        name: tested.get(name) for name in stack if name not in own
    }
    kept = r"min\.insync|log\.flush|unclean|auto\.create|(default|offsets|transaction).*(replication|isr)"
    assert {name for name in tested if re.match(kept, name)} <= set(stack)
    pom = (ROOT / "tests" / "kafka" / "pom.xml").read_text(encoding="utf-8")
    versions = re.findall(r"<groupId>org.apache.kafka</groupId>.*?<version>(.*?)</version>", pom)
    assert {*versions, VERSION} == {RAW["kafka"]["image"].removeprefix("apache/kafka:")}


@pytest.mark.req("H-01", "H-03")
def test_the_database_server_keeps_what_it_acknowledges_as_the_one_that_is_tested() -> None:
    stack = dict(one.split("=") for one in SERVICES["postgres"].command[2::2])
    tested = dict(one.split("=") for one in SETTINGS)
    assert SERVICES["postgres"].command[1::2] == ("-c",) * len(stack)
    assert stack == {name: tested[name] for name in stack}
    assert {"fsync", "synchronous_commit"} <= set(stack)
    made = SERVICES["postgres"].environment["POSTGRES_INITDB_ARGS"].split()
    assert {"--encoding=UTF8", "--no-locale"} <= set(made) and "--no-sync" not in made
    processes = int(told(SERVICES["api"])["HUB_WORKERS"]) + 3
    assert int(stack["max_connections"]) > 20 * processes


@pytest.mark.req("H-01", "H-26")
def test_a_process_has_ended_before_it_is_killed() -> None:
    """What the relay takes, what its answering of operators takes, and some for the stores."""
    assert {RAW[one.name]["stop_grace_period"] for one in HUBS} == {"30s"}
    assert max(END_SECONDS, GRACE_SECONDS) + 5 < 30


@pytest.mark.req("H-01", "H-10")
@pytest.mark.parametrize("service", SERVICES.values(), ids=lambda one: one.name)
def test_health_checks_ask_where_the_service_listens(service: Service) -> None:
    if service.name == "init":
        assert not service.health
        return
    assert service.health
    if service in HUBS:
        assert service.health[:2] == ("hub", "health")
        listen = told(service).get("HUB_OPERATIONS_LISTEN") or told(service)["HUB_LISTEN"]
        assert service.health[2] == f"http://127.0.0.1:{listen.rpartition(':')[2]}/readyz"


@pytest.mark.req("H-01")
@pytest.mark.parametrize("service", SERVICES.values(), ids=lambda one: one.name)
def test_who_waits_waits_for_something_that_can_be_waited_for(service: Service) -> None:
    for other, condition in service.needs.items():
        needed = SERVICES[other]
        if condition == "service_healthy":
            assert needed.health
        elif condition == "service_completed_successfully":
            assert needed.command == ("hub", "init") and RAW[other]["restart"] == "no"
        else:
            assert condition == "service_started"
    if service in HUBS and service.name != "init":
        assert service.needs["init"] == "service_completed_successfully"


@pytest.mark.req("H-01", "H-16")
@pytest.mark.parametrize("name", sorted(RAW))
def test_every_service_is_confined(name: str) -> None:
    raw = RAW[name]
    assert raw["cap_drop"] == ["ALL"] and raw["security_opt"] == ["no-new-privileges:true"]
    assert not {"privileged", "cap_add", "pid", "ipc", "devices"} & set(raw)
    assert raw.get("network_mode", "service:api") == "service:api"
    # Kafka's start writes its configuration beside its programs.
    assert raw.get("read_only") is True or name == "kafka"
    image = raw["image"]
    assert image.endswith(":local") == ("build" in raw)
    assert re.search(r":[\w.-]*\d", image) or image.endswith(":local"), "an image without a version"
    for volume in raw.get("volumes", ()):
        assert volume.split(":")[0] in document()["volumes"], "a folder of the machine"


@pytest.mark.req("H-01", "H-16")
def test_no_secret_stands_in_the_file_and_each_has_a_source() -> None:
    assert variables() == set(SECRETS)
    for service in SERVICES.values():
        for name in service.environment:
            if re.search(r"_KEY$|PASSWORD|TOKEN|SECRET", name):
                assert RAW[service.name]["environment"][name].startswith("${"), name


@pytest.mark.req("H-01")
def test_the_sign_in_service_knows_the_invented_people_and_the_hubs_addresses() -> None:
    config = json.loads(SERVICES["sign-in"].environment["SIGN_IN_SERVICE"])
    settings = load_settings(told(SERVICES["api"]), None)
    assert config["issuer"] == settings.oidc_issuer and config["audience"] == settings.id
    assert config["personClaim"] == settings.oidc_person_claim
    [pages] = [one for one in config["clients"] if one["id"] == settings.oidc_client_id]
    assert pages["redirect"] == [f"{settings.base_url}/sign-in/callback"]
    world = tomllib.loads((ROOT / "hub" / "cli" / "demo_directory.toml").read_text(encoding="utf-8"))
    people = {f"{one['id']}/{person['id']}" for one in world["organisation"] for person in one["people"]}
    assert {one["person"] for one in config["accounts"]} == people
    published = {outside for one in SERVICES.values() for outside, _ in one.ports}
    assert {8080, 9400} <= published and 5432 not in published


@pytest.mark.req("H-01", "H-16")
def test_the_image_runs_without_rights_and_takes_nothing_unpinned() -> None:
    assert re.search(r"^USER 10001:10001$", IMAGE, re.M) and RAW["api"]["user"] == "10001:10001"
    assert re.search(r"^HEALTHCHECK ", IMAGE, re.M)
    assert "pip install" not in IMAGE and "ADD http" not in DOCKERFILE and "curl" not in DOCKERFILE
    for line in re.findall(r"pip (?:download|install)[^\n]*", DOCKERFILE):
        assert "--require-hashes" in line or "--no-index" in line, line
    bases = re.findall(r"^FROM (\S+)", DOCKERFILE, re.M)
    assert bases and all(re.fullmatch(r"[a-z]+:\d[\w.-]*", base) for base in bases)
    targets = {raw["build"]["target"] for raw in RAW.values() if "build" in raw}
    assert targets <= set(re.findall(r"^FROM \S+ AS (\S+)$", DOCKERFILE, re.M))


@pytest.mark.req("H-01")
def test_what_the_images_copy_reaches_the_builder() -> None:
    """`.dockerignore` begins with everything and lets in what is named; no data, key or secret is."""
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").split("\n")
    let_in = {line[1:] for line in lines if line.startswith("!")}
    assert lines[1] == "*"
    for copied in re.findall(r"^COPY (?!--from)(.*) \S+$", DOCKERFILE, re.M):
        for one in copied.split():
            assert (ROOT / one).exists(), one
            assert any(one == name or one.startswith(f"{name}/") for name in let_in), one
    assert {"**/.env*", "**/*.key", "**/*.db"} <= set(lines)
