"""Scenarios played by the agencies themselves: which native record is posted when."""

from agencies.scenarios.run import (
    Played,
    PreparedPost,
    Resolution,
    Scenario,
    load_scenario,
    play,
    posts,
    together,
    variant,
)

__all__ = [
    "Played",
    "PreparedPost",
    "Resolution",
    "Scenario",
    "load_scenario",
    "play",
    "posts",
    "together",
    "variant",
]
