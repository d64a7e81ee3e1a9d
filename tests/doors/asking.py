"""One caller at one hub's doors: every question it asks, and all of every answer that it can hold."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import quote

import httpx

from hub.cli.demo_world import ADMINISTRATOR, REVIEWER, posters, readers
from tests.doors.hubs import METRICS_TOKEN, STRANGERS, Doors

NOBODY = "00000000-0000-4000-8000-000000000000"
# The ledger's place of an own post is its poster's; so is the proof of it.
LEDGER_PLACE = frozenset({"leaf_index", "leaf_data", "salt"})
PROOF = "proof"
RECEIPT = "receipt"
OF_ONE_REQUEST = frozenset({b"trace-id", b"disclosure-id", b"set-cookie"})

# The names of an answer and of a problem are random.
RANDOM_NAMES = re.compile(rb'"(disclosure_id|instance)":"[^"]+"')
LEDGER = "/v1/ledger/"
"""How far the ledger has grown is told to witnesses and officers, whoever posted what: it names nothing."""

Depth = Literal["brief", "usual", "thorough"]
Answered = tuple[int, tuple[tuple[bytes, bytes], ...], bytes]


@dataclass(frozen=True)
class Caller:
    """Who asks: a person, an organisation's system, a scraper, or nobody; for what, of which children."""

    name: str
    who: str
    purpose: str = "assessment"
    children: tuple[str, ...] = ()

    @property
    def organisation(self) -> str:
        return self.who.partition("/")[0]


def callers(scenario: str) -> dict[str, Caller]:
    """Everybody who calls: the readers of the matrix, those beside them, systems, strangers, and nobody."""
    found = [Caller(one.name, one.person, one.purpose, one.children) for one in readers(scenario)]
    found += [
        Caller("identity reviewer", REVIEWER, "identity-review"),
        Caller("demo administrator", ADMINISTRATOR, "oversight"),
        Caller("stranger", f"{STRANGERS}/dsl-1", "education-safety"),
        *(Caller(f"system {one}", one) for one in (*posters(scenario), STRANGERS)),
        Caller("scraper", METRICS_TOKEN),
        Caller("nobody", ""),
    ]
    if scenario == "scenario-a":
        found.append(Caller("officer of Oak", "education.oak-school/igo-1", "audit"))
    return {one.name: one for one in found}


@dataclass
class Visit:
    """One caller at one route; what it was answered stands in `said` under a name of the question."""

    doors: Doors
    caller: Caller
    method: str = "GET"
    template: str = ""
    depth: Depth = "usual"
    said: dict[str, Answered] = field(default_factory=dict)

    @property
    def is_person(self) -> bool:
        return "/" in self.caller.who

    @property
    def own(self) -> dict[str, str]:
        """The children that the caller has, by the scenario's names."""
        return {name: self.doors.children[name] for name in self.caller.children}

    @property
    def others(self) -> dict[str, str]:
        """Children that are not the caller's, and one who does not exist."""
        known = {name: id_ for name, id_ in self.doors.children.items() if name not in self.caller.children}
        return known | {"nobody": NOBODY}

    def references(self) -> Iterator[str]:
        """Every identifier of the scenario's children, and one that nobody has."""
        for named in self.doors.scenario.children.values():
            yield from named
        yield "nhs:9990300208"

    def __call__(
        self, label: str = "", *, path: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None, query: Mapping[str, str] | None = None, **body: Any,
    ) -> httpx.Response:  # fmt: skip
        """Ask this route one question."""
        address = self.template
        for name, value in (path or {}).items():
            address = address.replace(f"{{{name}}}", quote(value, safe="/"))
        assert "{" not in address, address
        name = f"{self.method} {self.template} {label}".strip()
        assert name not in self.said, name
        answer = self.doors.call(
            f"{self.caller.name} {name}", self.method, address, params=dict(query or {}),
            headers=self._headers() | dict(headers or {}), **body,
        )  # fmt: skip
        if not (self.template.startswith(LEDGER) and answer.status_code == 200):
            self.said[name] = kept(answer)
        return answer

    def _headers(self) -> dict[str, str]:
        if not self.caller.who:
            return {}
        is_token = self.caller.who == METRICS_TOKEN
        token = self.caller.who if is_token else self.doors.token(self.caller.who)
        return {"Authorization": f"Bearer {token}", "Access-Purpose": self.caller.purpose}


def kept(answer: httpx.Response) -> Answered:
    """All of an answer that its reader holds, but for the ledger's place of an own post.

    Shape: the sealed cookie of a session is the session's own; that one is set, and how, stays.
    """
    headers = [(name.lower(), value) for name, value in answer.headers.raw]
    others = [(name, value) for name, value in headers if name not in OF_ONE_REQUEST]
    others += [
        (name, value.partition(b"=")[0] + value[value.find(b";") :])
        for name, value in headers
        if name == b"set-cookie"
    ]
    body = RANDOM_NAMES.sub(rb'"\1":""', answer.content)
    if b'"leaf_index"' in body:
        body = json.dumps(_without_place(json.loads(body)), sort_keys=True).encode()
        others = [one for one in others if one[0] != b"content-length"]
    return answer.status_code, tuple(others), body


def _without_place(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_place(one) for one in value]
    if isinstance(value, dict):
        left = {name: one for name, one in value.items() if name not in LEDGER_PLACE}
        if isinstance(left.get(RECEIPT), str):
            left[RECEIPT] = [_without_place(part) for part in _signed(left[RECEIPT])]
        if PROOF in left:
            left[PROOF] = "the ledger's"
        return {name: _without_place(one) for name, one in left.items()}
    return value


def _signed(token: str) -> list[Any]:
    """What stands in a receipt, readable, without its signature."""
    parts = token.split(".")[:2]
    return [json.loads(base64.urlsafe_b64decode(one + "=" * (-len(one) % 4))) for one in parts]


def cookie_of(visit: Visit) -> dict[str, str]:
    """What a browser of this caller sends; nothing where the caller is no person."""
    caller = visit.caller
    if not visit.is_person:
        return {}
    children = {**visit.own, **visit.others}
    purposes = {child: [caller.purpose, "M2"] for child in children.values()}
    return {"Cookie": visit.doors.cookie(caller.who, purposes)}
