"""Refuses imagery in any dress: the hub holds categories and levels, never pictures or links to them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final
from urllib.parse import unquote

from hub.envelope import JsonObject, JsonValue
from hub.errors import HubError

_MEDIA_MEMBERS: Final = frozenset(
    "attachment attachments audio avatar base64 binary blob file files gif image images img media mp4 "
    "jpeg jpg photo photos photograph picture pictures png scan scans screenshot screenshots "
    "thumbnail thumbnails video videos".split()
)
# Every pattern is bounded, so that a long hostile text costs one pass.
_EMBEDDED: Final = re.compile(
    r"\bdata:(?:[a-z]{1,40}/[a-z0-9.+-]|[^\s,]{0,200};\s{0,8}base64|,)|<(?:img|video|svg|picture)\b",
    re.IGNORECASE,
)
_EXTENSION: Final = re.compile(
    r"\.(?:apng|avi|avif|bmp|gif|heic|heif|jfif|jpe?g|m4v|mkv|mov|mp4|mpe?g|png|psd|svg|tiff?|webm|webp"
    r"|wmv|3gp)(?![a-z0-9])",
    re.IGNORECASE,
)
# What makes a word with such an extension a link: a scheme, a path, or a network share.
_LINK: Final = re.compile(r"[:/\\]|www\.", re.IGNORECASE)
# Base64 in one run, in lines of the usual width, or opening with a picture's first bytes.
_BLOB: Final = re.compile(
    r"(?<![A-Za-z0-9+/])(?:[A-Za-z0-9+/]{120}|(?:[A-Za-z0-9+/]{56,119}={0,2}\s?){3})"
    r"|(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{120}"
    r"|(?:/9j/[A-Za-z0-9+/]|iVBORw0KGgo|R0lGOD[dl]h?|UklGR)[A-Za-z0-9+/]{24}"
)
_FEWEST_SIGNS: Final = 8
_SHORTEST_BLOB: Final = 28
_RUN: Final = re.compile(rf"[A-Za-z0-9+/_-]{{{_SHORTEST_BLOB}}}")


def check_imagery(data: JsonObject) -> None:
    """Refuse data that holds imagery or a link to it, by member name or in any string.

    Raises: HubError("imagery").
    Source: H-22
    """
    texts: list[str] = []
    for member, value in _members(data):
        if member.lower() in _MEDIA_MEMBERS:
            raise HubError("imagery", rule="H-22")
        if isinstance(value, str):
            texts.append(value)
    # One search over all of them; a line break, which no text can hold, keeps them apart.
    if _is_imagery("\n".join(texts)):
        raise HubError("imagery", rule="H-22")


def _is_imagery(text: str) -> bool:
    # Percent-encoding would hide an extension or a scheme.
    plain = unquote(text) if "%" in text else text
    return _is_embedded(plain) or _has_blob(plain) or _has_media_link(plain)


def _is_embedded(text: str) -> bool:
    # Every form begins with a sign that is quickly found, or not.
    return ("<" in text or "data:" in text.lower()) and _EMBEDDED.search(text) is not None


def _has_blob(text: str) -> bool:
    # Every form has a run of such signs that hardly a word of ordinary text has.
    words = text.split()
    if max(map(len, words), default=0) < _SHORTEST_BLOB:
        return False
    if not any(len(word) >= _SHORTEST_BLOB and _RUN.search(word) for word in words):
        return False
    # A long line of one sign is no picture: it is for the schema to say that it is too long.
    return any(len(set(found.group())) >= _FEWEST_SIGNS for found in _BLOB.finditer(text))


def _has_media_link(text: str) -> bool:
    if not _EXTENSION.search(text):
        return False
    for word in text.split():
        extensions = list(_EXTENSION.finditer(word))
        if extensions and _LINK.search(word, 0, extensions[-1].start()):
            return True
    return False


def _members(data: JsonObject) -> Iterator[tuple[str, JsonValue]]:
    pending: list[tuple[str, JsonValue]] = list(data.items())
    while pending:
        member, value = pending.pop()
        yield member, value
        if isinstance(value, str):
            continue
        if isinstance(value, Mapping):
            pending.extend(value.items())
        elif isinstance(value, Sequence):
            pending.extend(("", item) for item in value)
