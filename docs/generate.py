"""Write the documents that are made from the hub's own data, or check that they are current.

`make docs` writes docs/events/ (from schemas/ and the procedures), docs/profiles/ (from the local
procedures), the page of each schema, docs/rules.md (from the annotations of the sharing rules),
docs/proofs.md (from the proofs about them) and docs/problems.md (from hub/errors.py); `make check` fails when
one of them is out of date.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from docs import event_pages, profile_pages, proof_page, schema_pages
from docs.schema_pages import NOTE
from hub.catalogue import load_catalogue
from hub.errors import PROBLEMS

DOCS: Final = Path(__file__).resolve().parent
SCHEMAS: Final = DOCS.parent / "schemas"
POLICIES: Final = DOCS.parent / "hub" / "disclosure" / "policies"
# Folders in which every file is made here.
FOLDERS: Final = ("events", "profiles")
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


def pages(*, prove: bool = True) -> dict[Path, str]:
    """Every generated page by where it stands; without `prove` an outdated page of proofs is empty."""
    made = {DOCS / "rules.md": rules_page(), DOCS / "problems.md": problems_page()}
    made |= {DOCS / "events" / name: text for name, text in event_pages.pages().items()}
    made |= {DOCS / "profiles" / name: text for name, text in profile_pages.pages().items()}
    for one in load_catalogue().types.values():
        made[SCHEMAS / one.name / f"v{one.version}" / "README.md"] = schema_pages.page(one)
    proofs = _read(proof_page.PAGE) if proof_page.PAGE.is_file() else ""
    made[proof_page.PAGE] = proof_page.page(proofs, prove=prove)
    return made


def main(arguments: list[str]) -> int:
    """Write the pages, or with `--check` say which are not current; 1 where one is not."""
    made = pages(prove=arguments != ["--check"])
    left_over = [file for name in FOLDERS for file in (DOCS / name).glob("*") if file not in made]
    if arguments == ["--check"]:
        stale = [file for file, text in made.items() if not file.is_file() or _read(file) != text]
        for file in sorted(stale + left_over):
            sys.stderr.write(f"{file.relative_to(DOCS.parent)} is out of date: run `make docs`.\n")
        return 1 if stale or left_over else 0
    for file in left_over:
        file.unlink()
    for file, text in made.items():
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return 0


def _read(file: Path) -> str:
    return file.read_text(encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
