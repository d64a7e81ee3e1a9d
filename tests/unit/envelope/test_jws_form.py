import json

import pytest

from hub.envelope import MAX_EVENT_BYTES, parse
from hub.errors import HubError
from tests.unit.envelope.signing import AUDIENCE, ED25519, NOW, event, glue, header, sign

PAYLOAD = json.dumps(event()).encode()
HEADERS = {
    "alg none": {"alg": "none"},
    "alg None": {"alg": "None"},
    "HMAC": {"alg": "HS256"},
    "RSA": {"alg": "RS256"},
    "alg as a number": {"alg": 1},
    "alg missing": {"alg": ...},
    "jku": {"jku": "https://keys.example/jwks"},
    "jwk": {"jwk": {"kty": "OKP"}},
    "x5u": {"x5u": "https://keys.example/x5u"},
    "x5c": {"x5c": ["MIIB"]},
    "b64": {"b64": False},
    "unknown crit": {"crit": ["exp"], "exp": 1},
    "b64 with crit": {"b64": False, "crit": ["b64"]},
    "kid missing": {"kid": ...},
    "kid of another form": {"kid": "key-1"},
    "typ missing": {"typ": ...},
    "typ of another thing": {"typ": "JWT"},
    "iat missing": {"iat": ...},
    "iat as text": {"iat": "1757687400"},
    "iat as a boolean": {"iat": True},
    "iat with a fraction": {"iat": 1757687400.5},
    "iat before 1970": {"iat": -1},
    "iat beyond any time": {"iat": 9007199254740992},
    "aud missing": {"aud": ...},
    "aud as a list": {"aud": [AUDIENCE]},
}


@pytest.mark.req("H-01")
@pytest.mark.parametrize("changes", HEADERS.values(), ids=HEADERS.keys())
def test_header_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(HubError) as refused:
        parse(glue(header(**changes), PAYLOAD))
    assert refused.value.slug == "signature"


def _stray_bits(compact: bytes) -> bytes:
    head, payload, signature = compact.split(b".")
    alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return b".".join((head, payload, signature[:-1] + alphabet[alphabet.index(signature[-1:]) | 1 :][:1]))


TEXTS = {
    "nothing": b"",
    "two parts": b"e30.e30",
    "five parts": sign() + b".e30.e30",
    "detached payload": b"e30..AAAA",
    "JSON serialisation": b'{"payload":"e30"}',
    "padding": sign() + b"==",
    "a space": sign() + b" ",
    "a line end": sign() + b"\n",
    "the other alphabet": sign().replace(b"-", b"+").replace(b"_", b"/") + b"+",
    "stray last bits": _stray_bits(sign()),
    "a part of impossible length": sign() + b"A",
    "not ASCII": sign() + "é".encode(),
    "a short signature": glue(header(), PAYLOAD, b"\0" * 63),
    "a long signature": glue(header(), PAYLOAD, b"\0" * 65),
    "a header that is no JSON": glue(b"header", PAYLOAD),
    "a header that is no object": glue(b"[]", PAYLOAD),
    "a header with a duplicate member": glue(
        json.dumps(header()).encode().replace(b'{"alg": "Ed25519",', b'{"alg": "none", "alg": "Ed25519",'),
        PAYLOAD,
    ),
}


@pytest.mark.req("H-01")
@pytest.mark.parametrize("compact", TEXTS.values(), ids=TEXTS.keys())
def test_text_is_refused(compact: bytes) -> None:
    with pytest.raises(HubError) as refused:
        parse(compact)
    assert refused.value.slug == "signature"


@pytest.mark.req("H-01")
def test_129_kib_are_too_large_and_128_are_parsed() -> None:
    filler = glue(header(), b"x")
    room = (MAX_EVENT_BYTES - len(filler)) // 4 * 3
    fits = glue(header(), b"x" * room)
    assert MAX_EVENT_BYTES - 4 < len(fits) <= MAX_EVENT_BYTES
    assert parse(fits).payload == b"x" * room
    with pytest.raises(HubError) as refused:
        parse(glue(header(), b"x" * (129 * 1024 * 3 // 4)))
    assert refused.value.slug == "too-large"
    assert refused.value.status == 413


@pytest.mark.req("H-01")
def test_parse_keeps_the_bytes_and_reads_the_header() -> None:
    compact = sign(PAYLOAD)
    signed = parse(compact)
    assert signed.compact == compact
    assert signed.payload == PAYLOAD
    assert signed.header.alg == "Ed25519"
    assert signed.header.kid == ED25519.thumbprint()
    assert signed.header.iat == int(NOW.timestamp())
    assert signed.header.aud == AUDIENCE


@pytest.mark.req("H-01")
def test_a_payload_is_not_read_before_it_is_verified() -> None:
    assert parse(glue(header(), b"\xff not JSON")).payload == b"\xff not JSON"
