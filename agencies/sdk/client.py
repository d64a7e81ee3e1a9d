"""Talking to the hub over HTTP as an agency's system."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Final, Self, TypeAlias
from urllib.parse import quote

import httpx
from joserfc import jwt

from agencies.sdk.json import JsonObject, JsonValue, list_of, object_from, object_of, text_of
from agencies.sdk.keys import SigningKey, algorithm_of, thumbprint
from agencies.sdk.retry import RETRY_STATUS, Patience

_SLUG: Final = re.compile(r"[a-z][a-z-]{0,39}\Z")
_RULE: Final = re.compile(r"[A-Za-z0-9.-]{1,40}\Z")
# Printable ASCII on one line: nothing that moves a cursor, hides a line or looks like another.
_SENTENCE: Final = re.compile(r"[ -~]{1,1000}\Z")
_ASSERTION: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_ASSERTION_LIFETIME: Final = 60
_EARLY: Final = 30.0
_NOT_KNOWN: Final = (
    "The hub does not accept this client key: is it registered there, and is this machine's clock right?"
)
BATCH_EVENTS: Final = 1_000
BATCH_BYTES: Final = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Remark:
    """What the hub notes beside an event that it holds: what is missing of it, by which rule and source."""

    rule: str
    text: str
    source: str


@dataclass(frozen=True, slots=True)
class Accepted:
    """The hub has the event durably: its receipt, the same in clear, and the proof once there is one.

    Shape: `status` is 201 the first time and 200 for the same content again.
    """

    status: int
    receipt: str
    claims: JsonObject
    proof: JsonObject | None

    @property
    def remarks(self) -> tuple[Remark, ...]:
        """What the receipt notes beside the event."""
        return remarks_in(self.claims)


@dataclass(frozen=True, slots=True)
class Refused:
    """The hub refused; `slug` is from its closed list, `rule` names the rule that decided, if one did.

    Shape: `detail` is the hub's sentence on what is wrong, empty where it gave none that can be shown.
    """

    status: int
    slug: str
    rule: str | None = None
    detail: str = field(default="", compare=False)


Answer: TypeAlias = Accepted | Refused


class HubUnavailable(Exception):
    """No answer that can be relied on: the event may or may not be held; sending it again is safe."""


class HubClient:
    """One organisation's connection to the hub.

    Trust: the hub's answers are read for form; of their texts only plain sentences on one line are taken.
    """

    def __init__(
        self,
        hub: str,
        organisation: str,
        client_key: SigningKey,
        *,
        patience: Patience | None = None,
        http: httpx.Client | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.hub: Final = hub.rstrip("/")
        self.organisation: Final = organisation
        self._key: Final = client_key
        self._patience: Final = patience or Patience()
        self._http: Final = http or httpx.Client(timeout=httpx.Timeout(10.0, connect=5.0))
        self._sleep: Final = sleep
        self._token: str = ""
        self._token_until: float = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the connections back."""
        self._http.close()

    def post(self, signed: str) -> Answer:
        """Post one signed event.

        Raises: HubUnavailable when the hub could not be reached or kept saying "not now".
        """
        return answer_from(
            self._send("POST", "/v1/events", content=signed.encode(), media_type="application/jose")
        )

    def post_batch(self, signed: Sequence[str]) -> list[Answer]:
        """Post many signed events in one request; the answers stand in the order of the events.

        Raises: HubUnavailable as for one; ValueError beyond 1,000 events or 8 MiB.
        """
        body = "\n".join(signed).encode()
        if len(signed) > BATCH_EVENTS or len(body) > BATCH_BYTES:
            raise ValueError("a batch holds at most 1,000 events and 8 MiB")
        response = self._send("POST", "/v1/events/batch", content=body, media_type="application/jose-lines")
        if response.status_code != 200:
            return [refusal_from(response.status_code, object_from(response.content))] * len(signed)
        results = list_of(object_from(response.content) or {}, "results")
        if len(results) != len(signed):
            raise HubUnavailable("the batch was answered with another number of results")
        return [_result(one) for one in results]

    def receipt(self, event_id: str) -> Answer:
        """The receipt of an own event, with its proof as soon as a checkpoint covers it."""
        path = f"/v1/events/{quote(self.organisation, safe='')}/{quote(event_id, safe='')}/receipt"
        return answer_from(self._send("GET", path))

    def notices(self, cursor: str | None = None, *, wait: int = 0) -> JsonObject:
        """What the organisation was told after a cursor: `notices`, oldest first, and the next `cursor`.

        Shape: where there is nothing yet, the hub answers after `wait` seconds at the latest, at most 30.
        Raises: HubUnavailable, also where the hub refuses: nothing can be said of what there is.
        """
        query = f"?wait={wait}" + (f"&cursor={quote(cursor, safe='')}" if cursor else "")
        response = self._send("GET", f"/v1/notices{query}", seconds=wait)
        found = object_from(response.content) if response.status_code == 200 else None
        if found is None:
            raise HubUnavailable("the hub gave no list of notices")
        return found

    def acknowledge(self, notice: str) -> bool:
        """Say that a notice has arrived; False where the hub knows no such notice of this organisation.

        Raises: HubUnavailable.
        """
        return self._send("POST", f"/v1/notices/{quote(notice, safe='')}/ack").status_code == 200

    def _send(
        self, method: str, path: str, *, content: bytes | None = None, media_type: str | None = None,
        seconds: float = 0.0,
    ) -> httpx.Response:  # fmt: skip
        """Send, and send again while the answer is unknown or "not now".

        1. With a valid token, send the bytes.
        2. A refused token is renewed once; the hub may have restarted.
        3. No answer, or an answer that says "not now": wait and go to 1, else give the answer back.
        Shape: the hub may take `seconds` longer than usual for its answer.
        Raises: HubUnavailable when the attempts are used up.
        """
        renewed = False
        waits = self._patience.waits()
        while True:
            asked: str | None = None
            try:
                response = self._once(method, path, content, media_type, seconds)  # 1
                if response.status_code == 401 and not renewed and _slug(response) == "token":  # 2
                    renewed, self._token = True, ""
                    continue
                if response.status_code not in RETRY_STATUS:  # 3
                    return response
                asked = response.headers.get("Retry-After")
            except httpx.TransportError:
                pass  # the request may have arrived: sending the same bytes again is answered the same
            wait = next(waits, None)
            if wait is None:
                raise HubUnavailable("the hub gave no lasting answer")
            self._sleep(self._patience.bounded(asked, wait))

    def _once(
        self, method: str, path: str, content: bytes | None, media_type: str | None, seconds: float
    ) -> httpx.Response:
        if not self._token or time.monotonic() >= self._token_until:
            refusal = self._renew()
            if refusal is not None:
                return refusal
        headers = {"Authorization": f"Bearer {self._token}"}
        if media_type is not None:
            headers["Content-Type"] = media_type
        usual = self._http.timeout
        patient = httpx.Timeout(
            connect=usual.connect, write=usual.write, pool=usual.pool,
            read=None if usual.read is None else usual.read + seconds,
        )  # fmt: skip
        return self._http.request(method, self.hub + path, content=content, headers=headers, timeout=patient)

    def _renew(self) -> httpx.Response | None:
        """Get an access token with a signed assertion; a refusal is given back as it came.

        Source: RFC 7523 2.2; RFC 6749 4.4.
        """
        endpoint = f"{self.hub}/oauth/token"
        now = int(time.time())
        algorithm = algorithm_of(self._key)
        assertion = jwt.encode(
            {"alg": algorithm, "kid": thumbprint(self._key), "typ": "JWT"},
            {
                "iss": self.organisation,
                "sub": self.organisation,
                "aud": endpoint,
                "iat": now,
                "exp": now + _ASSERTION_LIFETIME,
                "jti": str(uuid.uuid4()),
            },
            self._key,
            algorithms=[algorithm],
        )
        response = self._http.post(
            endpoint,
            data={
                "grant_type": "client_credentials",
                "client_id": self.organisation,
                "client_assertion_type": _ASSERTION,
                "client_assertion": assertion,
            },
        )
        body = object_from(response.content) or {}
        token, lifetime = text_of(body, "access_token"), body.get("expires_in")
        if response.status_code != 200 or not token:
            return response if response.status_code != 200 else httpx.Response(502)
        self._token = token
        seconds = float(lifetime) if isinstance(lifetime, int | float) else 60.0
        self._token_until = time.monotonic() + max(1.0, seconds - _EARLY)
        return None


