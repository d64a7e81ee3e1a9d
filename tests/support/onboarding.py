"""Organisations of a test that have signed what they must sign before they take people on."""

from __future__ import annotations

from datetime import date
from typing import Final

from hub.directory import Directory

BEGAN: Final = date(2000, 1, 1)
ENDS: Final = date(2199, 12, 31)


def signed_up(directory: Directory, *organisations: str, profile: str = "llr-2024") -> None:
    """Let organisations have a sharing agreement with a named lead, in force whatever the clock says.

    Shape: one that follows no procedure, its own or its area's, adopts the profile given.
    """
    for one in organisations:
        directory.agree_sharing(one, "Agreement of the tests", ENDS, f"{one}/lead-1", BEGAN)
        if directory.standing(one).profile is None:
            directory.adopt_profile(one, profile)
