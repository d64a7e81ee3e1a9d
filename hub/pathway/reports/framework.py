"""The five domains of the framework, and the statements that a local area imports from a file of its own."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from hub.errors import HubError
from hub.pathway.profiles.strict import Row

STATEMENT: Final = r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
_DOMAIN: Final = "domain"
TITLES: Final[Mapping[str, str]] = {
    "continuum-of-responses": "A continuum of responses",
    "prevention-and-identification": "Prevention, identification and early assessment",
    "assessment-and-referral": "Effective assessment and referral pathways",
    "interventions": "Interventions",
    "workforce-development": "Workforce development",
}
"""The five domains in the order of the framework, which is the order of the axes (R-188)."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement that agencies score, by the id under which they do."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """One link to local evidence, and the day on which somebody last looked at it."""

    title: str
    url: str
    checked: date


@dataclass(frozen=True, slots=True)
class Domain:
    """One domain: its evidence summary, its statements for the audit, and its principles (R-193)."""

    id: str
    title: str
    summary: str | None = None
    evidence: tuple[Evidence, ...] = ()
    principles: tuple[str, ...] = ()
    statements: tuple[Statement, ...] = ()


@dataclass(frozen=True, slots=True)
class Framework:
    """The five domains, always all of them; the statements are the local area's own (R-189)."""

    title: str
    domains: tuple[Domain, ...]

    def domain(self, id: str) -> Domain | None:
        """One domain by its id."""
        return next((one for one in self.domains if one.id == id), None)


NOTHING_IMPORTED: Final = Framework(
    "No statements are imported here", tuple(Domain(id, title) for id, title in TITLES.items())
)


def load_framework(path: Path | None) -> Framework:
    """The framework of a local area: `title`, and for each domain its summary, links, principles, statements.

    Shape: a TOML file; without one, the five domains with nothing in them.
    Raises: HubError("schema") naming the first row that is wrong.
    Source: R-189, R-193
    """
    if path is None:
        return NOTHING_IMPORTED
    try:
        written = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        raise HubError("schema", "The file of framework statements cannot be read.") from None
    return read_framework(written)


def read_framework(written: str) -> Framework:
    """The framework that a file's text says."""
    try:
        members = tomllib.loads(written)
    except tomllib.TOMLDecodeError:
        raise HubError("schema", "The file of framework statements is not TOML.") from None
    top = Row(members, "", [])
    found = Framework(top.text("title"), tuple(_domain(top, id, title) for id, title in TITLES.items()))
    for name, _ in top.named(_DOMAIN):
        if name not in TITLES:
            top.fault(f"{_DOMAIN}.{name}", "is no domain of the framework", ", ".join(TITLES))
    ids = [one.id for domain in found.domains for one in domain.statements]
    if len(ids) != len(set(ids)):
        top.fault(_DOMAIN, "has a statement twice", "each id once in the file")
    top.done()
    if top.faults:
        first = top.faults[0]
        # The text names rows and what may stand there, never what stands there.
        raise HubError("schema", f"Framework statements: {first.row} {first.says}. There: {first.allowed}.")
    return found


def _domain(top: Row, id: str, title: str) -> Domain:
    every = top.maybe_part(_DOMAIN)
    row = every.maybe_part(id) if every is not None else None
    if row is None:
        return Domain(id, title)
    found = Domain(
        id=id,
        title=title,
        summary=row.maybe_text("summary"),
        evidence=tuple(_evidence(one) for one in row.parts("evidence")),
        principles=row.texts("principles") if row.has("principles") else (),
        statements=tuple(_statement(one) for one in row.parts("statements")),
    )
    row.done()
    return found


def _evidence(row: Row) -> Evidence:
    # A page shows it as a link: any other scheme could run something.
    url = row.text("url", r"https://[^\s\"'<>]+", "an https address")
    found = Evidence(row.text("title"), url, row.day("checked"))
    row.done()
    return found


def _statement(row: Row) -> Statement:
    found = Statement(row.text("id", STATEMENT, "letters, digits, . _ -"), row.text("text"))
    row.done()
    return found
