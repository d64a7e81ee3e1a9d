"""docker-compose.yml as it is written: what runs, with which settings, and when it is well."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = ROOT / "docker-compose.yml"
# `${NAME:?message}` must be given; `${NAME:-default}` may be.
_VARIABLE = re.compile(r"\$\{([A-Z_]+)(?::\?[^}]*|:-([^}]*))?\}")


@dataclass(frozen=True, slots=True)
class Service:
    """One service; `health` is the command of its health check, empty where it has none."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    ports: tuple[tuple[int, int], ...]
    health: tuple[str, ...]
    needs: Mapping[str, str]
    raw: Mapping[str, Any]


def document() -> dict[str, Any]:
    """The file, its anchors resolved."""
    found: dict[str, Any] = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))
    return found


def variables() -> set[str]:
    """The names that the environment file beside the file must give."""
    found = _VARIABLE.finditer(COMPOSE.read_text(encoding="utf-8"))
    return {one[1] for one in found if one[2] is None}


def commands(secrets: Mapping[str, str]) -> dict[str, Service]:
    """What runs only when somebody runs it, as a command between the services."""
    listed = document()["services"].items()
    return {name: _service(name, raw, secrets) for name, raw in listed if "profiles" in raw}


def services(secrets: Mapping[str, str]) -> dict[str, Service]:
    """The services with their secrets filled in, each after those it waits for.

    Raises: KeyError for a secret that is not given.
    """
    listed = document()["services"].items()
    found = {name: _service(name, raw, secrets) for name, raw in listed if "profiles" not in raw}
    ordered: dict[str, Service] = {}
    while len(ordered) < len(found):
        ready = [one for one in found.values() if one.name not in ordered and set(one.needs) <= set(ordered)]
        assert ready, "services wait for each other"
        ordered |= {one.name: one for one in ready}
    return ordered


def _service(name: str, raw: Mapping[str, Any], secrets: Mapping[str, str]) -> Service:
    health = raw.get("healthcheck", {})
    test = () if health.get("disable") else tuple(health.get("test", ()))
    assert not test or test[0] == "CMD", "a health check of a shell hides what it runs"
    assert all(isinstance(one, str) for one in (*test, *raw.get("command", ()))), f"{name}: quote it"
    return Service(
        name,
        tuple(raw.get("command", ())),
        dict(_environment(raw, secrets)),
        tuple(_ports(raw)),
        test[1:],
        {other: str(one["condition"]) for other, one in raw.get("depends_on", {}).items()},
        raw,
    )


def _environment(raw: Mapping[str, Any], secrets: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name, value in raw.get("environment", {}).items():
        if value is not None:
            yield name, _filled(str(value), secrets)
        elif name in secrets:  # passed on from whoever starts it
            yield name, secrets[name]


def _ports(raw: Mapping[str, Any]) -> Iterator[tuple[int, int]]:
    for one in raw.get("ports", ()):
        address, outside, inside = one.split(":")
        assert address == "127.0.0.1", f"{one} is open to other machines"
        yield int(outside), int(inside)


def _filled(text: str, secrets: Mapping[str, str]) -> str:
    return _VARIABLE.sub(
        lambda found: secrets[found[1]] if found[2] is None else secrets.get(found[1], found[2]), text
    )
