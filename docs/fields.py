"""Words for the fields of a schema: one table row a property, with its form in plain words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, cast

from schemas import JsonObject

ORGANISATION: Final = "^(police|social-care|education|health|youth-justice|partnership|other)"
TABLE: Final = ("| field | words | form | required | labels |", "|---|---|---|---|---|")


def rows(schema: JsonObject, link: str | None = None) -> Iterator[str]:
    """The rows of a table of fields, nested ones under their parent.

    Shape: `link` is the address of the folder of code lists as seen from the page, None for no links.
    """
    for path, described, required in _properties(schema):
        labels = ", ".join(cast("list[str]", described["x-label"])) or "-"
        cells = (f"`{path}`", described.get("title", path), form(described, link), required, labels)
        yield "| " + " | ".join(str(cell) for cell in cells) + " |"


def form(described: JsonObject, link: str | None = None) -> str:
    """The form of a property in plain words."""
    if "x-level-of" in described:
        return f"level of the scale in `{described['x-level-of']}`"
    if "x-codes" in described:
        name = described["x-codes"]
        return f"code of [{name}]({link}/{name}.json)" if link else f"code of `{name}`"
    if "enum" in described:
        return "one of " + ", ".join(f"`{one}`" for one in cast("list[str]", described["enum"]))
    if "const" in described:
        return f"`{described['const']}`"
    match described.get("type"):
        case "boolean":
            return "yes or no"
        case "integer":
            return f"whole number, {described['minimum']} to {described['maximum']}"
        case "array":
            return _list(described, link)
        case "object":
            return "object"
        case _:
            return _text(described)


def _properties(schema: JsonObject, path: str = "") -> Iterator[tuple[str, JsonObject, str]]:
    required = cast("list[str]", schema.get("required", []))
    for name, described in cast("Mapping[str, JsonObject]", schema.get("properties", {})).items():
        here = f"{path}{name}"
        yield here, described, "yes" if name in required else ""
        yield from _properties(described, f"{here}.")
        items = described.get("items")
        if isinstance(items, Mapping):
            yield from _properties(items, f"{here}[].")


def _list(described: JsonObject, link: str | None) -> str:
    items, most = cast("JsonObject", described["items"]), described["maxItems"]
    what = "of objects" if items.get("type") == "object" else f": {form(items, link)}"
    return f"list{' ' if what.startswith('of') else ''}{what}, at most {most}"


def _text(described: JsonObject) -> str:
    pattern = str(described.get("pattern", ""))
    if described.get("format") == "date":
        return "date `YYYY-MM-DD`"
    if "unknown" in pattern:
        return "`YYYY`, `YYYY-MM`, `YYYY-MM-DD`, date and time with offset, or `unknown`"
    if described.get("format") == "date-time" or "T([01]" in pattern:
        return "date and time with offset (RFC 3339)"
    if pattern.startswith("^(nhs:"):
        return "reference to a child"
    if pattern.startswith("^urn:safeguarding:org:"):
        return "`urn:safeguarding:org:<organisation>`"
    if pattern.startswith("^[0-9a-f]{8}-"):
        return "UUID"
    if pattern.startswith(ORGANISATION):
        if pattern.endswith(")?$"):
            return "organisation or person"
        return "person `<organisation>/<local id>`" if "/" in pattern else "organisation `<kind>.<name>`"
    if pattern == "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$":
        return "opaque token, at most 64 characters"
    if "maxLength" in described:
        return f"text, at most {described['maxLength']} characters"
    return f"text of the form `{pattern.removeprefix('^').removesuffix('$')}`".replace("|", "\\|")
