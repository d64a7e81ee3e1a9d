import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc import jws
from joserfc.jwk import ECKey, OKPKey

from hub.envelope import EventKey, VerificationKey, parse, verify
from hub.envelope.keys import check_signature
from hub.errors import HubError
from tests.unit.envelope.signing import (
    AUDIENCE,
    ED25519,
    NOW,
    P256,
    event,
    glue,
    header,
    sign,
    verification_key,
    verified,
)


def refusal(compact: bytes, key: VerificationKey | None = None, now: datetime = NOW) -> HubError:
    with pytest.raises(HubError) as refused:
        verified(compact, key, now)
    return refused.value


@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
@pytest.mark.req("H-01", "H-21")
@pytest.mark.parametrize(
    ("key", "alg"),
    [(ED25519, "Ed25519"), (ED25519, "EdDSA"), (P256, "ES256")],
    ids=["Ed25519", "EdDSA", "ES256"],
)
def test_a_signed_event_is_verified(key: OKPKey | ECKey, alg: str) -> None:
    payload = json.dumps(event()).encode()
    compact = sign(payload, key, alg=alg)
    found = verified(compact, verification_key(key))
    assert found.compact == compact
    assert found.payload == payload
    assert found.kid == key.thumbprint()
    assert found.organisation == "education.elm-school"
    assert found.iat == NOW
    assert found.key == EventKey("urn:safeguarding:org:education.elm-school", "01JC8Z3V9E4T6R7K2M5N8P0Q1S")
    assert (found.type, found.version) == ("incident-recorded", 1)
    assert found.subject == "nhs:9991001018"
    assert found.time == datetime(2025, 9, 12, 14, 25, tzinfo=UTC)
    assert found.time.utcoffset() == timedelta(hours=1)
    assert found.data == event()["data"]


@pytest.mark.req("H-01")
def test_the_example_of_rfc_8037_is_verified() -> None:
    """RFC 8037 A.4: fixed key, fixed text, fixed signature."""
    signing_input = b"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc"
    signature = bytes.fromhex(
        "860c98d2297f3060a33f42739672d61b53cf3adefed3d3c672f320dc021b411e"
        "9d59b8628dc351e248b88b29468e0e41855b0fb7d83bb15be902bfccb8cd0a02"
    )
    jwk = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
    check_signature(jwk, "EdDSA", signing_input, signature)
    assert ED25519.thumbprint() == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
    with pytest.raises(HubError):
        check_signature(jwk, "EdDSA", signing_input + b"A", signature)


@pytest.mark.req("H-01")
@pytest.mark.parametrize("part", [0, 1, 2], ids=["header", "payload", "signature"])
@pytest.mark.parametrize("key", [ED25519, P256], ids=["Ed25519", "ES256"])
def test_a_flipped_byte_is_refused(key: OKPKey | ECKey, part: int) -> None:
    parts = sign(key=key).split(b".")
    middle = len(parts[part]) // 2
    old = parts[part][middle : middle + 1]
    parts[part] = parts[part][:middle] + (b"A" if old != b"A" else b"B") + parts[part][middle + 1 :]
    assert refusal(b".".join(parts), verification_key(key)).slug in ("signature", "audience", "key-unknown")


@pytest.mark.req("H-01")
def test_an_hmac_with_the_public_key_is_refused() -> None:
    public = json.dumps(ED25519.as_dict(private=False)).encode()
    for secret in (public, ED25519.as_pem(private=False)):
        text = glue(header(alg="HS256"), json.dumps(event()).encode()).rpartition(b".")[0]
        forged = hmac.digest(secret, text, hashlib.sha256) + b"\0" * 32
        assert refusal(glue(header(alg="HS256"), json.dumps(event()).encode(), forged)).slug == "signature"


@pytest.mark.req("H-01")
def test_the_algorithm_is_that_of_the_key_and_not_of_the_header() -> None:
    # A right signature of the key, under a header that claims the other algorithm.
    unsigned = glue(header(alg="ES256"), json.dumps(event()).encode())
    private = ED25519.private_key
    assert isinstance(private, Ed25519PrivateKey)
    signature = private.sign(unsigned.rpartition(b".")[0])
    refused = refusal(glue(header(alg="ES256"), json.dumps(event()).encode(), signature))
    assert (refused.slug, refused.detail) == ("signature", "The algorithm is not that of the key.")
    as_ed25519 = glue(header(P256, alg="Ed25519"), json.dumps(event()).encode())
    assert refusal(as_ed25519, verification_key(P256)).slug == "signature"


@pytest.mark.req("H-01")
def test_another_keys_signature_is_refused() -> None:
    other = OKPKey.generate_key("Ed25519")
    compact = sign(key=other, kid=ED25519.thumbprint(), alg="Ed25519")
    assert refusal(compact).slug == "signature"


@pytest.mark.req("H-01")
def test_a_key_that_the_header_does_not_name_is_refused() -> None:
    assert refusal(sign(), verification_key(P256)).slug == "key-unknown"


@pytest.mark.req("H-01")
@pytest.mark.parametrize(
    "jwk",
    [
        {},
        {"kty": "oct", "k": "AAAA"},
        {"kty": "OKP", "crv": "X25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"},
        {"kty": "OKP", "crv": "Ed25519", "x": "AAAA"},
        {"kty": "EC", "crv": "P-256", "x": "A" * 43, "y": "B" * 43},
    ],
    ids=["empty", "symmetric", "key agreement", "short", "not on the curve"],
)
def test_a_key_of_no_use_is_refused(jwk: dict[str, str]) -> None:
    key = VerificationKey(ED25519.thumbprint(), "education.elm-school", jwk)
    assert refusal(sign(), key).slug == "signature"


