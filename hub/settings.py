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
from urllib.parse import urlsplit

from pydantic import AwareDatetime, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

PREFIX: Final = "HUB_"
_SQLITE: Final = "sqlite:///"
_KEY_BYTES: Final = 32
_LISTEN: Final = re.compile(r"(?P<host>\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+):(?P<port>[0-9]{1,5})")


class Mode(StrEnum):
    """What the hub runs for; it decides which conveniences are refused."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"
    SIMULATION = "simulation"


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
    database_url: str = Field(
        "sqlite:///./var/hub.db", description="Where the record is kept: sqlite:///PATH"
    )
    master_key: SecretStr | None = Field(
        None, description="Wraps every data key: 32 random bytes in base64url (`hub init` makes one)"
    )
    signing_key: SecretStr | None = Field(
        None, description="Signs receipts and checkpoints: an Ed25519 seed, 32 bytes in base64url"
    )
    listen: str = Field("127.0.0.1:8080", description="Address and port that `hub serve` listens on")
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
    rate_per_second: float = Field(
        200.0, gt=0, description="Sustained requests per second, each organisation"
    )
    rate_burst: int = Field(1_000, ge=1, description="Requests that may come at once, each organisation")
    simulation_start: AwareDatetime | None = Field(
        None, description="Where the domain clock begins; in simulation mode only"
    )

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
    def _is_supported(cls, value: str) -> str:
        if not value.startswith(_SQLITE) or len(value) == len(_SQLITE):
            raise ValueError("sqlite:///PATH; this version keeps its record in SQLite")
        return value

    @field_validator("listen")
    @classmethod
    def _is_address(cls, value: str) -> str:
        found = _LISTEN.fullmatch(value)
        if found is None or int(found["port"]) > 65_535:
            raise ValueError("HOST:PORT")
        return value

    @field_validator("public_url", "oidc_issuer")
    @classmethod
    def _is_web_address(cls, value: str | None) -> str | None:
        if value is not None:
            parts = urlsplit(value)
            if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
                raise ValueError("an http or https address without query")
        return value

    @field_validator("master_key", "signing_key")
    @classmethod
    def _is_key(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            key_bytes(value)
        return value

    @model_validator(mode="after")
    def _mode_allows(self) -> Self:
        if self.simulation_start is not None and self.mode is not Mode.SIMULATION:
            raise ValueError("HUB_SIMULATION_START is for simulation mode only")
        if self.mode is Mode.PRODUCTION:
            self._production_allows()
        return self

    def _production_allows(self) -> None:
        """Production runs on named keys, a named issuer and TLS; nothing made up on the way."""
        missing = [
            PREFIX + name.upper()
            for name in ("master_key", "signing_key", "oidc_issuer", "public_url", "id")
            if name not in self.model_fields_set or getattr(self, name) is None
        ]
        if missing:
            raise ValueError(f"production makes up no keys, no issuer and no id: set {', '.join(missing)}")
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

    @property
    def database_path(self) -> Path:
        """The file of the record."""
        return Path(self.database_url.removeprefix(_SQLITE))

    @property
    def data_directory(self) -> Path:
        """Where the record, the views and, in development, generated keys stand."""
        return self.database_path.parent

    @property
    def host(self) -> str:
        """The address to listen on."""
        return self.listen.rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        """The port to listen on; 0 lets the system choose one."""
        return int(self.listen.rpartition(":")[2])

    @property
    def base_url(self) -> str:
        """The address under which others reach the hub, without a slash at the end."""
        return (self.public_url or f"http://{self.listen}").rstrip("/")


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
