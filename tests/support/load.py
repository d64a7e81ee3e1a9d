"""A bounded load on a hub on loopback: agencies that post until they are answered, and readers with a log."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random  # noqa: TID251  seeded
from urllib.parse import urlsplit

import httpx

from agencies.sdk.build import AgencyEvent, cloud_event, event_id
from agencies.sdk.client import Accepted, HubClient, HubUnavailable, Refused
from agencies.sdk.json import JsonObject
from agencies.sdk.keys import load_key, paths_of
from agencies.sdk.retry import Patience
from agencies.sdk.sign import sign_event

QUICK = Patience(attempts=4, first=0.02, longest=0.2)
EVENT_TIME = datetime(2025, 11, 20, 12, 0, tzinfo=UTC)
# Of a hub that is killed as soon as a few posts were answered, one client may miss many turns in a row.
_GIVE_UP_SECONDS = 180.0


@dataclass(frozen=True, slots=True)
class Bound:
    """How much load there is at most.

    Units: `seconds` after which nothing new is begun; what was begun is still brought to its end.
    """

    items: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A post that the hub said it holds: the signed payload's name, and the receipt of the first answer."""

    id: str
    subject: str
    payload: bytes
    receipt: str
    claims: JsonObject

    @property
    def leaf_index(self) -> int:
        found = self.claims["leaf_index"]
        assert isinstance(found, int)
        return found


@dataclass(frozen=True, slots=True)
class Poster:
    """One sequential client of an organisation: whom it posts about, and in whose name."""

    name: str
    organisation: str
    author: str
    subjects: tuple[str, ...]
    others: tuple[str, ...] = ()
    decides: bool = False

    def named(self, name: str) -> Poster:
        """The same under another name, so that its records have numbers of their own."""
        return replace(self, name=name)


