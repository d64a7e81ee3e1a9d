"""An agency over Kafka, by its own commands: handing over, and receiving what became of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from kafka import KafkaProducer
from typer.testing import CliRunner

from agencies.cli import app
from agencies.sdk.kafka import case_secret, record_key
from agencies.sdk.keys import paths_of
from agencies.sdk.outbox import Outbox
from tests.support.kafka_broker import kafka_broker
from tests.support.relayed import INBOUND, RelayedHub, await_that, case_key, relayed
from tests.unit.intake.world import AUDIENCE, C1001_UPN, OAK

TIME = "2025-09-12T15:25:00+01:00"


@dataclass
class Agency:
    """A school with its keys, its outbox, and the commands it types."""

    hub: RelayedHub
    folder: Path

    def run(self, *arguments: str, code: int = 0) -> list[dict[str, object]]:
        environment = {
            "AGENCY_ORGANISATION": OAK, "AGENCY_KEYS": str(self.folder / "keys"), "AGENCY_HUB_ID": AUDIENCE,
            "AGENCY_OUTBOX": str(self.folder / "outbox.db"), "AGENCY_KAFKA": self.hub.cluster.bootstrap,
        }  # fmt: skip
        done = CliRunner().invoke(app, [*arguments], env=environment)
        assert done.exit_code == code, done.output
        return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]

    def file(self, *events: dict[str, object]) -> str:
        path = self.folder / "events.jsonl"
        path.write_text("".join(json.dumps(one) + "\n" for one in events), encoding="utf-8")
        return str(path)

    def incident(self, **changes: str) -> dict[str, object]:
        data = {"role": "has-been-harmed", "status": "alleged"} | changes
        return self.hub.world.event(OAK, "incident-recorded", C1001_UPN, TIME, data)

    def receive(self, *more: str, code: int = 0) -> list[dict[str, object]]:
        return self.run(
            "receive", "--json", "--for", "1", "--hub-key", str(self.folder / "hub.jwk"), *more, code=code
        )

    def states(self) -> dict[str, str]:
        with Outbox(self.folder / "outbox.db") as box:
            return {one.id: one.state for one in box.items()}


@pytest.fixture(scope="module")
def agency(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Agency]:
    folder = tmp_path_factory.mktemp("agency")
    with relayed(folder, kafka_broker()) as hub:
        agency = Agency(hub, folder)
        agency.run("keygen", OAK)
        public = paths_of(folder / "keys", OAK, "events")[1].read_text(encoding="utf-8")
        hub.world.clock.real = hub.world.clock.real.replace(year=2100)
        hub.world.directory.register_key(OAK, "events", public)
        (folder / "hub.jwk").write_text(json.dumps(dict(hub.world.signer.public_jwk)), encoding="utf-8")
        yield agency


@pytest.mark.req("H-03", "H-26")
def test_an_outbox_over_kafka_keeps_receipts_and_refusals(agency):
    good, bad = agency.incident(), agency.incident(unheard_of="x")
    agency.run("outbox", "add", agency.file(good, bad))
    agency.run("outbox", "run", "--json")
    assert agency.states() == {good["id"]: "queued", bad["id"]: "queued"}
    (again,) = agency.run("outbox", "run", "--json")
    assert again == {"handed_over": 0, "waiting": 2}
    agency.hub.answered(f"events.receipts.{OAK}", 1)
    agency.hub.answered(f"events.rejected.{OAK}", 1)
    told = {one["id"]: one for one in agency.receive(code=1)}
    assert told[good["id"]]["kind"] == "receipt" and told[good["id"]]["status"] == 201
    assert told[bad["id"]]["kind"] == "refusal" and told[bad["id"]]["slug"] == "schema"
    assert agency.states() == {good["id"]: "sent", bad["id"]: "refused"}
    assert agency.receive() == []
    with Outbox(agency.folder / "outbox.db") as box:
        (kept,) = (one.answer for one in box.items("sent"))
    held = agency.hub.world.intake.receipt(agency.hub.world.system(OAK), OAK, good["id"])
    assert kept["receipt"] == held.receipt


@pytest.mark.req("H-03")
def test_posting_at_once_hands_over_under_the_keys_of_the_cases(agency):
    event = agency.incident()
    before = len(agency.hub.read(INBOUND))
    (told,) = agency.run("post", agency.file(event), "--json")
    assert told == {"id": event["id"], "handed_over": True}
    secret = case_secret(agency.folder / "keys", OAK)
    key = record_key(OAK, C1001_UPN, secret)
    sent = agency.hub.read(INBOUND)
    assert len(sent) == before + 1 and key in [one.key for one in sent]
    assert re.fullmatch("[A-Za-z0-9_-]{43}", key) and key != case_key(C1001_UPN).decode()
    assert record_key(OAK, C1001_UPN, b"another secret") != key
    await_that(lambda: event["id"] in [one.key for one in agency.hub.read(f"events.receipts.{OAK}")])


@pytest.mark.req("H-15")
def test_a_receipt_that_the_hub_did_not_sign_counts_for_nothing(agency):
    event = agency.incident()
    agency.run("outbox", "add", agency.file(event))
    named = {"source": event["source"], "id": event["id"]}
    forged = {"receipt": "e30.e30.e30", "claims": {"event": named}, "proof": None}
    producer = KafkaProducer(bootstrap_servers=agency.hub.cluster.bootstrap)
    headers = [("id", b"forged-1"), ("status", b"201")]
    producer.send(f"events.receipts.{OAK}", json.dumps(forged).encode(), headers=headers).get(10)
    producer.send(f"events.receipts.{OAK}", b"not even JSON", headers=[("id", b"forged-2")]).get(10)
    producer.send(f"events.receipts.{OAK}", b"{}").get(10)
    producer.close()
    kinds = [one["kind"] for one in agency.receive(code=1)]
    assert kinds.count("untrue") == 2 and agency.states()[event["id"]] == "queued"


@pytest.mark.req("H-03")
def test_a_sender_whom_the_hub_does_not_know_loses_nothing(agency):
    event = agency.incident()
    agency.run("outbox", "add", agency.file(event))
    directory = agency.hub.world.directory
    for key in directory.keys(OAK, "events"):
        directory.revoke_key(key.kid)
    agency.run("outbox", "run", "--json")
    agency.hub.answered("events.rejected.unknown", 1)
    slugs = [one["slug"] for one in agency.receive(code=1) if one["kind"] == "refusal"]
    assert slugs and set(slugs) <= {"key-unknown", "key-revoked"}
    assert agency.states()[event["id"]] == "queued"
