"""Key files of an organisation: one pair to sign events, another to ask for access tokens."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypeAlias

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey

from agencies.sdk.checkpoint import verifier_key
from agencies.sdk.errors import AgencyError
from agencies.sdk.json import object_from, text_of, to_bytes

SigningKey: TypeAlias = OKPKey | ECKey
Algorithm = Literal["Ed25519", "ES256"]
Use = Literal["events", "client"]
USES: Final[tuple[Use, ...]] = ("events", "client")


@dataclass(frozen=True, slots=True)
class KeyPair:
    """Where a key pair lies on disk, and the name (`kid`) the hub will know it by."""

    use: Use
    kid: str
    private: Path
    public: Path


def generate_key(algorithm: Algorithm) -> SigningKey:
    """A new private key: Ed25519 (RFC 8037), or P-256 for ES256 (RFC 7518 6.2)."""
    return OKPKey.generate_key("Ed25519") if algorithm == "Ed25519" else ECKey.generate_key("P-256")


def algorithm_of(key: SigningKey) -> Algorithm:
    """The one JWS algorithm this key signs with; the key decides, never a message."""
    return "ES256" if isinstance(key, ECKey) else "Ed25519"


def thumbprint(key: SigningKey) -> str:
    """The name of the key, the same for everybody who holds its public half.

    Source: RFC 7638.
    """
    return key.thumbprint()


def public_jwk(key: SigningKey) -> bytes:
    """The public half as a JWK with `kid`, to be handed to the hub's operator."""
    members = {name: str(value) for name, value in key.as_dict(private=False).items() if name != "kid"}
    return to_bytes({**members, "kid": thumbprint(key)})


def load_key(path: Path, *, private: bool = True) -> SigningKey:
    """Read a key file: PKCS 8 or SPKI PEM, a JWK, or the verifier key that `hub init` prints.

    Raises: AgencyError where the file is no Ed25519 or P-256 key of the wanted half.
    """
    fix = "Make a pair with `agency keygen`, or name the right file."
    try:
        content = path.read_bytes()
    except OSError as fault:
        raise AgencyError(f"The key file {path} cannot be read.", fix) from fault
    try:
        key = _import(content)
    except (JoseError, ValueError, TypeError, KeyError) as fault:
        raise AgencyError(f"{path} is not an Ed25519 or P-256 key.", fix) from fault
    if private and not key.is_private:
        raise AgencyError(f"{path} holds only the public half.", fix)
    return key


def _import(content: bytes) -> SigningKey:
    key: SigningKey
    written = verifier_key(content.strip().decode("ascii", "replace"))
    if written is not None:
        return OKPKey.import_key(Ed25519PublicKey.from_public_bytes(written))
    if content.lstrip().startswith(b"{"):
        members = object_from(content) or {}
        described: dict[str, str | list[str]] = {
            name: value for name, value in members.items() if isinstance(value, str)
        }
        kind = text_of(members, "kty")
        key = ECKey.import_key(described) if kind == "EC" else OKPKey.import_key(described)
    else:
        try:
            key = OKPKey.import_key(content)
            _ = key.curve_name
        except (JoseError, ValueError, TypeError, KeyError):
            key = ECKey.import_key(content)
    if key.curve_name not in ("Ed25519", "P-256"):
        raise ValueError("curve")
    return key


def paths_of(directory: Path, organisation: str, use: Use) -> tuple[Path, Path]:
    """Where an organisation's pair lies: (private PEM, public JWK)."""
    folder = directory / organisation
    return folder / f"{use}.pem", folder / f"{use}.jwk"


def write_pair(directory: Path, organisation: str, use: Use, key: SigningKey) -> KeyPair:
    """Lay a new pair down; the private half is readable by its owner only.

    Raises: AgencyError where a file is there already: a key is never overwritten, because events
    signed by it could then no longer be signed again under the same name.
    """
    private, public = paths_of(directory, organisation, use)
    private.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        handle = os.open(private, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as fault:
        raise AgencyError(
            f"{private} exists already.", "Choose another directory, or move it away."
        ) from fault
    with os.fdopen(handle, "wb") as file:
        file.write(key.as_pem(private=True))
    public.write_bytes(public_jwk(key) + b"\n")
    return KeyPair(use, thumbprint(key), private, public)