def answer_from(response: httpx.Response) -> Answer:
    """Read one answer about one event.

    Raises: HubUnavailable where it says accepted but holds no receipt: that is no answer to rely on.
    """
    body = object_from(response.content)
    if response.status_code in (200, 201):
        return accepted_from(response.status_code, body or {})
    return refusal_from(response.status_code, body)


def _result(one: JsonValue) -> Answer:
    body = one if isinstance(one, dict) else {}
    status = body.get("status")
    if not isinstance(status, int):
        raise HubUnavailable("a result of the batch has no status")
    if status in (200, 201):
        return accepted_from(status, body)
    return refusal_from(status, object_of(body, "problem") or body)


def accepted_from(status: int, body: JsonObject) -> Accepted:
    """Read an acceptance.

    Raises: HubUnavailable where it holds no receipt.
    """
    receipt, claims = text_of(body, "receipt"), object_of(body, "claims")
    if not receipt or claims is None:
        raise HubUnavailable("an acceptance without a receipt")
    return Accepted(status, receipt, claims, object_of(body, "proof"))


def remarks_in(claims: JsonObject) -> tuple[Remark, ...]:
    """The remarks of a receipt that can be shown."""
    found = (one for one in list_of(claims, "warnings") if isinstance(one, dict))
    remarks = (Remark(*(text_of(one, name) for name in ("rule", "text", "source"))) for one in found)
    return tuple(
        one
        for one in remarks
        if _RULE.match(one.rule)
        and _SENTENCE.match(one.text)
        and (not one.source or _SENTENCE.match(one.source))
    )


def refusal_from(status: int, problem: JsonObject | None) -> Refused:
    """Codes and one plain sentence are taken over: a hostile or broken server cannot draw on a screen."""
    body = problem or {}
    slug = text_of(body, "type").rsplit("/", 1)[-1]
    rule, detail = text_of(body, "rule"), text_of(body, "detail")
    if not _SLUG.match(slug):
        # the token endpoint answers in OAuth's own form, where 400 and 401 mean the client is not known
        slug, detail = "unknown", ""
        if status in (400, 401) and text_of(body, "error"):
            slug, detail = "token", _NOT_KNOWN
    return Refused(
        status, slug, rule if _RULE.match(rule) else None, detail if _SENTENCE.match(detail) else ""
    )


def _slug(response: httpx.Response) -> str:
    return refusal_from(response.status_code, object_from(response.content)).slug
