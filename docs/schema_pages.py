"""The page beside each schema: what the type is for, who sends it, its fields, an example."""

from __future__ import annotations

import json
from typing import Final

import schemas
from docs import fields
from hub.catalogue import EventType, Poster
from hub.catalogue.types import OpenItem

KINDS: Final = {
    "fact": "A fact: it is kept whatever is missing, and its poster is told what is.",
    "decision": "A decision: it passes a gate and may be refused, with the rule that says why.",
    "hub": "A record that the hub makes itself; no agency can post it.",
}
NOTE: Final = "<!-- Made by `make docs`; change the source, not this page. -->\n"
BASIS: Final = (
    "The poster shares it on the basis that its own law gives it for safeguarding; "
    "readers read on the basis in `codes/purpose-bases.json`."
)


def page(one: EventType) -> str:
    """The README.md of one event type, made from its schema and its full example."""
    schema = schemas.schema(one.name, one.version)
    example = next(each for each in schemas.examples(one.name, one.version) if each.name == "full")
    lines = [
        f"# {one.title} (`{one.name}`, version {one.version})",
        "",
        NOTE,
        "## Purpose",
        one.purpose,
        "",
        KINDS[one.kind],
        "",
        f"Serves {', '.join(one.serves)}.",
        "",
        "## Who sends it, and on which basis",
        f"Posted by {posters(one)}.",
        "",
        str(schema["x-basis"]) + ("" if one.kind == "hub" else f" {BASIS}"),
        "",
        "## Fields of `data`",
        *fields.TABLE,
        *fields.rows(schema),
        "",
        *told(one),
        "## Example",
        "```json",
        json.dumps(example.event, indent=2, ensure_ascii=False),
        "```",
    ]
    return "\n".join(lines) + "\n"


def posters(one: EventType) -> str:
    """Who may post a type, in words."""
    return "; ".join(_poster(poster) for poster in one.posted_by)


def told(one: EventType, heading: str = "## ") -> list[str]:
    """What the poster of a fact is told when a field is missing, as a table; nothing where there is none."""
    if not one.open_items:
        return []
    return [
        f"{heading}What its poster is told when it is missing",
        "| field | requirement | source | words |",
        "|---|---|---|---|",
        *(f"| {_item(item)} | {item.requirement} | {item.source} | {item.text} |" for item in one.open_items),
        "",
    ]


def _item(item: OpenItem) -> str:
    conditions = [
        f"when `{member}` is {' or '.join(f'`{_value(one)}`' for one in sorted(values, key=str))}"
        for member, values in item.when.items()
    ]
    conditions += [f"when {' and '.join(f'`{one}`' for one in item.differ)} differ"] if item.differ else []
    conditions += (
        [f"when `{item.above_lowest}` is above the lowest of its scale"] if item.above_lowest else []
    )
    conditions += [f"without `{member}`" for member in item.unless]
    return f"`{item.field}`" + (f" ({', '.join(conditions)})" if conditions else "")


def _value(value: str | int | bool) -> str:
    return json.dumps(value) if isinstance(value, bool) else str(value)


def _poster(poster: Poster) -> str:
    if poster.kind == "hub":
        return "the hub only"
    said = (poster.kind or "any agency").replace("-", " ")
    if poster.role:
        said += f", role {poster.role.replace('-', ' ')}"
    if poster.when:
        said += ", when " + " and ".join(f"`{name}` is `{value}`" for name, value in poster.when.items())
    return said
