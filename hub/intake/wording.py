"""What a poster is told about the words of its own post, by the procedure that it has adopted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from hub.catalogue import Warning
from hub.directory import DirectoryState
from hub.envelope import JsonObject
from hub.pathway.profiles import TERMS_AVOIDED, Profile
from hub.pathway.terms import QUOTED, found_in, texts_of

_SOURCE: Final = "R-007"
_KINDS: Final = ", ".join(QUOTED)


class Wording:
    """Looks at the words of a post; what it tells comes from the list of terms, never from the post."""

    def __init__(self, profiles: Mapping[str, Profile]) -> None:
        self._profiles: Final = profiles

    def adopted(self, organisation: str, standing: DirectoryState) -> Profile | None:
        """The profile that an organisation has adopted."""
        found = standing.organisations.get(organisation)
        return self._profiles.get(found.profile) if found is not None and found.profile else None

    def warnings(self, data: JsonObject, organisation: str, standing: DirectoryState) -> tuple[Warning, ...]:
        """Terms that the local procedure does not use of a child, and quotations that are not right.

        Shape: the procedure is the organisation's own, else that of its area, else the hub's terms.
        Trust: texts are constant per term; nothing of the post is in one.
        Source: R-007
        """
        posting = standing.organisations.get(organisation)
        area = posting.area if posting is not None else None
        profile = self.adopted(organisation, standing) or (self.adopted(area, standing) if area else None)
        found = found_in(texts_of(data), profile.terms_avoided if profile else TERMS_AVOIDED)
        told = [
            Warning(
                "TERM-01",
                f'"{one.term}" is not said of a child here: write "{one.use_instead}". Where you quote, mark '
                "it as a quotation: {{quote:court-record}}...{{/quote}}.",
                _SOURCE,
            )
            for one in found.terms
        ]
        if found.unknown_kind:
            told.append(
                Warning("TERM-02", f"The kind of a quotation is not known. The kinds are: {_KINDS}.", _SOURCE)
            )
        if found.unpaired:
            told.append(
                Warning("TERM-03", "A quotation has no end, or an end has no quotation before it.", _SOURCE)
            )
        return tuple(told)
