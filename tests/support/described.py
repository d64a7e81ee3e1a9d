"""A hub behind its door, with the description of its API: every call is checked against it."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import httpx
import jsonschema_rs
from fastapi import FastAPI

from hub.api import create_app
from tests.support.hostile import ELM, S_CSC, Attack
from tests.support.scenario import READERS

Json = dict[str, Any]
DEMO, REVIEWER, OFFICER = "partnership.hub-ig/demo-1", "partnership.hub-ig/idr-1", "partnership.hub-ig/igo-1"
PROBLEM = "application/problem+json"


def operations(document: Json) -> dict[str, tuple[str, str, Json]]:
    """Every operation by its id: method, path, description."""
    return {
        operation["operationId"]: (method, path, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }


def described() -> Json:
    """The description as it is made without any room behind the door: for the names of the tests."""
    nothing = SimpleNamespace(uuid=str)
    document: Json = create_app(
        SimpleNamespace(  # type: ignore[arg-type]
            chance=nothing, development_issuer=None, advance=lambda to: to, metrics_token=None
        )
    ).openapi()
    return document


def closed(schema: Any) -> Any:
    """A schema that takes no member that it does not name: an answer must not say more than described."""
    if isinstance(schema, list):
        return [closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {name: closed(value) for name, value in schema.items()}
    return inner | ({"additionalProperties": False} if "properties" in schema else {})


@dataclass(eq=False)
class Described:
    """A hub with scenario A, the same rooms behind a door in this process, and its description."""

    attack: Attack
    app: FastAPI
    document: Json

    def operation(self, name: str) -> tuple[str, str, Json]:
        return operations(self.document)[name]

    def headers(self, name: str) -> dict[str, str]:
        """Who calls an operation, and for what: somebody who may."""
        _, path, operation = self.operation(name)
        world = self.attack.world
        if "security" not in operation:
            return {}
        if path.startswith("/v1/events"):
            return {"Authorization": f"Bearer {world.system_token(ELM)}"}
        person = (
            OFFICER if path.startswith(("/v1/audit", "/v1/ledger", "/v1/reports")) else READERS["ENQ"].person
        )
        others = {
            "/v1/identity": REVIEWER,
            "/v1/simulation": DEMO,
            "/v1/blocked-decisions": f"{S_CSC}/tm-1",
        }
        person = others.get("/".join(path.split("/")[:3]), person)
        return {"Authorization": f"Bearer {world.person_token(person)}"}

    def call(
        self, name: str, headers: Json | None = None, path: Json | None = None, **given: Any
    ) -> httpx.Response:
        """Call an operation over HTTP, and check that the answer is as described."""
        method, template, _ = self.operation(name)
        for parameter, value in (path or {}).items():
            template = template.replace(f"{{{parameter}}}", quote(str(value), safe="/"))
        sent = self.headers(name) | ({"Access-Purpose": "s47-enquiry"} if "/children" in template else {})
        answer = httpx.request(
            method, self.attack.world.address + template, headers=sent | (headers or {}), timeout=30, **given
        )
        self.conforms(name, answer)
        return answer

    def conforms(self, name: str, answer: httpx.Response) -> None:
        """Check status, media type, form, and of a problem that its slug is in the closed list."""
        _, _, operation = self.operation(name)
        assert answer.status_code != 500 and str(answer.status_code) in operation["responses"], answer.text
        told = operation["responses"][str(answer.status_code)]
        media_type = answer.headers["content-type"].split(";")[0]
        assert media_type in told["content"], (name, answer.status_code, media_type)
        if "json" in media_type:
            schema = closed(told["content"][media_type]["schema"])
            whole = schema | {"components": closed(self.document["components"])}
            jsonschema_rs.Draft202012Validator(whole, validate_formats=True).validate(answer.json())
        if media_type == PROBLEM:
            assert answer.json()["type"].removeprefix("/problems/") in told["x-problems"], answer.text
            assert answer.json()["status"] == answer.status_code
