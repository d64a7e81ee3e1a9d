"""Notices over HTTP: fetched by whom they are for, acknowledged once, recalled by what the hub signed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from joserfc.jwk import OKPKey

from agencies.sdk.recalls import verify_recall
from hub.api import RequestLog, create_app
from hub.api import notices as door
from hub.cli.notifying import Notifier
from hub.errors import HubError
from hub.ticker import Notifying
from tests.spec.test_notices import BY_REF, ELM, N, key_of
from tests.support.simulated import Simulated, one_more, simulated

CONCERN = BY_REF["A03b"]
FRONT_DOOR = f"{N}/fd-1"
WITHDRAWN = "2025-09-20T12:00:00+00:00"


class Door:
    """A hub of which one concern is known, about a child whom nobody knows yet; and its door."""

    def __init__(self, hub: Simulated) -> None:
        self.hub = hub
        self.app: FastAPI = create_app(hub.hub.services)
        parts = hub.hub
        self.notifying = Notifying(parts.store.record, parts.disclosure.mail, prepares=True)

    def look(self) -> None:
        self.notifying.look(self.hub.hub.store.clock.domain())

    def call(self, method: str, path: str, who: str, meanwhile: Callable[[], None] | None = None) -> Any:
        return asyncio.run(self._call(method, path, who, meanwhile))

    async def _call(
        self, method: str, path: str, who: str, meanwhile: Callable[[], None] | None
    ) -> httpx.Response:
        issuer = self.hub.hub.services.development_issuer
        assert issuer is not None
        token = issuer.person_token(who) if "/" in who else issuer.system_token(who)
        transport = httpx.ASGITransport(self.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://hub.test") as client:
            headers = {"Authorization": f"Bearer {token}"} if who else {}
            asked = asyncio.ensure_future(client.request(method, path, headers=headers))
            if meanwhile is not None:
                await asyncio.sleep(0.05)
                assert not asked.done()
                await asyncio.to_thread(meanwhile)
            return await asked

    def notices(self, who: str, query: str = "") -> list[dict[str, Any]]:
        answer = self.call("GET", f"/v1/notices{query}", who)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["notices"]
        return found


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    with simulated(tmp_path_factory.mktemp("notices") / "hub") as found:
        found.post(CONCERN.event, "A03b")
        made = Door(found)
        made.look()
        yield made


@pytest.mark.req("R-049", "H-08", "H-10", "H-14", "H-02")
def test_a_concern_is_fetched_acknowledged_and_recalled(hub: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the concern to its withdrawal, by the systems of the front door and of the school that posted.

    1. The front door's system finds it, and neither the school that posted it nor a person does.
    2. What is fetched is recorded as a disclosure, each time.
    3. An acknowledgement of another's notice, or of one that there is not, is the same 404.
    4. It is acknowledged once, whoever asks again.
    5. The retraction arrives while the system waits for more, signed; the notice itself is no more.
    """
    monkeypatch.setattr(door, "_LOOK_SECONDS", 0.02)
    record = hub.hub.hub.store.record
    (notice,) = hub.notices(N)  # 1
    assert [line["code"] for line in notice["lines"]] == ["concern"]
    assert notice["acknowledged_at"] is None and "recall" not in notice
    assert hub.notices(ELM) == hub.notices(FRONT_DOOR) == []
    child = key_stream(hub)  # 2
    before = [one.type for one in record.stream(f"access/{child}")]
    assert hub.notices(N) == [notice]
    assert [one.type for one in record.stream(f"access/{child}")][len(before) :] == [
        "record-accessed.v1", "disclosure-made.v1",
    ]  # fmt: skip

    ack = f"/v1/notices/{notice['notice']}/ack"
    for who, path in ((ELM, ack), (N, f"/v1/notices/{'0' * 8}-0000-5000-8000-{'0' * 12}/ack"),
                      (N, "/v1/notices/not-one/ack"), (FRONT_DOOR, ack)):  # fmt: skip
        refused = hub.call("POST", path, who)  # 3
        assert refused.status_code == 404
        assert {**refused.json(), "instance": ""} == {**hub.call("POST", ack, ELM).json(), "instance": ""}
    assert len(hub.notices(N, "?unacknowledged=true")) == 1
    first = hub.call("POST", ack, N)  # 4
    hub.hub.advance("2025-09-19T12:00:00+00:00")
    assert (first.status_code, hub.call("POST", ack, N).json()) == (200, first.json())
    assert hub.notices(N)[0]["acknowledged_at"] == first.json()["acknowledged_at"]
    assert hub.notices(N, "?unacknowledged=true") == []

    waited = hub.call("GET", f"/v1/notices?wait=9&cursor={notice['notice']}", N, lambda: withdraw(hub))  # 5
    (recalled,) = waited.json()["notices"]
    store = hub.hub.hub.store
    key = OKPKey.import_key(dict(store.signer.public_jwk))
    found = verify_recall(recalled, key, store.settings.id, N)
    assert (found.code, found.notices) == ("withdrawn", (notice["notice"],))
    assert [one["notice"] for one in hub.notices(N)] == [recalled["notice"]]
    assert hub.notices(ELM) == []


def key_stream(hub: Door) -> str:
    key = key_of(CONCERN)
    item = hub.hub.hub.store.record.find(key.source, key.id)
    assert item is not None
    return item.stream.removeprefix("child/")


def withdraw(hub: Door) -> None:
    key = key_of(CONCERN)
    gone = one_more("X-gone", "A03b", "event-retracted", WITHDRAWN, reason="entered-in-error",
                    about={"source": key.source, "id": key.id})  # fmt: skip
    hub.hub.post(gone.event)
    hub.look()


@pytest.mark.req("R-049", "H-12")
def test_while_the_hub_works_somebody_looks_after_notices_and_a_fault_does_not_end_that(
    hub: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The store is gone when it first looks; nobody asks it to look again."""
    faults = iter([HubError("store")])
    look = Notifying.look

    def failing(self: Notifying, now: datetime) -> None:
        for fault in faults:
            raise fault
        look(self, now)

    monkeypatch.setattr(Notifying, "look", failing)
    monkeypatch.setattr("hub.cli.looking.SHORTEST_SECONDS", 0.02)
    known, log = len(hub.notices(N)), list[str]()
    part = Notifier(hub.hub.hub, RequestLog(hub.hub.hub.store.clock.wall, log.append))
    part.start()
    try:
        more = one_more("X-more", "A03b", "incident-recorded", "2025-09-22T12:00:00+00:00",
                        role="has-been-harmed", status="alleged")  # fmt: skip
        hub.hub.post(replace(more.event, subject=f"local:{ELM}:unknown-7"))
        until = time.monotonic() + 20
        while len(found := hub.notices(N)) == known and time.monotonic() < until:
            time.sleep(0.05)
    finally:
        part.close()
    assert [line["code"] for line in found[-1]["lines"]] == ["concern"] and len(found) == known + 1
    assert part.fault is None and any("part-failed" in line for line in log)


@pytest.mark.req("H-16")
@pytest.mark.parametrize(
    ("query", "status"),
    [("?cursor=unknown", 422), ("?limit=0", 422), ("?limit=101", 422), ("?wait=31", 422), ("?wait=x", 422)],
)
def test_what_a_list_of_notices_refuses(hub: Door, query: str, status: int) -> None:
    assert hub.call("GET", f"/v1/notices{query}", N).status_code == status