@dataclass(frozen=True, slots=True)
class Question:
    """One read of a reader, as the reader would write it into its own log.

    Shape: `child` is the hub's id where the audit is to file the access under that child.
    """

    person: str
    what: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    purpose: str | None = None
    reference: str | None = None
    accept: str = "application/json"
    child: str | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with what came of it; `status` is None where no answer came."""

    question: Question
    status: int | None
    slug: str | None = None
    disclosure_id: str | None = None
    cursor: str | None = None


class Load(threading.Thread):
    """One client in a thread of its own; what went wrong in it is raised by `finish`."""

    def __init__(self, name: str, hub: str, bound: Bound, seed: int) -> None:
        super().__init__(name=name, daemon=True)
        assert urlsplit(hub).hostname == "127.0.0.1", "load is made on loopback only"
        self.hub = hub
        self.bound = bound
        self.chance = Random(seed)
        self.fault: BaseException | None = None
        self._asked_to_end = threading.Event()

    def run(self) -> None:
        ends = time.monotonic() + self.bound.seconds
        try:
            for number in range(self.bound.items):
                if self._asked_to_end.is_set() or time.monotonic() > ends:
                    return
                self.step(number)
        except BaseException as fault:
            self.fault = fault
        finally:
            self.let_go()

    def step(self, number: int) -> None:
        raise NotImplementedError

    def let_go(self) -> None:
        """Give the connections back."""

    def end(self) -> None:
        """Begin nothing new."""
        self._asked_to_end.set()

    def finish(self) -> None:
        """Wait until what was begun has come to its end."""
        self.join(self.bound.seconds + _GIVE_UP_SECONDS + 10)
        assert not self.is_alive(), f"{self.name} did not come to an end"
        if self.fault is not None:
            raise self.fault


class PostingLoad(Load):
    """Posts one event after another, each again and again until it is answered.

    Shape: every fourth post or so, one that was acknowledged is sent again, signed anew.
    """

    def __init__(
        self, hub: str, poster: Poster, keys: Path, audience: str, bound: Bound, seed: int = 0
    ) -> None:
        super().__init__(f"post-{poster.name}", hub, bound, seed)
        self.poster = poster
        self.acknowledged: list[Acknowledged] = []
        self.repeated = 0
        self.proofs: list[JsonObject] = []
        self.statuses: list[int] = []
        self._audience = audience
        self._key = load_key(paths_of(keys, poster.organisation, "events")[0])
        client_key = load_key(paths_of(keys, poster.organisation, "client")[0])
        http = httpx.Client(timeout=httpx.Timeout(10.0, connect=2.0))
        self._client = HubClient(hub, poster.organisation, client_key, patience=QUICK, http=http)

    def step(self, number: int) -> None:
        payload, id, subject = self._event(number)
        answer = self.post(payload)
        self.acknowledged.append(Acknowledged(id, subject, payload, answer.receipt, answer.claims))
        if self.chance.random() < 0.25:
            self.repeat(self.chance.choice(self.acknowledged))

    def let_go(self) -> None:
        self._client.close()

    def repeat(self, one: Acknowledged) -> None:
        """Send again what was acknowledged: held already, with the very receipt of the first answer."""
        answer = self.post(one.payload)
        assert answer.status == 200, "what was acknowledged was taken as new"
        assert answer.receipt == one.receipt, "the same content got another receipt"
        self.repeated += 1

    def post(self, payload: bytes) -> Accepted:
        """Send until there is an answer; only an acceptance will do."""
        ends = time.monotonic() + _GIVE_UP_SECONDS
        while True:
            now = datetime.now(UTC)  # noqa: TID251  an agency reads its own clock
            signed = sign_event(payload, self._key, audience=self._audience, now=now)
            try:
                answer = self._client.post(signed)
            except HubUnavailable:
                if time.monotonic() > ends:
                    raise
                continue
            assert not isinstance(answer, Refused), f"refused: {answer}"
            self.statuses.append(answer.status)
            if answer.proof is not None:
                self.proofs.append(answer.proof)
            return answer

    def _event(self, number: int) -> tuple[bytes, str, str]:
        poster = self.poster
        subject = self.chance.choice(poster.subjects).format(number=number)
        at = EVENT_TIME + timedelta(seconds=number)
        data: dict[str, object] = {"occurred_at": "2025-11-19", "precision": "day", "author": poster.author}
        if poster.decides and number % 5 == 0:
            kind = "separate-meetings-decided"
            data["separate"] = True
        else:
            kind = "initial-account-recorded"
            data |= {"source_type": "first-hand", "words": f"account {number} of {poster.name}"}
            if poster.others and number % 3 == 0:
                data["others"] = [{"ref": self.chance.choice(poster.others)}]
        record = f"{poster.name}-{number:05d}"
        event = AgencyEvent(poster.organisation, record, kind, subject, at, data)  # type: ignore[arg-type]
        return cloud_event(event), event_id(poster.organisation, record, kind), subject


class ReadingLoad(Load):
    """Asks one question after another, never the same one again for lack of an answer; keeps its own log."""

    def __init__(
        self,
        name: str,
        hub: str,
        questions: Sequence[Question],
        token_of: Callable[[str], str],
        bound: Bound,
        seed: int = 0,
    ) -> None:
        super().__init__(f"read-{name}", hub, bound, seed)
        self.questions = questions
        self.log: list[Asked] = []
        self._token_of = token_of
        self._http = httpx.Client(timeout=httpx.Timeout(20.0, connect=2.0))

    def step(self, number: int) -> None:
        question = self._next_page() or self.chance.choice(self.questions)
        asked = ask(self._http, self.hub, question, self._token_of)
        self.log.append(asked)
        if asked.status is None:
            time.sleep(0.05)

    def let_go(self) -> None:
        self._http.close()

    def _next_page(self) -> Question | None:
        """The page after the last one, half of the time that there is one."""
        last = self.log[-1] if self.log else None
        if last is None or last.cursor is None or self.chance.random() < 0.5:
            return None
        asked = last.question
        others = tuple(one for one in asked.query if one[0] != "cursor")
        return replace(asked, query=(*others, ("cursor", last.cursor)))


@dataclass
class Answers:
    """What a group of loads brought together."""

    posts: list[PostingLoad] = field(default_factory=list)
    reads: list[ReadingLoad] = field(default_factory=list)

    @property
    def all(self) -> list[Load]:
        return [*self.posts, *self.reads]

    def start(self) -> None:
        for one in self.all:
            one.start()

    def finish(self) -> None:
        """Wait for all, the readers ending with the posters."""
        for post in self.posts:
            post.finish()
        for read in self.reads:
            if self.posts:
                read.end()
            read.finish()

    @property
    def acknowledged(self) -> int:
        return sum(len(one.acknowledged) for one in self.posts)

    @property
    def log(self) -> list[Asked]:
        return [asked for one in self.reads for asked in one.log]

    def names(self, organisation: str) -> list[str]:
        """The id of everything that was acknowledged to an organisation."""
        return [
            one.id
            for load in self.posts
            if load.poster.organisation == organisation
            for one in load.acknowledged
        ]


def ask(http: httpx.Client, hub: str, question: Question, token_of: Callable[[str], str]) -> Asked:
    """One question, once."""
    headers = {"Authorization": f"Bearer {token_of(question.person)}", "Accept": question.accept}
    if question.purpose is not None:
        headers["Access-Purpose"] = question.purpose
    if question.reference is not None:
        headers["Access-Reference"] = question.reference
    try:
        answer = http.get(hub + question.path, params=list(question.query), headers=headers)
    except httpx.TransportError:
        return Asked(question, None)
    if answer.status_code != 200:
        return Asked(question, answer.status_code, str(answer.json()["type"]).rsplit("/", 1)[-1])
    if question.accept == "text/csv":
        return Asked(question, 200, None, answer.headers["Disclosure-Id"])
    found = answer.json()
    return Asked(question, 200, None, found.get("disclosure_id"), found.get("cursor"))
