"""The readings of the demonstration, over HTTP as each reader, and the officer's trace of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import httpx

from hub.cli.compose import Hub
from hub.cli.demo_world import OFFICER, Reader, Story, readers, story
from hub.envelope import EventKey, JsonObject
from hub.errors import HubError


@dataclass(frozen=True, slots=True)
class ItemTrace:
    """One item of a reading as the officer can see it: which event, how it was decided, and why."""

    key: EventKey
    child: str
    type: str
    recorded_at: str
    shown: str
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """What one reader got of its children, with the officer's trace of every answer."""

    reader: Reader
    children: Mapping[str, str]
    entries: Mapping[str, Sequence[JsonObject]]
    overviews: Mapping[str, JsonObject]
    items: tuple[ItemTrace, ...]

    def of(self, child: str) -> tuple[ItemTrace, ...]:
        """The items of one child."""
        return tuple(one for one in self.items if one.child == child)


@dataclass(frozen=True, slots=True)
class Told:
    """What everybody in one scenario got."""

    story: Story
    readings: tuple[Reading, ...]


class Caller:
    """One person calling the hub's API."""

    def __init__(self, hub: Hub, address: str, person: str, purpose: str) -> None:
        issuer = hub.services.development_issuer
        if issuer is None:
            raise HubError("token", "The demonstration needs the development issuer.")
        self._http = httpx.Client(
            base_url=address,
            timeout=30,
            headers={"Authorization": f"Bearer {issuer.person_token(person)}", "Access-Purpose": purpose},
        )

    def find(self, identifier: str) -> str | None:
        """The hub's id of a child that the caller has a relationship with; None for any other."""
        response = self._http.get("/v1/children", params={"identifier": identifier})
        return str(response.json()["child"]) if response.status_code == 200 else None

    def get(self, path: str, **query: str) -> JsonObject:
        """The JSON answer of a call that must succeed."""
        response = self._http.get(path, params=query)
        if response.status_code != 200:
            raise HubError("store", "A reading of the demonstration was refused.")
        answer: JsonObject = response.json()
        return answer

    def pages(self, child: str) -> tuple[list[JsonObject], list[str]]:
        """All entries of a chronology, page by page, and the disclosure ids of the pages."""
        entries: list[JsonObject] = []
        disclosures: list[str] = []
        cursor = ""
        while True:
            query = {"cursor": cursor} if cursor else {}
            page = self.get(f"/v1/children/{child}/chronology", **query)
            found = page["entries"]
            assert isinstance(found, list)
            entries += found
            disclosures.append(str(page["disclosure_id"]))
            if not page["cursor"]:
                return entries, disclosures
            cursor = str(page["cursor"])


def read_everything(hub: Hub, address: str, scenario: str) -> Told:
    """Let every reader of a scenario read its children; trace each reading as the officer."""
    officer, about = Caller(hub, address, OFFICER, "audit"), story(scenario)
    found = (_read(hub, address, officer, reader, about.children) for reader in readers(scenario))
    return Told(about, tuple(found))


def _read(hub: Hub, address: str, officer: Caller, reader: Reader, identifiers: Mapping[str, str]) -> Reading:
    caller = Caller(hub, address, reader.person, reader.purpose)
    children: dict[str, str] = {}
    entries: dict[str, Sequence[JsonObject]] = {}
    overviews: dict[str, JsonObject] = {}
    items: list[ItemTrace] = []
    for name in reader.children:
        child = caller.find(identifiers[name])
        if child is None:
            continue  # the relationship has ended by the time of reading
        children[name] = child
        found, disclosures = caller.pages(child)
        entries[name] = found
        overviews[name] = caller.get(f"/v1/children/{child}/overview")
        traced: dict[EventKey, ItemTrace] = {}
        for disclosure in disclosures:
            for one in _trace(officer, disclosure, name):
                traced.setdefault(one.key, one)
        items += sorted(traced.values(), key=lambda one: one.recorded_at)
    return Reading(reader, children, entries, overviews, tuple(items))


def rules_of(overview: JsonObject, member: str, named_by: str) -> list[str]:
    """Which rules or clocks an overview has something of, each once, in its order."""
    found = overview[member]
    assert isinstance(found, list)
    return list(dict.fromkeys(str(one[named_by]) for one in found if isinstance(one, dict)))


def _trace(officer: Caller, disclosure: str, child: str) -> list[ItemTrace]:
    explained = officer.get(f"/v1/audit/accesses/{disclosure}/explanation")["items"]
    assert isinstance(explained, list)
    return [
        ItemTrace(
            EventKey(str(one["source"]), str(one["id"])),
            child,
            str(one.get("type", "")),
            str(one.get("recorded_at", "")),
            str(one["decision"]),
            tuple(dict.fromkeys(one["rules"])),
        )
        for one in explained
    ]
