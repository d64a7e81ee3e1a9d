"""Posts that are not what their signature says, and posts that were sent before: refused, nothing kept."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from joserfc import jwt

from agencies.sdk.keys import generate_key, public_jwk
from tests.support.hostile import (
    C1001_UPN,
    ELM,
    LURE,
    OAK,
    POLICE,
    Attack,
    Signer,
    attacked,
    encoded,
    named,
    signed,
    signer_of,
    written,
)


@pytest.fixture(scope="module")
def attack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attack]:
    with attacked(tmp_path_factory.mktemp("signatures")) as found:
        yield found


def parts_of(compact: str) -> list[bytes]:
    return [base64.urlsafe_b64decode(one + "=" * (-len(one) % 4)) for one in compact.split(".")]


def joined(parts: list[bytes]) -> str:
    return ".".join(encoded(one) for one in parts)


@pytest.mark.req("H-01", "H-03")
@pytest.mark.parametrize(("part", "name"), [(0, "header"), (1, "payload"), (2, "signature")])
def test_flipped_byte(attack: Attack, part: int, name: str) -> None:
    event = attack.event()
    good = attack.sign(event)
    with attack.nothing_kept():
        for place in (0.3, 0.5, 0.97):
            parts = parts_of(good)
            bent = bytearray(parts[part])
            bent[int(len(bent) * place)] ^= 1
            parts[part] = bytes(bent)
            answer = attack.send(joined(parts))
            slug = answer.json()["type"].removeprefix("/problems/")
            # A flip in the header may name another key or another hub; neither is believed before the rest.
            assert slug == "signature" or (name == "header" and slug in ("key-unknown", "audience"))
            attack.refused(answer, 401, slug)
    assert attack.send(good).status_code == 201


@pytest.mark.req("H-01", "H-03")
def test_unsigned(attack: Attack) -> None:
    event = attack.event()
    header, payload, _ = attack.sign(event).split(".")
    with attack.nothing_kept():
        for body in (
            written(event),
            f"{header}.{payload}.",
            f"{header}.{payload}",
            f".{payload}.",
            "",
            "..",
            LURE,
        ):
            attack.refused(attack.send(body), 401, "signature")
        # Detached content, and the general form with the signatures in JSON.
        attack.refused(attack.send(f"{header}..{encoded(bytes(64))}"), 401, "signature")
        general = {"payload": payload, "signatures": [{"protected": header, "signature": encoded(bytes(64))}]}
        attack.refused(attack.send(json.dumps(general)), 401, "signature")
    attack.accepted(event)


@pytest.mark.req("H-01")
@pytest.mark.parametrize("alg", ["none", "None", "NONE", "nOnE", ""])
def test_alg_none(attack: Attack, alg: str) -> None:
    event = attack.event()
    header, payload = attack.header(alg=alg), written(event)
    _, _, signature = attack.sign(event).split(".")
    with attack.nothing_kept():
        for last in ("", signature, encoded(bytes(64))):
            body = f"{encoded(json.dumps(header).encode())}.{encoded(payload)}.{last}"
            attack.refused(attack.send(body), 401, "signature")
    attack.accepted(event)


@pytest.mark.req("H-01")
def test_hmac_with_the_public_key_as_its_secret(attack: Attack) -> None:
    event = attack.event()
    key = attack.key(ELM)
    jwk = public_jwk(key)
    x = json.loads(jwk)["x"]
    secrets = (jwk, jwk + b"\n", x.encode(), base64.urlsafe_b64decode(x + "="), key.as_pem(private=False))
    with attack.nothing_kept():
        for secret in secrets:

            def mac(signing: bytes, secret: bytes = secret) -> bytes:
                return hmac.digest(secret, signing, "sha256")

            def padded(signing: bytes, mac: Signer = mac) -> bytes:
                return mac(signing) + bytes(32)

            attack.refused(attack.send(signed(attack.header(alg="HS256"), event, mac)), 401, "signature")
            attack.refused(attack.send(signed(attack.header(alg="HS256"), event, padded)), 401, "signature")
            # Under a permitted name, in the length of a signature.
            attack.refused(attack.send(signed(attack.header(), event, padded)), 401, "signature")
    attack.accepted(event)


@pytest.mark.req("H-01", "H-21")
def test_unknown_key(attack: Attack) -> None:
    event = attack.event()
    for algorithm in ("Ed25519", "ES256"):
        stranger = generate_key(algorithm)  # type: ignore[arg-type]
        with attack.nothing_kept():
            attack.refused(attack.send(attack.sign(event, key=stranger)), 401, "key-unknown")
            # The stranger signs, and the header names Elm's key.
            forged = signed(attack.header(), event, signer_of(stranger))
            attack.refused(attack.send(forged), 401, "signature")
    attack.accepted(event)


@pytest.mark.req("H-01", "H-21")
def test_revoked_key(attack: Attack) -> None:
    directory = attack.world.hub.store.directory
    key = generate_key("ES256")
    directory.register_key(ELM, "events", public_jwk(key).decode())
    event = attack.event()
    first = attack.send(attack.sign(event, key=key))
    assert first.status_code == 201
    directory.revoke_key(key.thumbprint())
    another = attack.event()
    with attack.nothing_kept():
        attack.refused(attack.send(attack.sign(another, key=key)), 401, "key-revoked")
        # Not even the same content again, and not if it was dated before the revocation.
        attack.refused(attack.send(attack.sign(event, key=key, iat=1_700_000_000)), 401, "key-revoked")
    again = attack.post(event)
    assert (again.status_code, again.json()["receipt"]) == (200, first.json()["receipt"])
    attack.accepted(another)


@pytest.mark.req("H-01", "H-21")
def test_client_key_used_for_events(attack: Attack) -> None:
    event = attack.event()
    with attack.nothing_kept():
        body = attack.sign(event, key=attack.key(ELM, "client"))
        attack.refused(attack.send(body), 401, "key-unknown")
    attack.accepted(event)


def assertion(attack: Attack, key: Any, organisation: str = ELM, **changes: Any) -> str:
    now = attack.now()
    claims = {
        "iss": organisation, "sub": organisation, "aud": f"{attack.world.address}/oauth/token",
        "iat": now, "exp": now + 60, "jti": attack.world.hub.store.chance.uuid(),
    } | changes  # fmt: skip
    header = {"alg": "Ed25519", "kid": key.thumbprint()}
    return jwt.encode(header, claims, key, algorithms=["Ed25519"])


def token(attack: Attack, proof: str) -> httpx.Response:
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": proof,
    }
    return httpx.post(f"{attack.world.address}/oauth/token", data=form, timeout=20)


@pytest.mark.req("H-21")
def test_events_key_used_for_a_client_assertion(attack: Attack) -> None:
    client, events = attack.key(ELM, "client"), attack.key(ELM)
    wrong = [
        assertion(attack, events),
        assertion(attack, attack.key(OAK, "client")),  # another organisation's
        assertion(attack, client, iss=OAK),
        assertion(attack, client, aud=f"https://{LURE}.example/oauth/token"),
        assertion(attack, client, exp=attack.now() + 86_400),
        assertion(attack, client, organisation=f"education.{LURE.lower()}"),
    ]
    with attack.nothing_kept():
        for proof in wrong:
            answer = token(attack, proof)
            # RFC 6749 5.2 fixes the form of this refusal; it is no problem document.
            assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
            assert LURE.lower() not in (answer.text + str(answer.headers)).lower()
    good = assertion(attack, client)
    found = token(attack, good)
    assert found.status_code == 200
    assert token(attack, good).status_code == 401, "an assertion counts once"
    body = attack.sign(attack.event())
    assert attack.send(body, Authorization=f"Bearer {found.json()['access_token']}").status_code == 201


@pytest.mark.req("H-01")
@pytest.mark.parametrize(
    "more",
    [
        {"jku": f"https://{LURE}.example/keys"}, {"x5u": f"https://{LURE}.example/c"}, {"x5c": [LURE]},
        {"jwk": {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}},
        {"crit": ["exp"], "exp": 1}, {"b64": False, "crit": ["b64"]}, {"cty": LURE}, {"typ": "JWT"},
        {"typ": ...}, {"kid": ...}, {"iat": ...}, {"aud": ...}, {"iat": "1"}, {"iat": -1},
        {"kid": f"../{LURE}"},
    ],
    ids=named,
)  # fmt: skip
def test_jku_header_and_every_other_member(attack: Attack, more: dict[str, Any]) -> None:
    event = attack.event()
    with attack.nothing_kept():
        # Signed rightly over just this header: only the header is wrong.
        attack.refused(attack.send(attack.sign(event, **more)), 401, "signature")
    attack.accepted(event)


@pytest.mark.req("H-01")
def test_wrong_audience(attack: Attack) -> None:
    event = attack.event()
    own = attack.world.hub.store.settings.id
    with attack.nothing_kept():
        for aud in ("https://hub.example/production", f"https://{LURE}.example", own + "/", own.upper()):
            attack.refused(attack.send(attack.sign(event, aud=aud)), 401, "audience")
        attack.refused(attack.send(attack.sign(event, aud=[own, LURE])), 401, "signature")
    attack.accepted(event)


@pytest.mark.req("H-01", "H-04")
def test_token_of_another_organisation(attack: Attack) -> None:
    event = attack.event()
    body = attack.sign(event)
    with attack.nothing_kept(ELM, OAK):
        attack.refused(attack.send(body, by=OAK), 403, "wrong-organisation")
        # Elm's key under Oak's name, with either token.
        stolen = attack.event(OAK)
        for by in (ELM, OAK):
            attack.refused(attack.send(attack.sign(stolen, ELM), by=by), 403, "wrong-organisation")
        person = f"Bearer {attack.world.person_token(f'{ELM}/dsl-1')}"
        attack.refused(attack.send(body, Authorization=person), 403, "wrong-organisation")
        whole = attack.world.system_token(ELM)
        for header in ("", "Bearer", f"Bearer {LURE}", f"Bearer {whole[:-4]}AAAA", f"Basic {whole}", whole):
            attack.refused(attack.send(body, Authorization=header), 401, "token")
    assert attack.send(body).status_code == 201


@pytest.mark.req("H-03")
def test_replay_with_the_same_resigned_and_other_content(attack: Attack) -> None:
    event = attack.event()
    body = attack.sign(event)
    first = attack.send(body).json()
    other = event | {"data": event["data"] | {"words": f"{LURE} other words"}}
    spaced = json.dumps(event, ensure_ascii=False, indent=1).encode()
    with attack.nothing_kept(ELM, POLICE):
        for same in (body, attack.sign(event, iat=1_700_000_000), attack.sign(event, alg="EdDSA")):
            again = attack.send(same)
            assert (again.status_code, again.json()["receipt"]) == (200, first["receipt"])
        attack.refused(attack.post(other), 409, "conflict")
        # The same meaning in other bytes is other content: what was signed is what counts.
        attack.refused(attack.send(attack.sign(spaced)), 409, "conflict")
        attack.refused(
            attack.post(event | {"subject": C1001_UPN.replace("upn", f"local:{ELM}")}), 409, "conflict"
        )
        attack.refused(attack.send(body, by=POLICE), 403, "wrong-organisation")
    assert attack.mine(ELM)[-1] == event["id"]
    attack.accepted(attack.event())


@pytest.mark.req("H-03")
def test_the_id_of_a_refused_post_is_not_reserved(attack: Attack) -> None:
    event = attack.event()
    bad = event | {"data": event["data"] | {LURE: "unknown member"}}
    with attack.nothing_kept(ELM, OAK):
        attack.refused(attack.post(bad), 422, "schema")
        attack.refused(attack.send(attack.sign(event, aud="https://hub.example/other")), 401, "audience")
        attack.refused(attack.send(attack.sign(event), by=OAK), 403, "wrong-organisation")
    # Another organisation's event of the same id is another event.
    attack.accepted(attack.event(OAK, id=event["id"]), OAK)
    attack.accepted(event)
    attack.refused(attack.post(bad), 409, "conflict")


@pytest.mark.req("H-01", "H-03")
def test_the_text_of_a_signature_is_not_malleable(attack: Attack) -> None:
    event = attack.event()
    body = attack.sign(event)
    head, payload, signature = body.split(".")
    last = {"A": "B", "Q": "R", "g": "h", "w": "x"}[signature[-1]]
    bent = [
        body + "=",
        body + "==",
        body + "\n.",
        f"{head}.{payload}.{signature[:-1]}{last}",
        f" {body}",
        body + ".x",
    ]
    with attack.nothing_kept():
        for one in bent:
            attack.refused(attack.send(one), 401, "signature")
    assert attack.send(body).status_code == 201
