"""Write the documents that are made from the hub's own data, or check that they are current.

`make docs` writes docs/events.md (from schemas/), docs/rules.md (from the annotations of the sharing rules)
and docs/problems.md (from hub/errors.py); `make check` fails when one of them is out of date.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hub.catalogue import EventType, Poster, load_catalogue
from hub.errors import PROBLEMS

DOCS: Final = Path(__file__).resolve().parent
POLICIES: Final = DOCS.parent / "hub" / "disclosure" / "policies"
NOTE: Final = "<!-- Made by `make docs`; change the source, not this page. -->\n"
ANNOTATION: Final = re.compile(r'@(\w+)\("((?:[^"\\]|\\.)*)"\)')
STATEMENT: Final = re.compile(r"((?:@\w+\(\"(?:[^\"\\]|\\.)*\"\)\s*)+)(permit|forbid)\s*\(")


@dataclass(frozen=True, slots=True)
class Rule:
    """One statement of the sharing rules with its annotations."""

    file: str
    effect: str
    annotations: Mapping[str, str]

    def __getitem__(self, name: str) -> str:
        return self.annotations.get(name, "")


def rules(folder: Path = POLICIES) -> Iterator[Rule]:
    """Every statement of every policy file, in order of file and place."""
    for file in sorted(folder.glob("*.cedar")):
        for match in STATEMENT.finditer(file.read_text(encoding="utf-8")):
            found = {name: text.replace('\\"', '"') for name, text in ANNOTATION.findall(match[1])}
            yield Rule(file.name, match[2], found)


def events_page() -> str:
    """The catalogue of event types as a page."""
    types = sorted(load_catalogue().types.values(), key=lambda one: one.name)
    lines = [
        "# Event types",
        "",
        NOTE,
        "A *fact* is kept whatever is missing from it. A *decision* passes a gate and may be refused.",
        "A *hub* record is written by the hub itself. Labels say how sensitive a field is; see",
        "[the glossary](glossary.md).",
        "",
        "| type | kind | posted by | serves |",
        "|---|---|---|---|",
    ]
    lines += [
        f"| [{one.name}](#{one.name}) | {one.kind} | {_posters(one)} | {', '.join(one.serves)} |"
        for one in types
    ]
    for one in types:
        lines += ["", f"## {one.name}", "", f"{one.title}, version {one.version}. {one.purpose}", ""]
        lines += ["| field | words | labels | codes |", "|---|---|---|---|"]
        lines += [
            f"| `{path}` | {title} | {', '.join(one.labels.get(path, ())) or '-'} | {_codes(one, path)} |"
            for path, title in one.titles.items()
        ]
    return "\n".join(lines) + "\n"


def rules_page() -> str:
    """The sharing rules as a page that an officer can read."""
    found = list(rules())
    lines = [
        "# Sharing rules",
        "",
        NOTE,
        "Nothing is shown unless a rule permits it, and a rule that forbids prevails over one that permits.",
        f"There are {len(found)} statements, each with the rule it carries out, the requirement it",
        "serves, its legal basis and its reason in plain words.",
    ]
    file = ""
    for rule in found:
        if rule.file != file:
            file = rule.file
            lines += ["", f"## {file.removesuffix('.cedar')}", ""]
            lines += [
                "| id | effect | rule | requirement | reason | legal basis |",
                "|---|---|---|---|---|---|",
            ]
        traced = (rule["id"], rule.effect, rule["rule"], rule["requirement"])
        cells = (*traced, rule["reason"], rule["legal_basis"])
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def problems_page() -> str:
    """The closed list of refusals as a page."""
    lines = [
        "# Problems",
        "",
        NOTE,
        "Every refusal is a problem document (RFC 9457) whose `type` is `/problems/` and one of these names.",
        "Nothing that was sent is part of one.",
        "",
        "| name | status | title | what to do |",
        "|---|---|---|---|",
    ]
    lines += [f"| `{one.slug}` | {one.status} | {one.title} | {one.fix} |" for one in PROBLEMS.values()]
    return "\n".join(lines) + "\n"


def _posters(one: EventType) -> str:
    return "; ".join(_poster(poster) for poster in one.posted_by) or "the hub"


def _poster(poster: Poster) -> str:
    said = poster.kind or "any agency"
    if poster.role:
        said += f" ({poster.role})"
    if poster.when:
        said += " when " + " and ".join(f"{name} is {value}" for name, value in poster.when.items())
    return said


def _codes(one: EventType, path: str) -> str:
    name = one.codes.get(path) or one.codes.get(f"{path}[]")
    return f"[{name}](../schemas/codes/{name}.json)" if name else ""


def main(arguments: list[str]) -> int:
    """Write the pages, or with `--check` say which are not current; 1 where one is not."""
    pages = {"events.md": events_page(), "rules.md": rules_page(), "problems.md": problems_page()}
    if arguments == ["--check"]:
        stale = [
            name
            for name, text in pages.items()
            if not (DOCS / name).is_file() or (DOCS / name).read_text(encoding="utf-8") != text
        ]
        for name in stale:
            sys.stderr.write(f"docs/{name} is out of date: run `make docs`.\n")
        return 1 if stale else 0
    for name, text in pages.items():
        (DOCS / name).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
