"""By which number a reader knows a child: one that the reader typed, or was shown, in this session.

The hub's own id of a child says nothing to anybody. A number stands in its place only where the reader
has it already, for as long as the sealed session lasts, and only on pages about children of the reader.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, MutableMapping
from typing import Final

from hub.disclosure.answers import ShownEntry

REMEMBERED: Final = 8
LONGEST: Final = 64
"""Longer ones are not kept: the session has to fit into one cookie."""
_KEPT: Final = "known_as"
_OPENED: Final = "child-stream-opened"
_FIRST: Final = ("nhs:", "upn:", "local:")

Session = MutableMapping[str, object]


def remember(session: Session, child: str, identifier: str) -> None:
    """Keep the identifier by which the reader asked for a child."""
    if identifier.startswith(_FIRST) and len(identifier) <= LONGEST:
        kept = {one: name for one, name in _kept(session).items() if one != child} | {child: identifier}
        session[_KEPT] = dict(list(kept.items())[-REMEMBERED:])


def learn(session: Session, child: str, entries: Iterable[ShownEntry], organisation: str) -> None:
    """Keep the identifier that these entries give the reader: of its own organisation first.

    Trust: where they show that the child was opened and give no identifier, none is kept any more.
    """
    for one in entries:
        if one.type != _OPENED:
            continue
        given = one.fields.get("identifiers")
        texts = [text for text in given if isinstance(text, str)] if isinstance(given, list | tuple) else []
        session[_KEPT] = {name: text for name, text in _kept(session).items() if name != child}
        ranked = sorted(texts, key=lambda text: _rank(text, organisation))
        if ranked:
            remember(session, child, ranked[0])


def naming(session: Mapping[str, object], titled: Callable[[str], str]) -> Callable[[str], str | None]:
    """How the pages call a child: its number in words, or None where the reader is not known to have one."""

    def known_as(child: str) -> str | None:
        identifier = _kept(session).get(child)
        return None if identifier is None else _said(identifier, titled)

    return known_as


def _kept(session: Mapping[str, object]) -> dict[str, str]:
    kept = session.get(_KEPT)
    return dict(kept) if isinstance(kept, dict) else {}


def _rank(identifier: str, organisation: str) -> int:
    if identifier.startswith(f"local:{organisation}:"):
        return 0
    found = (place for place, begin in enumerate(_FIRST, start=1) if identifier.startswith(begin))
    return next(found, len(_FIRST) + 1)


def _said(identifier: str, titled: Callable[[str], str]) -> str:
    """An identifier in words; an NHS number in the groups in which it is printed everywhere."""
    kind, _, number = identifier.partition(":")
    if kind == "nhs":
        return f"NHS number {number[:3]} {number[3:6]} {number[6:]}"
    if kind == "upn":
        return f"UPN {number}"
    organisation, _, own = number.partition(":")
    return f"{own} ({titled(organisation)})"
