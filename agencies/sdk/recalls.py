"""Checking a recall without the hub: the hub signed that something one was sent is not to be relied on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from agencies.sdk.json import JsonObject, list_of, object_from, text_of
from agencies.sdk.keys import SigningKey, thumbprint

RECALL_TYPE: Final = "safeguarding-recall+jws"
CODES: Final = frozenset({"corrected", "withdrawn"})


class RecallFault(Exception):
    """The recall does not hold: do nothing on its account."""


@dataclass(frozen=True, slots=True)
class VerifiedRecall:
    """What a right recall says.

    Shape: `code` is `corrected` or `withdrawn`; `token` is one's own name of the child; `notices` are ids of
    notices, `entries` ids of chronology entries, by which one was sent what it is about.
    """

    notice: str
    code: str
    token: str
    on: str
    notices: tuple[str, ...]
    entries: tuple[str, ...]


def verify_recall(
    notice: JsonObject, hub_key: SigningKey, hub: str, recipient: str, former: Sequence[SigningKey] = ()
) -> VerifiedRecall:
    """Verify the recall in a notice offline, with the hub's public key.

    Shape: `hub` is the hub's id, `recipient` oneself; `former` are keys that the hub signed with before.
    Trust: a receipt is signed with the same key; the type in the header keeps the two apart.
    Raises: RecallFault.
    Source: contract, section on notices; RFC 7515 5.2; RFC 8725 3.11.

    1. The signature, by a key of the hub that the header names, under the type of recalls.
    2. It is this hub's, for this recipient, and belongs to this notice.
    """
    claims = _signed_claims(text_of(notice, "recall"), (hub_key, *former))  # 1
    said = (text_of(claims, "hub"), text_of(claims, "recipient"), text_of(claims, "notice"))
    if said != (hub, recipient, text_of(notice, "notice")):  # 2
        raise RecallFault("it is another's")
    found = VerifiedRecall(
        said[2],
        text_of(claims, "code"),
        text_of(claims, "token"),
        text_of(claims, "on"),
        _texts(claims, "notices"),
        _texts(claims, "entries"),
    )
    if found.code not in CODES or found.token != text_of(notice, "token"):
        raise RecallFault("its form is not that of a recall")
    return found


def _signed_claims(recall: str, keys: Sequence[SigningKey]) -> JsonObject:
    for key in keys:
        if not isinstance(key, OKPKey):
            continue
        try:
            opened = jws.deserialize_compact(recall, key, algorithms=["Ed25519", "EdDSA"])
        except (JoseError, ValueError, TypeError):
            continue
        headers = opened.headers()
        claims = object_from(opened.payload)
        if headers.get("typ") == RECALL_TYPE and headers.get("kid") == thumbprint(key) and claims is not None:
            return claims
    raise RecallFault("the signature is not the hub's")


def _texts(claims: JsonObject, name: str) -> tuple[str, ...]:
    return tuple(one for one in list_of(claims, name) if isinstance(one, str))
