"""A certificate authority of one test run, with certificates of a broker and of a client."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import IPv4Address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID


@dataclass(frozen=True, slots=True)
class Certificates:
    """Files in PEM: `broker` holds key and chain; `stranger` is an authority that nobody here trusts."""

    authority: Path
    broker: Path
    client: Path
    client_key: Path
    stranger: Path


def make_certificates(folder: Path) -> Certificates:
    """Make all of them anew in a folder."""
    authority, authority_key = _authority("Test authority")
    stranger, _ = _authority("Another authority")
    broker, broker_key = _signed("broker", authority, authority_key)
    client, client_key = _signed("client", authority, authority_key)
    made = Certificates(
        *(folder / name for name in ("ca.pem", "broker.pem", "client.pem", "client.key", "stranger.pem"))
    )
    made.authority.write_bytes(_pem(authority))
    made.stranger.write_bytes(_pem(stranger))
    made.broker.write_bytes(_key_pem(broker_key) + _pem(broker) + _pem(authority))
    made.client.write_bytes(_pem(client))
    made.client_key.write_bytes(_key_pem(client_key))
    return made


def _authority(title: str) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name(title)
    built = _dated(name, name, key).add_extension(
        x509.BasicConstraints(ca=True, path_length=0), critical=True
    )
    return built.sign(key, hashes.SHA256()), key


def _signed(
    title: str, authority: x509.Certificate, authority_key: ec.EllipticCurvePrivateKey
) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    key = ec.generate_private_key(ec.SECP256R1())
    here = x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1")), x509.DNSName("localhost")])
    built = _dated(_name(title), authority.subject, key).add_extension(here, critical=False)
    return built.sign(authority_key, hashes.SHA256()), key


def _dated(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime(2025, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2095, 1, 1, tzinfo=UTC))
    )


def _name(title: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, title)])


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.PEM)


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
