"""Agencies under faults: what each of them tried, what it was told, and what stands in its own store."""

from __future__ import annotations

import re
import time
from base64 import urlsafe_b64decode
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import httpx
import orjson

from agencies.sdk.client import Accepted, Answer, HubClient, HubUnavailable
from agencies.sdk.json import JsonObject
from agencies.sdk.kafka import (
    KafkaAccess,
    KafkaReceiver,
    KafkaSender,
    case_secret,
    notices_topic,
    record_key,
)
from agencies.sdk.keys import SigningKey, load_key, paths_of
from agencies.sdk.mailbox import Came, Mailbox
from agencies.sdk.outbox import Outbox
from agencies.sdk.receipts import verify_receipt
from agencies.sdk.retry import Patience
from agencies.sdk.sign import sign_event
from tests.support.checker import Attempt, History, Outcome
from tests.support.faults_hub import HUB_ID, patient
from tests.support.load import Bound, Load, Poster, PostingLoad
from tests.support.relayed import read_all

ONE_TRY = Patience(attempts=1)
GIVE_UP_SECONDS = 180.0
UNKNOWN_SECONDS = 0.1
"""So long a client waits before it tries again what it knows nothing of."""
REST_SECONDS = 60.0
"""So long an agency may take, at the end, to take in what is in its topic."""
AGAIN_SECONDS = 15.0
"""So long an agency waits for the answer to what it handed over before it hands it over again."""
_SLUG = re.compile(rb'"type":"[^"]*/([a-z-]+)"')


class NotedLoad(PostingLoad):
    """Posts one event after another over HTTP, each until it is answered for certain; every try is noted.

    Shape: `answers` counts what came back by status and slug. Units: `pause` between two posts in seconds.
    """

    def __init__(
        self,
        hub: str,
        poster: Poster,
        keys: Path,
        bound: Bound,
        seed: int,
        history: History,
        pause: float = 0.0,
    ) -> None:
        super().__init__(hub, poster, keys, HUB_ID, bound, seed)
        self._pause = pause
        self.history = history
        self.keys = keys
        self.answers: Counter[tuple[int, str]] = Counter()
        self._numbers: dict[str, int] = {}
        self.let_go()
        client_key = load_key(paths_of(keys, poster.organisation, "client")[0])
        http = httpx.Client(timeout=httpx.Timeout(20.0, connect=2.0), event_hooks={"response": [self._came]})
        self._client = HubClient(hub, poster.organisation, client_key, patience=ONE_TRY, http=http)

    def step(self, number: int) -> None:
        super().step(number)
        self._asked_to_end.wait(self._pause)

    def post(self, payload: bytes) -> Accepted:
        """Send until it is accepted; a refusal of what is right is a fault of the test."""
        ends = time.monotonic() + patient(GIVE_UP_SECONDS)
        while True:
            answer = self._try(payload)
            if isinstance(answer, Accepted):
                self.statuses.append(answer.status)
                return answer
            assert answer is None, f"refused: {answer}"
            assert time.monotonic() < ends, "no answer for a long time"
            time.sleep(UNKNOWN_SECONDS)

    def _try(self, payload: bytes) -> Answer | None:
        """One try, noted; None where nothing is known of it."""
        now = datetime.now(UTC)  # noqa: TID251  an agency reads its own clock
        signed = sign_event(payload, self._key, audience=self._audience, now=now)
        event = orjson.loads(payload)
        id, subject = str(event["id"]), str(event["subject"])
        number = self._numbers.setdefault(id, len(self._numbers))
        began = time.monotonic()
        answer: Answer | None = None
        with suppress(HubUnavailable):
            answer = self._client.post(signed)
        outcome: Outcome = "unknown" if answer is None else "refused"
        receipt = ""
        if isinstance(answer, Accepted):
            outcome, receipt = "ok", answer.receipt
        self.history.note(Attempt(self.name, number, id, subject, outcome, receipt, began, time.monotonic()))
        return answer

    def _came(self, answer: httpx.Response) -> None:
        slug = ""
        if answer.status_code >= 400:
            found = _SLUG.search(answer.read())
            slug = found[1].decode() if found else "?"
        self.answers[answer.status_code, slug] += 1


