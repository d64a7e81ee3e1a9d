"""The hub's settings, read once from the environment (prefix HUB_) and an optional `.env` file.

A name with the prefix that is not a setting is refused: a security setting spelt wrongly would
otherwise be one that is not set.
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import os
import re
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Final, Self
from urllib.parse import parse_qs, unquote, urlsplit

from pydantic import AwareDatetime, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

PREFIX: Final = "HUB_"
_SQLITE: Final = "sqlite:///"
_POSTGRESQL: Final = "postgresql://"
_KEY_BYTES: Final = 32
_NAMED_IN_PRODUCTION: Final = (
    *("id", "database_url", "kept_apart", "master_key", "signing_key"),
    *("oidc_issuer", "public_url"),
)
_LISTEN: Final = re.compile(r"(?P<host>\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+):(?P<port>[0-9]{1,5})")


class Mode(StrEnum):
    """What the hub runs for; it decides which conveniences are refused."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"
    SIMULATION = "simulation"


class KafkaSecurity(StrEnum):
    """How a connection to Kafka is protected."""

    PLAINTEXT = "PLAINTEXT"
    SSL = "SSL"
    SASL_PLAINTEXT = "SASL_PLAINTEXT"
    SASL_SSL = "SASL_SSL"


class KafkaMechanism(StrEnum):
    """How the hub tells Kafka who it is."""

    PLAIN = "PLAIN"
    SCRAM_SHA_256 = "SCRAM-SHA-256"
    SCRAM_SHA_512 = "SCRAM-SHA-512"


class SettingsError(Exception):
    """The settings do not stand; the text names settings and rules, and never a value."""


