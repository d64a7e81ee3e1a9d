"""The disclosure rules as data: each Cedar policy with its id, requirement, legal basis and reason."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Final

import cedarpy

from hub.disclosure.cedar_ast import read_policies
from hub.disclosure.cedar_schema import read_schema

_POLICIES: Final = resources.files("hub.disclosure").joinpath("policies")
_SCHEMA: Final = "schema.cedarschema"


@dataclass(frozen=True, slots=True)
class Rule:
    """One policy, as an information governance officer reads it.

    Shape: `rule` is the code that readers see (D-05); `keeps` names the fields that remain in a
    remainder, `places:own` the own lines of a list; `ask` says whom a reader may ask; `text` is the
    constant text of a coded line.
    """

    id: str
    rule: str
    effect: str
    requirement: str
    legal_basis: str
    reason: str
    ask: str
    keeps: tuple[str, ...]
    source_shown: bool
    title: str
    group: str
    text: str


class RuleSet:
    """All disclosure rules, parsed once and validated against their schema.

    Raises: RuntimeError where a policy does not validate, lacks an annotation or uses what the compiled rules
    do not know; the hub does not start with rules it cannot explain.
    """

    def __init__(self, files: Mapping[str, str], schema: str) -> None:
        text = "\n".join(files[name] for name in sorted(files))
        self.schema: Final = cedarpy.Schema.from_str(schema)
        validation = cedarpy.validate_policies(text, self.schema)
        if not validation.validation_passed:
            raise RuntimeError(f"disclosure rules do not validate: {[str(e) for e in validation.errors]}")
        self.policies: Final = cedarpy.PolicySet.from_str(text)
        self.version: Final = hashlib.sha256((text + "\n" + schema).encode()).hexdigest()[:16]
        self.by_id: Final[Mapping[str, Rule]] = _annotated(text)
        self.declared: Final = read_schema(schema)
        self.parsed: Final = read_policies(text, self.declared)

    def rule(self, policy_id: str) -> Rule:
        """The rule with this @id."""
        return self.by_id[policy_id]


def _annotated(text: str) -> dict[str, Rule]:
    parsed = json.loads(cedarpy.policies_to_json_str(text))["staticPolicies"]
    rules: dict[str, Rule] = {}
    for policy in parsed.values():
        notes: dict[str, str] = policy.get("annotations", {})
        missing = {"id", "rule", "requirement", "legal_basis", "reason"} - notes.keys()
        if missing or notes["id"] in rules:
            raise RuntimeError(f"a disclosure rule lacks {sorted(missing)} or repeats its id")
        rules[notes["id"]] = Rule(
            id=notes["id"],
            rule=notes["rule"],
            effect=policy["effect"],
            requirement=notes["requirement"],
            legal_basis=notes["legal_basis"],
            reason=notes["reason"],
            ask=notes.get("ask", ""),
            keeps=tuple(filter(None, notes.get("keeps", "").split(","))),
            source_shown=notes.get("source", "withheld") == "shown",
            title=notes.get("title", ""),
            group=notes.get("group", ""),
            text=notes.get("text", ""),
        )
    return rules


@dataclass(frozen=True, slots=True)
class RuleFiles:
    """The text of a rule set: its policy files by name, and their schema."""

    files: Mapping[str, str]
    schema: str

    @property
    def digest(self) -> str:
        """SHA-256 (hex) over every file with its name, and the schema."""
        said = json.dumps([sorted(self.files.items()), self.schema], ensure_ascii=False)
        return hashlib.sha256(said.encode()).hexdigest()

    def rules(self) -> RuleSet:
        """The rules, parsed and validated.

        Raises: RuntimeError, ValueError where they do not stand.
        """
        return RuleSet(self.files, self.schema)


@cache
def shipped_files() -> RuleFiles:
    """The text of the rules that this version of the hub ships."""
    files = {
        entry.name: entry.read_text(encoding="utf-8")
        for entry in _POLICIES.iterdir()
        if entry.name.endswith(".cedar")
    }
    return RuleFiles(files, _POLICIES.joinpath(_SCHEMA).read_text(encoding="utf-8"))


def read_folder(folder: Path) -> RuleFiles:
    """The policy files of a folder with its schema, or where it has none the shipped one.

    Raises: OSError, UnicodeDecodeError where they cannot be read as text; FileNotFoundError where there is
    no policy file.
    """
    files = {file.name: file.read_text(encoding="utf-8") for file in sorted(folder.glob("*.cedar"))}
    if not files:
        raise FileNotFoundError("the folder holds no policy file")
    own = folder / _SCHEMA
    return RuleFiles(files, own.read_text(encoding="utf-8") if own.is_file() else shipped_files().schema)


@cache
def load_rules() -> RuleSet:
    """The rules that this version of the hub ships."""
    return shipped_files().rules()