class KafkaAgency(Load):
    """An agency's system over Kafka: hands over from its outbox in order, and takes in what comes back.

    Shape: `handed` is the history of handing over, to be judged by the topic; `history` that of what was
    answered, to be judged by the record. `repeats` counts the messages that came again and changed nothing;
    `twice` the events with more receipts that counted than records that were handed over.
    """

    def __init__(
        self, poster: Poster, keys: Path, hub_key: SigningKey, bootstrap: str, bound: Bound, seed: int,
        history: History, file: Path, pause: float = 0.0,
    ) -> None:  # fmt: skip
        super().__init__(f"kafka-{poster.name}", "http://127.0.0.1", bound, seed)
        self.poster = poster
        self.handed = History()
        self.history = history
        self.repeats = 0
        self.receipts: Counter[str] = Counter()
        self.notices: list[str] = []
        self._keys = keys
        self._hub_key = hub_key
        self._access = KafkaAccess(bootstrap, {})
        self._file = file
        self._pause = pause
        self._making = PostingLoad(self.hub, poster, keys, HUB_ID, bound, seed)
        self._number: dict[str, int] = {}
        self._sender: KafkaSender | None = None
        self._receiver: KafkaReceiver | None = None

    @property
    def acknowledged(self) -> int:
        return len(self.receipts)

    def run(self) -> None:
        """Work until told to end, then until everything that was handed over has its receipt."""
        ends = time.monotonic() + self.bound.seconds
        try:
            with Outbox(self._file) as box:
                mailbox = Mailbox(box, self.poster.organisation, self._check)
                number = 0
                while not self._asked_to_end.is_set() and number < self.bound.items:
                    if time.monotonic() > ends:
                        break
                    payload, id, _ = self._making._event(number)
                    self._number[id] = number
                    box.add(payload)
                    number += 1
                    self._turn(box, mailbox)
                    self._asked_to_end.wait(self._pause)
                ends = time.monotonic() + patient(GIVE_UP_SECONDS)
                while box.items("queued"):
                    assert time.monotonic() < ends, f"{len(box.items('queued'))} never got a receipt"
                    self._turn(box, mailbox)
                self._turn(box, mailbox, 0.5)
        except BaseException as fault:
            self.fault = fault
        finally:
            self._let_go_of_both()
            self._making.let_go()

    def take_rest(self) -> None:
        """Take in the notices that have come since the load ended."""
        topic = notices_topic(self.poster.organisation)
        sent = {one.headers["id"] for one in read_all(self._access.bootstrap, topic)}
        ends = time.monotonic() + patient(REST_SECONDS)
        try:
            with Outbox(self._file) as box:
                mailbox = Mailbox(box, self.poster.organisation, self._check)
                while not sent <= set(self.notices):
                    assert time.monotonic() < ends, "notices that stand in the topic were not taken in"
                    self._turn(box, mailbox)
        finally:
            self._let_go_of_both()

    def _turn(self, box: Outbox, mailbox: Mailbox, seconds: float = 0.05) -> None:
        """Hand over what waits, and take in what has come; without brokers, another time."""
        organisation, secret = self.poster.organisation, case_secret(self._keys, self.poster.organisation)
        try:
            if self._sender is None:
                self._sender = KafkaSender(self._access)
            mailbox.hand_over(
                self._send, self._sign, lambda subject: record_key(organisation, subject, secret),
                again_after=AGAIN_SECONDS,
            )  # fmt: skip
            if self._receiver is None:
                self._receiver = KafkaReceiver(self._access, mailbox.topics, mailbox.places())
            for message in self._receiver.poll(seconds):
                self._took(box, mailbox.take(message))
        except HubUnavailable:
            self._let_go_of_both()
            time.sleep(0.1)

    def _sign(self, payload: bytes) -> str:
        now = datetime.now(UTC)  # noqa: TID251  an agency reads its own clock
        return sign_event(payload, self._making._key, audience=HUB_ID, now=now)

    def _send(self, signed: str, key: str) -> None:
        assert self._sender is not None
        event = orjson.loads(urlsafe_b64decode(signed.split(".")[1] + "=="))
        id, began = str(event["id"]), time.monotonic()
        outcome: Outcome = "unknown"
        try:
            self._sender.send(signed, key)
            outcome = "ok"
        finally:
            number, ended = self._number[id], time.monotonic()
            self.handed.note(Attempt(self.name, number, id, key, outcome, "", began, ended))
            # That the brokers have it is no answer of the hub.
            self.history.note(
                Attempt(self.name, number, id, str(event["subject"]), "unknown", "", began, ended)
            )

    def _took(self, box: Outbox, came: Came) -> None:
        assert came.kind not in ("refusal", "untrue"), f"{came.kind}: {came.slug}"
        if came.kind == "known":
            self.repeats += 1
        elif came.kind == "notice":
            self.notices.append(came.id)
        elif came.kind == "receipt":
            self.receipts[came.id] += 1
            item = box.find(f"urn:safeguarding:org:{self.poster.organisation}", came.id)
            assert item.answer is not None
            now, subject = time.monotonic(), orjson.loads(box.payload(item))["subject"]
            receipt = str(item.answer["receipt"])
            self.history.note(
                Attempt(self.name, self._number[came.id], came.id, subject, "ok", receipt, now, now)
            )

    def _check(self, answer: JsonObject, payload: bytes) -> object:
        return verify_receipt(answer, payload, self._hub_key, HUB_ID)

    def _let_go_of_both(self) -> None:
        sender, self._sender = self._sender, None
        receiver, self._receiver = self._receiver, None
        if sender is not None:
            sender.__exit__(None, None, None)
        if receiver is not None:
            receiver.__exit__(None, None, None)
