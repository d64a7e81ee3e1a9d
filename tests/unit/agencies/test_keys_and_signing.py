"""Keys lie safely, have the name everybody computes, and sign exactly the bytes given."""

import base64
import json
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws
from joserfc.jwk import ECKey, OKPKey

from agencies.sdk import AgencyError, generate_key, load_key, public_jwk, sign_event
from agencies.sdk.keys import paths_of, write_pair
from hub.envelope import VerificationKey, parse, verify
from tests.unit.agencies.small_hub import HUB_ID

NOW = datetime(2025, 9, 12, 14, 25, tzinfo=UTC)
EVENT = (
    b'{"specversion":"1.0","id":"01JC8Z3V9E4T6R7K2M5N8P0Q1S","source":"urn:safeguarding:org:education.elm-school",'
    b'"type":"safeguarding.referral-made.v1","subject":"upn:Q999400119001","time":"2025-09-12T15:25:00+01:00",'
    b'"datacontenttype":"application/json","data":{}}'
)


def header_of(signed: str) -> dict[str, object]:
    first = signed.split(".")[0]
    return json.loads(base64.urlsafe_b64decode(first + "=" * (-len(first) % 4)))


@pytest.mark.req("H-01")
@pytest.mark.parametrize("algorithm", ["Ed25519", "ES256"])
def test_what_is_signed_here_is_verified_by_the_hub(algorithm: str) -> None:
    key = generate_key(algorithm)
    signed = sign_event(EVENT, key, audience=HUB_ID, now=NOW)
    assert header_of(signed) == {
        "alg": algorithm,
        "kid": key.thumbprint(),
        "typ": "safeguarding-event+jws",
        "iat": int(NOW.timestamp()),
        "aud": HUB_ID,
    }
    known = VerificationKey(key.thumbprint(), "education.elm-school", json.loads(public_jwk(key)))
    verified = verify(parse(signed.encode()), key=known, audience=HUB_ID, now=NOW)
    assert verified.payload == EVENT


@given(st.binary(min_size=1, max_size=200))
def test_any_bytes_come_back_as_they_were_signed(payload: bytes) -> None:
    key = SIGNING
    signed = sign_event(payload, key, audience=HUB_ID, now=NOW)
    body = signed.split(".")[1]
    assert base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)) == payload


SIGNING = generate_key("Ed25519")


@pytest.mark.parametrize("algorithm", ["Ed25519", "ES256"])
def test_a_pair_is_read_back_and_its_private_half_is_its_owners_only(algorithm: str, tmp_path: Path) -> None:
    key = generate_key(algorithm)
    pair = write_pair(tmp_path, "education.elm-school", "events", key)
    assert (pair.private, pair.public) == paths_of(tmp_path, "education.elm-school", "events")
    assert stat.S_IMODE(pair.private.stat().st_mode) == 0o600
    assert load_key(pair.private).thumbprint() == pair.kid == key.thumbprint()
    assert load_key(pair.public, private=False).thumbprint() == pair.kid
    assert b'"d"' not in pair.public.read_bytes()
    assert json.loads(pair.public.read_text())["kid"] == pair.kid


def test_a_private_jwk_is_a_key_file_too(tmp_path: Path) -> None:
    for key in (generate_key("Ed25519"), generate_key("ES256")):
        path = tmp_path / f"{key.thumbprint()}.jwk"
        path.write_text(json.dumps(key.as_dict(private=True)))
        assert load_key(path).thumbprint() == key.thumbprint()


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    write_pair(tmp_path, "education.elm-school", "events", generate_key("Ed25519"))
    kept = paths_of(tmp_path, "education.elm-school", "events")[0].read_bytes()
    with pytest.raises(AgencyError):
        write_pair(tmp_path, "education.elm-school", "events", generate_key("Ed25519"))
    assert paths_of(tmp_path, "education.elm-school", "events")[0].read_bytes() == kept


def test_a_file_that_is_no_signing_key_is_refused(tmp_path: Path) -> None:
    pair = write_pair(tmp_path, "education.elm-school", "events", generate_key("Ed25519"))
    with pytest.raises(AgencyError):
        load_key(pair.public)
    spoiled = {
        "none": None,
        "text": b"SECRET",
        "json": b'{"kty":"oct","k":"AAAA"}',
        "curve": ECKey.generate_key("P-384").as_pem(private=True),
        "x25519": OKPKey.generate_key("X25519").as_pem(private=True),
    }
    for name, content in spoiled.items():
        path = tmp_path / name
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(AgencyError) as told:
            load_key(path)
        assert "SECRET" not in told.value.message


def test_the_name_of_a_key_is_the_thumbprint_of_rfc_8037() -> None:
    # the public key of RFC 8037 A.2 and its thumbprint of A.3
    key = OKPKey.import_key(
        {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
    )
    assert json.loads(public_jwk(key))["kid"] == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


def test_a_changed_byte_no_longer_verifies() -> None:
    signed = sign_event(EVENT, SIGNING, audience=HUB_ID, now=NOW)
    head, body, signature = signed.split(".")
    other = base64.urlsafe_b64encode(EVENT.replace(b"01JC", b"02JC")).rstrip(b"=").decode()
    registry = jws.JWSRegistry(algorithms=["Ed25519"], strict_check_header=False)
    with pytest.raises(Exception, match="bad_signature"):
        jws.deserialize_compact(f"{head}.{other}.{signature}", SIGNING, registry=registry)
    assert body != other