class Settings(BaseSettings):
    """Everything that differs between one hub and another.

    Units: keys are 32 bytes in base64url; rates are requests per second and organisation.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=".env", extra="forbid", frozen=True, hide_input_in_errors=True
    )

    mode: Mode = Field(Mode.DEVELOPMENT, description="development, production or simulation")
    id: str = Field(
        "https://hub.localhost/development",
        min_length=8,
        max_length=200,
        description="The hub's id, a URI that differs per environment; events name it as their audience",
    )
    database_url: SecretStr = Field(
        SecretStr("sqlite:///./var/hub.db"),
        description="Where the record is kept: sqlite:///PATH or postgresql://USER:PASSWORD@HOST/DATABASE",
    )
    kept_apart: Path | None = Field(
        None,
        description="Folder of the journal of revocations and erasures, on other storage than the database",
    )
    profiles: Path | None = Field(
        None, description="Folder of a partnership's own procedure profiles (*.toml), beside the shipped ones"
    )
    framework_statements: Path | None = Field(None, description="A local area's framework statements (TOML)")
    master_key: SecretStr | None = Field(
        None, description="Wraps every data key: 32 random bytes in base64url (`hub init` makes one)"
    )
    former_master_key: SecretStr | None = Field(None, description="The one before: to change it, to restore")
    signing_key: SecretStr | None = Field(
        None, description="Signs receipts and checkpoints: an Ed25519 seed, 32 bytes in base64url"
    )
    former_signing_keys: str | None = Field(
        None, description="Verifier keys of keys that signed before, as `hub init` says them, with spaces"
    )
    listen: str = Field("127.0.0.1:8080", description="Address and port that `hub serve` listens on")
    workers: int = Field(1, ge=1, le=64, description="Processes of `hub serve`; more than one on PostgreSQL")
    public_url: str | None = Field(
        None, description="The address under which others reach the hub; default http://HUB_LISTEN"
    )
    oidc_issuer: str | None = Field(
        None, description="The OpenID Connect issuer of people; unset: the built-in development issuer"
    )
    oidc_client_id: str = Field("hub-pages", description="The hub's client id at that issuer")
    oidc_client_secret: SecretStr | None = Field(None, description="The hub's client secret at that issuer")
    oidc_audience: str | None = Field(
        None, description="The audience of that issuer's access tokens; default HUB_ID"
    )
    oidc_person_claim: str = Field(
        "sub", min_length=1, max_length=100, description="The claim that holds a person's directory id"
    )
    rate_per_second: float = Field(200.0, gt=0, description="Sustained requests a second, each organisation")
    agreement_warning_days: int = Field(30, ge=0, le=366, description="Lapses are shown so early")
    rate_burst: int = Field(1_000, ge=1, description="Requests that may come at once, each organisation")
    metrics_token: SecretStr | None = Field(
        None, min_length=16, max_length=500, description="Bearer token of /metrics; unset: 404"
    )
    operations_listen: str | None = Field(None, description="Where project, tick and relay answer operators")
    kafka_bootstrap: str | None = Field(None, description="Kafka brokers, HOST:PORT with commas between")
    kafka_security_protocol: KafkaSecurity = Field(
        KafkaSecurity.PLAINTEXT, description="PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL"
    )
    kafka_sasl_mechanism: KafkaMechanism | None = Field(
        None, description="PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512"
    )
    kafka_sasl_username: str | None = Field(None, min_length=1, description="The hub's name at Kafka")
    kafka_sasl_password: SecretStr | None = Field(None, description="The hub's password at Kafka")
    kafka_ca_file: Path | None = Field(None, description="Certificates that Kafka's are checked against")
    kafka_certificate_file: Path | None = Field(None, description="The hub's own certificate for Kafka")
    kafka_key_file: Path | None = Field(None, description="The key of that certificate")
    kafka_partitions: int = Field(6, ge=1, le=1_000, description="Partitions of topics that the hub makes")
    kafka_replication: int | None = Field(
        None, ge=1, le=9, description="Copies of topics that the hub makes; default 1, in production 3"
    )
    simulation_start: AwareDatetime | None = Field(None, description="Start of the domain clock; simulation")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What `load_settings` hands over, then the file; never the process's environment behind its back."""
        return init_settings, dotenv_settings

    @field_validator("id")
    @classmethod
    def _is_uri(cls, value: str) -> str:
        parts = urlsplit(value)
        # The id is also the name under which checkpoints are signed; signed notes allow no plus in it.
        if not value.isascii() or not value.isprintable() or not parts.scheme or {" ", "+"} & set(value):
            raise ValueError("a URI in ASCII, without space and plus")
        return value

    @field_validator("database_url")
    @classmethod
    def _is_supported(cls, value: SecretStr) -> SecretStr:
        text = value.get_secret_value()
        file = text.startswith(_SQLITE) and len(text) > len(_SQLITE)
        if not file and not (text.startswith(_POSTGRESQL) and len(urlsplit(text).path) > 1):
            raise ValueError("sqlite:///PATH or postgresql://USER:PASSWORD@HOST:PORT/DATABASE")
        return value

    @field_validator("listen", "operations_listen")
    @classmethod
    def _is_address(cls, value: str | None) -> str | None:
        if value is not None:
            _address(value)
        return value

    @field_validator("kafka_bootstrap")
    @classmethod
    def _is_bootstrap(cls, value: str | None) -> str | None:
        for one in [] if value is None else value.split(","):
            if not _address(one)[1]:
                raise ValueError("HOST:PORT, several with commas between")
        return value

    @field_validator("public_url", "oidc_issuer")
    @classmethod
    def _is_web_address(cls, value: str | None) -> str | None:
        if value is not None:
            parts = urlsplit(value)
            if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
                raise ValueError("an http or https address without query")
        return value

    @field_validator("master_key", "former_master_key", "signing_key")
    @classmethod
    def _is_key(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            key_bytes(value)
        return value

    @model_validator(mode="after")
    def _mode_allows(self) -> Self:
        if self.simulation_start is not None and self.mode is not Mode.SIMULATION:
            raise ValueError("HUB_SIMULATION_START is for simulation mode only")
        if self.workers > 1 and not self.on_postgresql:
            raise ValueError("HUB_WORKERS above 1 needs PostgreSQL: a hub on SQLite is one process")
        self._kafka_fits()
        if self.mode is Mode.PRODUCTION:
            self._production_allows()
        return self

    def _kafka_fits(self) -> None:
        """A password that would not be sent, or a certificate without its key, is a mistake and no detail."""
        sasl = self.kafka_security_protocol in (KafkaSecurity.SASL_PLAINTEXT, KafkaSecurity.SASL_SSL)
        given = [self.kafka_sasl_mechanism, self.kafka_sasl_username, self.kafka_sasl_password]
        if sasl != all(given) or sasl != any(given):
            raise ValueError(
                "HUB_KAFKA_SASL_MECHANISM, _USERNAME and _PASSWORD go together with a SASL protocol"
            )
        files = (self.kafka_ca_file, self.kafka_certificate_file, self.kafka_key_file)
        if any(files) and not self.kafka_encrypted:
            raise ValueError("HUB_KAFKA_*_FILE need HUB_KAFKA_SECURITY_PROTOCOL SSL or SASL_SSL")
        if (self.kafka_certificate_file is None) != (self.kafka_key_file is None):
            raise ValueError("HUB_KAFKA_CERTIFICATE_FILE and HUB_KAFKA_KEY_FILE go together")

    def _production_allows(self) -> None:
        """Production runs on named keys, a named issuer and TLS; nothing made up on the way."""
        missing = [
            PREFIX + name.upper()
            for name in _NAMED_IN_PRODUCTION
            if name not in self.model_fields_set or getattr(self, name) is None
        ]
        if missing:
            raise ValueError(f"production makes up no key, no issuer, no place: set {', '.join(missing)}")
        if self.master_key and self.signing_key and key_bytes(self.master_key) == key_bytes(self.signing_key):
            raise ValueError("HUB_MASTER_KEY and HUB_SIGNING_KEY must differ")
        for name in ("oidc_issuer", "public_url"):
            parts = urlsplit(str(getattr(self, name)))
            if parts.scheme != "https":
                raise ValueError(f"{PREFIX}{name.upper()} must be https in production")
            if _is_loopback(parts.hostname or ""):
                raise ValueError(f"{PREFIX}{name.upper()} must not be this machine itself in production")
        if self.oidc_issuer and "development-issuer" in self.oidc_issuer:
            raise ValueError("production refuses the development issuer")
        if self.kafka_bootstrap is not None and not self.kafka_encrypted:
            raise ValueError("HUB_KAFKA_SECURITY_PROTOCOL must be SSL or SASL_SSL in production")
        if self.on_postgresql and not self.database_guarded:
            raise ValueError(
                "HUB_DATABASE_URL must say sslmode=verify-full in production, unless it names this machine"
            )
        if not self.on_postgresql and self.data_directory.resolve() in (
            self.kept_apart_folder.resolve(),
            *self.kept_apart_folder.resolve().parents,
        ):
            raise ValueError("HUB_KEPT_APART must not be in the folder of the record in production")

    @property
    def on_postgresql(self) -> bool:
        """Whether the record is kept in PostgreSQL, so that several processes share the work."""
        return self.database_url.get_secret_value().startswith(_POSTGRESQL)

    @property
    def database_guarded(self) -> bool:
        """Whether nobody can listen between hub and PostgreSQL: TLS with the name checked, or this machine.

        Trust: every place that the address names counts, and one that it leaves to the environment does not.
        """
        parts = urlsplit(self.database_url.get_secret_value())
        given = parse_qs(parts.query, keep_blank_values=True)
        places = (parts.netloc.rpartition("@")[2], *given.get("host", ()), *given.get("hostaddr", ()))
        hosts = [
            unquote(re.sub(r":[0-9]*$", "", one)).strip("[]") for place in places for one in place.split(",")
        ]
        named = [one for one in hosts if one]
        here = all(one.startswith("/") or _is_loopback(one) for one in named)
        return given.get("sslmode", [""])[-1] == "verify-full" or (
            bool(named) and here and "service" not in given
        )

    @property
    def database_path(self) -> Path:
        """The file of the record; on SQLite only."""
        if self.on_postgresql:
            raise ValueError("the record is kept in PostgreSQL and has no path")
        return Path(self.database_url.get_secret_value().removeprefix(_SQLITE))

    @property
    def record(self) -> Path | str:
        """Where the record is kept, as `Record` takes it; as an address it may hold a password."""
        return self.database_url.get_secret_value() if self.on_postgresql else self.database_path

    @property
    def record_shown(self) -> str:
        """Where the record is kept, for people: of an address no user, no password, no parameters."""
        if not self.on_postgresql:
            return str(self.database_path)
        parts = urlsplit(self.database_url.get_secret_value())
        return f"database {unquote(parts.path[1:])} at {parts.netloc.rpartition('@')[2] or 'this machine'}"

    @property
    def data_directory(self) -> Path:
        """Where the record and the views on SQLite and, in development, generated keys stand."""
        return Path("var") if self.on_postgresql else self.database_path.parent

    @property
    def kept_apart_folder(self) -> Path:
        """Where the journal of revocations and erasures is kept."""
        return self.kept_apart or self.data_directory / "kept-apart"

    @property
    def kafka_encrypted(self) -> bool:
        """Whether what goes to and from Kafka is encrypted on the way."""
        return self.kafka_security_protocol in (KafkaSecurity.SSL, KafkaSecurity.SASL_SSL)

    @property
    def kafka_copies(self) -> int:
        """How many copies a topic gets that the hub makes."""
        return self.kafka_replication or (3 if self.mode is Mode.PRODUCTION else 1)

    @property
    def host(self) -> str:
        """The address to listen on."""
        return _address(self.listen)[0]

    @property
    def port(self) -> int:
        """The port to listen on; 0 lets the system choose one."""
        return _address(self.listen)[1]

    @property
    def operations(self) -> tuple[str, int] | None:
        """Address and port for operators' questions to a process that serves nothing else."""
        return None if self.operations_listen is None else _address(self.operations_listen)

    @property
    def base_url(self) -> str:
        """The address under which others reach the hub, without a slash at the end."""
        return (self.public_url or f"http://{self.listen}").rstrip("/")


def _address(text: str) -> tuple[str, int]:
    found = _LISTEN.fullmatch(text)
    if found is None or int(found["port"]) > 65_535:
        raise ValueError("HOST:PORT")
    return found["host"].strip("[]"), int(found["port"])


def key_bytes(key: SecretStr) -> bytes:
    """The 32 bytes of a key in base64url, with or without padding.

    Raises: ValueError, without the value.
    """
    text = key.get_secret_value().strip().rstrip("=")
    try:
        value = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        value = b""
    if len(value) != _KEY_BYTES:
        raise ValueError("32 bytes in base64url")
    return value


def load_settings(
    environment: Mapping[str, str] | None = None, env_file: Path | None = Path(".env"), **given: object
) -> Settings:
    """The settings from the environment and the file; values given here win.

    Raises: SettingsError, naming settings and rules only: a value may be a secret.
    """
    names = os.environ if environment is None else environment
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    unknown = sorted(name for name in names if name.upper().startswith(PREFIX) and name.upper() not in known)
    if unknown:
        raise SettingsError(f"not a setting of the hub: {', '.join(unknown)}")
    read = {name.upper().removeprefix(PREFIX).lower(): names[name] for name in names if name.upper() in known}
    try:
        # The file's name is no field of the model, so the call is checked by the model and not by its type.
        return Settings(_env_file=env_file, **{**read, **given})  # type: ignore[arg-type]
    except ValidationError as error:
        raise SettingsError("; ".join(_sentence(one) for one in error.errors(include_input=False))) from None


def _sentence(error: Mapping[str, object]) -> str:
    where = error.get("loc")
    name = str(where[0]) if isinstance(where, tuple) and where else ""
    text = str(error.get("msg", "not valid")).removeprefix("Value error, ")
    return f"{name if name.upper().startswith(PREFIX) else PREFIX + name.upper()}: {text}" if name else text


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