@pytest.mark.req("H-01")
def test_another_audience_is_refused() -> None:
    refused = refusal(sign(aud="urn:safeguarding:hub:production"))
    assert (refused.slug, refused.status) == ("audience", 401)


@pytest.mark.req("H-01")
def test_a_signature_of_the_future_is_refused_and_one_of_the_past_is_not() -> None:
    soon, past = int((NOW + timedelta(minutes=10)).timestamp()), 0
    assert verified(sign(iat=soon)).iat == NOW + timedelta(minutes=10)
    assert verified(sign(iat=past)).iat.year == 1970
    assert refusal(sign(iat=soon + 1)).slug == "clock"


@pytest.mark.req("H-25")
def test_an_event_24_hours_ahead_is_refused_and_one_years_back_is_not() -> None:
    ahead = (NOW + timedelta(hours=24)).isoformat()
    refused = refusal(sign(event(time=ahead)))
    assert (refused.slug, refused.status) == ("clock", 422)
    verified(sign(event(time=(NOW + timedelta(minutes=10)).isoformat())))
    assert verified(sign(event(time="2019-02-03T04:05:06Z"))).time.year == 2019


@pytest.mark.req("H-01", "H-04")
def test_an_event_of_another_organisation_than_the_keys_is_refused() -> None:
    refused = refusal(sign(event(source="urn:safeguarding:org:police.n-police")))
    assert (refused.slug, refused.status) == ("wrong-organisation", 403)


@pytest.mark.req("H-22")
def test_binary_content_is_imagery() -> None:
    assert refusal(sign(event(data_base64="iVBORw0KGgo="))).slug == "imagery"


MISFITS = {
    "specversion 0.3": {"specversion": "0.3"},
    "specversion missing": {"specversion": ...},
    "id missing": {"id": ...},
    "id too short": {"id": "short"},
    "id not ASCII": {"id": "01JC8Z3V9E4T6R7K2M5N8P0Q1Ş"},
    "id with a letter that looks the same": {"id": "01JC8Z3V9E4T6R7K2M5N8P0Q1\u0405"},
    "id a list": {"id": ["01JC8Z3V9E4T6R7K2M5N8P0Q1S"]},
    "id a number": {"id": 1234567890123456},
    "source of another form": {"source": "https://elm-school.example"},
    "source of an unknown kind": {"source": "urn:safeguarding:org:army.x"},
    "type without prefix": {"type": "incident-recorded"},
    "type without version": {"type": "safeguarding.incident-recorded"},
    "type with version 0": {"type": "safeguarding.incident-recorded.v0"},
    "type in camel case": {"type": "safeguarding.IncidentRecorded.v1"},
    "subject missing": {"subject": ...},
    "subject a name": {"subject": "A Child"},
    "subject nhs too short": {"subject": "nhs:999100101"},
    "subject in other digits": {"subject": "nhs:٩٩٩١٠٠١٠١٨"},
    "subject local without organisation": {"subject": "local:x:1"},
    "time missing": {"time": ...},
    "time without offset": {"time": "2025-09-12T15:25:00"},
    "time a date": {"time": "2025-09-12"},
    "time of no day": {"time": "2025-02-30T15:25:00Z"},
    "time with a space": {"time": "2025-09-12 15:25:00Z"},
    "datacontenttype of a picture": {"datacontenttype": "image/png"},
    "data missing": {"data": ...},
    "data a list": {"data": []},
    "data a text": {"data": "{}"},
    "an extension member": {"traceparent": "00-0"},
}


@pytest.mark.req("H-01")
@pytest.mark.parametrize("changes", MISFITS.values(), ids=MISFITS.keys())
def test_an_envelope_of_another_form_is_refused(changes: dict[str, object]) -> None:
    refused = refusal(sign(event(**changes)))
    assert (refused.slug, refused.status) == ("schema", 422)
    for value in changes.values():
        assert not isinstance(value, str) or value not in refused.detail


PAYLOADS = {
    "duplicate member": json.dumps(event()).encode().replace(b'{"specversion"', b'{"id": "x", "specversion"'),
    "U+0000": json.dumps(event(subject="nhs:9991001018\0")).encode(),
    "bidirectional override": json.dumps(event(subject="nhs:9991001018\u202e")).encode(),
    "deep nesting": b'{"data":' + b"[" * 40_000,
    "broken UTF-8": json.dumps(event()).encode() + b"\xff",
    "no JSON": b"hello",
}


@pytest.mark.req("H-01")
@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS.keys())
def test_a_payload_that_is_not_strict_json_is_refused(payload: bytes) -> None:
    refused = refusal(sign(payload))
    assert (refused.slug, refused.status) == ("json", 422)


@pytest.mark.req("H-01")
def test_a_payload_is_not_judged_before_its_signature() -> None:
    """A forged post learns nothing about what its payload would have met."""
    for payload in (b"hello", json.dumps(event(source="urn:safeguarding:org:police.x")).encode()):
        assert refusal(glue(header(), payload)).slug == "signature"


@pytest.mark.req("H-01")
@pytest.mark.parametrize("key", [ED25519, P256], ids=["Ed25519", "ES256"])
def test_joserfc_and_the_hub_agree_about_a_signature(key: OKPKey | ECKey) -> None:
    compact = sign(key=key)
    registry = jws.JWSRegistry(algorithms=["Ed25519", "ES256"], strict_check_header=False)
    theirs = jws.deserialize_compact(compact, key, registry=registry)
    ours = verify(parse(compact), key=verification_key(key), audience=AUDIENCE, now=NOW)
    assert theirs.payload == ours.payload


def test_no_refusal_holds_anything_received() -> None:
    posted = sign(event(subject="CANARY-SUBJECT", id="CANARY-ID"))
    refused = refusal(posted)
    assert "CANARY" not in refused.detail + str(refused) + repr(refused.args)
