"""A small real HTTP server that takes signed events as the contract says, and misbehaves on request."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc import jws, jwt
from joserfc.jwk import OKPKey
from joserfc.registry import HeaderParameter

HUB_ID = "https://hub.example.test"
_EVENTS = jws.JWSRegistry(
    {"iat": HeaderParameter("Issued at", "int", True), "aud": HeaderParameter("Audience", "str", True)},
    algorithms=["Ed25519", "ES256"],
)


def b64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def merkle_root(leaves: list[bytes]) -> bytes:
    """RFC 9162 2.1.1, as written there."""
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    half = 1 << ((len(leaves) - 1).bit_length() - 1)
    return hashlib.sha256(b"\x01" + merkle_root(leaves[:half]) + merkle_root(leaves[half:])).digest()


def merkle_path(index: int, leaves: list[bytes]) -> list[bytes]:
    """RFC 9162 2.1.3.1, as written there."""
    if len(leaves) == 1:
        return []
    half = 1 << ((len(leaves) - 1).bit_length() - 1)
    if index < half:
        return [*merkle_path(index, leaves[:half]), merkle_root(leaves[half:])]
    return [*merkle_path(index - half, leaves[half:]), merkle_root(leaves[:half])]


def sign_note(key: Ed25519PrivateKey, name: str, size: int, root: bytes) -> str:
    """A checkpoint as C2SP describes it."""
    body = f"{name}\n{size}\n{base64.b64encode(root).decode()}\n"
    public = key.public_key().public_bytes_raw()
    short = hashlib.sha256(name.encode() + b"\x0a\x01" + public).digest()[:4]
    line = base64.b64encode(short + key.sign(body.encode())).decode()
    return f"{body}\n— {name} {line}\n"


@dataclass
class Held:
    payload: bytes
    leaf: bytes
    receipt: str
    claims: dict[str, object]


@dataclass
class SmallHub:
    """What the server holds and how it will misbehave: one behaviour is used up by each post."""

    keys: dict[str, OKPKey] = field(default_factory=dict)
    client_keys: dict[str, OKPKey] = field(default_factory=dict)
    held: dict[tuple[str, str], Held] = field(default_factory=dict)
    order: list[tuple[str, str]] = field(default_factory=list)
    received: list[bytes] = field(default_factory=list)
    behaviours: list[str] = field(default_factory=list)
    refuse: dict[str, tuple[int, str] | tuple[int, str, str]] = field(default_factory=dict)
    warnings: list[dict[str, str]] = field(default_factory=list)
    before_reply: Callable[[str], None] | None = None
    jtis: set[str] = field(default_factory=set)
    tokens: set[str] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)
    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    url: str = ""
    prove: bool = False
    waiting: list[dict[str, object]] = field(default_factory=list)
    resolved: list[dict[str, str]] = field(default_factory=list)

    @property
    def public(self) -> OKPKey:
        return OKPKey.import_key(self.key.public_key())

    def take(self, compact: bytes) -> tuple[int, dict[str, object]]:
        key = self.keys.get(_header(compact)["kid"])
        if key is None:
            return _problem(401, "key-unknown")
        opened = jws.deserialize_compact(compact, key, registry=_EVENTS)
        assert opened.headers()["aud"] == HUB_ID
        assert opened.headers()["typ"] == "safeguarding-event+jws"
        event = json.loads(opened.payload)
        name = (event["source"], event["id"])
        with self.lock:
            self.received.append(opened.payload)
            held = self.held.get(name)
            if held is None and event["id"] in self.refuse:
                return _problem(*self.refuse[event["id"]])
            if held is not None:
                return (
                    (200, self.answer(held)) if held.payload == opened.payload else _problem(409, "conflict")
                )
            salt = hashlib.sha256(event["id"].encode()).digest()
            digest = b64url(hashlib.sha256(salt + opened.payload).digest())
            leaf = f"hub-leaf/1\nevent\n{name[0]}\n{name[1]}\n{digest}\n"
            claims: dict[str, object] = {
                "event": {"source": name[0], "id": name[1]},
                "subject": event["subject"],
                "received_at": "2025-09-12T15:00:00Z",
                "leaf_index": len(self.order),
                "leaf_data": leaf,
                "salt": b64url(salt),
                "warnings": self.warnings,
                "policy_version": "test",
            }
            held = Held(opened.payload, leaf.encode(), self.sign(claims), claims)
            self.held[name] = held
            self.order.append(name)
            return 201, self.answer(held)

    def sign(self, claims: dict[str, object]) -> str:
        key = OKPKey.import_key(self.key)
        header = {"alg": "Ed25519", "kid": key.thumbprint(), "typ": "safeguarding-receipt+jws"}
        return jws.serialize_compact(header, json.dumps(claims).encode(), key, algorithms=["Ed25519"])

    def answer(self, held: Held) -> dict[str, object]:
        proof = self.proof(held) if self.prove else None
        return {"receipt": held.receipt, "claims": held.claims, "proof": proof}

    def proof(self, held: Held) -> dict[str, object]:
        leaves = [self.held[name].leaf for name in self.order]
        index = leaves.index(held.leaf)
        return {
            "checkpoint": sign_note(self.key, HUB_ID, len(leaves), merkle_root(leaves)),
            "inclusion": [base64.b64encode(step).decode() for step in merkle_path(index, leaves)],
        }


def _header(compact: bytes) -> dict[str, str]:
    first = compact.split(b".")[0]
    return json.loads(base64.urlsafe_b64decode(first + b"=" * (-len(first) % 4)))


def _problem(
    status: int, slug: str, detail: str = "", rule: str | None = None
) -> tuple[int, dict[str, object]]:
    return status, {
        "type": f"/problems/{slug}", "title": "refused", "status": status, "detail": detail, "rule": rule
    }  # fmt: skip


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    hub: SmallHub

    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/oauth/token":
            return self._token(body)
        if self.headers["Authorization"].removeprefix("Bearer ") not in self.hub.tokens:
            return self._json(*_problem(401, "token"))
        if self.path == "/v1/identity/resolve":
            self.hub.resolved.append(json.loads(body))
            self.hub.waiting.clear()
            return self._json(200, {})
        if self.path == "/v1/events/batch":
            assert self.headers["Content-Type"] == "application/jose-lines"
            results = []
            for line in body.split(b"\n"):
                status, answer = self.hub.take(line)
                good = status in (200, 201)
                results.append({"status": status, **(answer if good else {"problem": answer})})
            return self._json(200, {"results": results})
        assert self.headers["Content-Type"] == "application/jose"
        behaviour = self.hub.behaviours.pop(0) if self.hub.behaviours else "take"
        if behaviour == "503":
            return self._json(*_problem(503, "store"))
        if behaviour == "429":
            return self._json(*_problem(429, "rate"), retry_after="7")
        if behaviour == "404-html":
            return self._json(404, {})
        if behaviour == "drop-before":
            return self._drop()
        status, answer = self.hub.take(body)
        if self.hub.before_reply is not None:
            self.hub.before_reply(_event_id(body))
        if behaviour == "drop-after":
            return self._drop()
        if behaviour == "truncate":
            return self._json(status, answer, cut=20)
        self._json(status, answer)

    def do_GET(self) -> None:
        if self.path.startswith("/v1/identity/queue"):
            return self._json(200, {"queue": self.hub.waiting})
        organisation, id_ = self.path.removeprefix("/v1/events/").removesuffix("/receipt").split("/")
        held = self.hub.held.get((f"urn:safeguarding:org:{organisation}", id_))
        self._json(*(_problem(404, "not-found") if held is None else (200, self.hub.answer(held))))

    def _token(self, body: bytes) -> None:
        form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        key = self.hub.client_keys.get(form["client_id"])
        if key is None:
            return self._json(401, {"error": "invalid_client"})
        claims = jwt.decode(form["client_assertion"], key, algorithms=["Ed25519", "ES256"]).claims
        assert form["grant_type"] == "client_credentials"
        assert form["client_assertion_type"] == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
        assert claims["iss"] == claims["sub"] == form["client_id"]
        assert claims["aud"] == f"{self.hub.url}/oauth/token"
        assert claims["jti"] not in self.hub.jtis
        self.hub.jtis.add(claims["jti"])
        token = f"token-{len(self.hub.jtis)}"
        self.hub.tokens.add(token)
        self._json(200, {"access_token": token, "token_type": "Bearer", "expires_in": 300})

    def _drop(self) -> None:
        self.close_connection = True
        self.connection.close()

    def _json(
        self, status: int, value: dict[str, object], *, retry_after: str | None = None, cut: int | None = None
    ) -> None:
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if retry_after is not None:
            self.send_header("Retry-After", retry_after)
        self.end_headers()
        self.wfile.write(body[:cut])
        if cut is not None:
            self.close_connection = True


def _event_id(compact: bytes) -> str:
    payload = compact.split(b".")[1]
    return str(json.loads(base64.urlsafe_b64decode(payload + b"=" * (-len(payload) % 4)))["id"])


class _QuietServer(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        pass  # a client that was killed leaves a broken pipe; assertions show as missing answers


@contextmanager
def serving() -> Iterator[SmallHub]:
    hub = SmallHub()
    handler = type("Handler", (_Handler,), {"hub": hub})
    server = _QuietServer(("127.0.0.1", 0), handler)
    hub.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
