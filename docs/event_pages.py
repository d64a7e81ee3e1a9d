"""The reference of the event types: an index, and a page a theme with what each type starts and stops."""

from __future__ import annotations

import inspect
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

import schemas
from docs import fields, schema_pages
from docs.reading import types_read
from hub.catalogue import EventType, load_catalogue
from hub.pathway.clocks import CLOCKS
from hub.pathway.expected import EXPECTED
from hub.pathway.gates import FLAGS, GATES
from hub.pathway.patterns import RULES

CODES: Final = "../../schemas/codes"
LAST: Final = "governance"
"""The theme of a type that names none."""
INTRODUCTION: Final = """\
What agencies send, and the few records that the hub makes itself. One page a theme; the schemas and whole
examples stand beside each other in [schemas](../../schemas/README.md).

## How to read these pages
- A **fact** is kept whatever is missing from it; its poster is told what is. A **decision** passes gates
  and may be refused. A **hub** record is made by the hub alone.
- **Posted by** names the kind of organisation, and the role its author must hold where one is named.
  Children's social care includes early help, the safeguarding unit and the reviewing officers; `other` is
  foster services, courts, multi-agency public protection and specialist services outside health.
- **Basis**: the poster shares on the basis that its own law gives it for safeguarding. Which basis a reader
  has for which purpose stands in [purpose-bases](../../schemas/codes/purpose-bases.json), by kind of
  organisation.
- **Labels** say how sensitive a field is; the [glossary](../glossary.md) explains them, the
  [sharing rules](../rules.md) say whom they reach. A field without a label is structural.
- **What it starts and stops** is read from the procedures themselves: the gates that may refuse a decision,
  what is noted beside a fact, what becomes expected and what meets it, and the clocks and overview lines
  that read the type. Whether one applies to a child depends on the local procedure of its authority.
- Every event says when it happened (`occurred_at`, `precision`) and who wrote it (`author`), and may name
  other children in `others`, an earlier event in `about` or an entry in `entry_id`; a decision may carry an
  `override` or say with which event it `agrees_with`. Those fields stand on the page of the type in
  `schemas` and are left out here, unless a type asks for one.
"""
ANY: Final = "*"
"""What a rule names that looks at events of every type; it stands on no page of its own."""
ALWAYS: Final = frozenset({"occurred_at", "precision", "author"})
COMMON: Final = frozenset({"others", "about", "entry_id", "profile", "narrative", "override", "agrees_with"})


def pages() -> Mapping[str, str]:
    """Every page by its name in `docs/events`."""
    types = load_catalogue().types
    by_theme: dict[str, list[EventType]] = {one.code: [] for one in schemas.codes("themes").codes}
    for one in types.values():
        by_theme[str(schemas.schema(one.name, one.version).get("x-theme", LAST))].append(one)
    effects = _effects(types)
    made = {f"{theme}.md": _theme(theme, found, effects) for theme, found in by_theme.items()}
    return {"README.md": _index(by_theme), **made}


def _index(by_theme: Mapping[str, Sequence[EventType]]) -> str:
    lines = ["# Event types", "", schema_pages.NOTE, INTRODUCTION]
    for theme, found in by_theme.items():
        lines += [f"## [{_title(theme)}]({theme}.md)", "", "| type | kind | posted by | serves |"]
        lines += ["|---|---|---|---|"]
        lines += [
            f"| [{one.name}]({theme}.md#{one.name}) | {one.kind} | {schema_pages.posters(one)} "
            f"| {', '.join(one.serves)} |"
            for one in found
        ]
        lines.append("")
    return "\n".join(lines)


def _theme(theme: str, found: Iterable[EventType], effects: Mapping[str, Sequence[str]]) -> str:
    lines = [f"# {_title(theme)}", "", schema_pages.NOTE, "[All event types](README.md)"]
    for one in found:
        lines += ["", *_type(one, effects[one.name])]
    return "\n".join(lines) + "\n"


def _type(one: EventType, effects: Sequence[str]) -> Iterator[str]:
    schema = schemas.schema(one.name, one.version)
    folder = f"../../schemas/{one.name}/v{one.version}"
    required = schema["required"]
    assert isinstance(required, list)
    left_out = ALWAYS | (COMMON - set(required))
    full = next(each for each in schemas.examples(one.name, one.version) if each.name == "full")
    yield f"## {one.name}"
    yield f"**{one.title}** ({one.kind}, version {one.version}). {one.purpose}"
    yield ""
    yield f"Posted by {schema_pages.posters(one)}. {schema['x-basis']}"
    yield ""
    yield f"Requirements: {', '.join(one.serves)}."
    yield ""
    yield from fields.TABLE
    for row in fields.rows(schema, CODES):
        if re.split(r"`|\.|\[", row)[1] not in left_out:
            yield row
    yield ""
    yield from schema_pages.told(one, "### ")
    yield "### What it starts and stops"
    yield from effects or ["Nothing by itself: it stands in the chronology."]
    yield ""
    yield "### Example"
    yield f"The [whole event]({folder}/examples/valid/full.json). All fields: [page]({folder}/README.md)."
    yield ""
    yield "```json"
    data = full.event["data"]
    assert isinstance(data, Mapping)
    shown = {name: value for name, value in data.items() if name not in left_out}
    yield json.dumps(shown, indent=2, ensure_ascii=False)
    yield "```"


def _effects(types: Mapping[str, EventType]) -> Mapping[str, Sequence[str]]:
    """What the procedures do with each type, as list items.

    1. Gates that may refuse it, and what is noted beside it.
    2. What it makes expected, and what it meets.
    3. Clocks and overview lines that read it.
    """
    said: defaultdict[str, list[str]] = defaultdict(list)
    for gate in GATES:  # 1
        why = gate.refusal
        for name in sorted(gate.types):
            said[name].append(f"- May be refused, {why.rule} ({why.force}; {why.source}): {why.text}")
    for flag in FLAGS:
        for name in sorted(flag.types):
            said[name].append(f"- May be noted beside it, {flag.code} ({flag.source}): {flag.text}")
    for rule in EXPECTED:  # 2
        cited = f"{rule.requirement} ({rule.source})"
        for name in rule.starts:
            met = ", ".join("any event" if one == ANY else f"`{one}`" for one in rule.meets)
            said[name].append(f"- Makes expected `{rule.id}`, {cited}; met by {met or 'no event'}.")
        for name in rule.meets:
            said[name].append(f"- Can meet what is expected by `{rule.id}`, {cited}.")
    for words, name in _readings(types):  # 3
        said[name].append(words)
    return said


def _readings(types: Mapping[str, EventType]) -> Iterator[tuple[str, str]]:
    for clock in CLOCKS:
        # A module with several clocks says in each function which one it is.
        said = (inspect.getdoc(clock) or "", inspect.getdoc(inspect.getmodule(clock)) or "")
        first = next(one for one in said if one.startswith("K")).split("\n")[0]
        for name in sorted(types_read(clock, frozenset(types))):
            yield f"- Read by a clock: {first}", name
    for rule in RULES:
        for name in sorted(rule.inputs):
            yield f"- Read by the overview line {rule.id} {rule.name} ({rule.requirement}).", name


def _title(theme: str) -> str:
    return schemas.codes("themes").text_of(theme) or theme
