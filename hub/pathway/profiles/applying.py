"""Which authority's profile applies: the convenor's to the meeting, the child's own to the rest.

Source: Q-05; S3 s.4 names the convenor.
"""

from __future__ import annotations

from collections.abc import Sequence

from hub.pathway.child import authority_of, entries_of, in_role
from hub.pathway.entries import Entry, Material
from hub.pathway.fields import text
from hub.pathway.profiles.profile import Profile, ProfileOf


def authority(material: Material, child: str | None = None) -> str | None:
    """The responsible authority of this child, or of a linked one that this reader may look at."""
    wanted = child or material.child
    if wanted == material.child and material.authority is not None:
        return material.authority
    return authority_of(entries_of(material, wanted))


def own_profile(material: Material, profile_of: ProfileOf) -> Profile | None:
    """The profile of the child's own authority: plans, reviews, gates, settings of lines."""
    organisation = authority(material)
    return profile_of(organisation) if organisation else None


def convening_authority(
    material: Material, child: str, convened: Sequence[Entry], held: Sequence[Entry]
) -> str | None:
    """The authority whose profile drives a child's meeting.

    Shape: 1. the chair that the convening names, else who convened; 2. who recorded that it was held;
    3. before anyone convened, the authority of a child who has been harmed; 4. the child's own.
    """
    for one in convened:  # 1.
        named = text(one, "chair_authority") or one.organisation
        if named is not None:
            return named
    for one in held:  # 2.
        if one.organisation is not None:
            return one.organisation
    for other in sorted({material.child, *material.linked}):  # 3.
        if in_role(entries_of(material, other), "has-been-harmed"):
            found = authority(material, other)
            if found is not None:
                return found
    return authority(material, child)  # 4.
