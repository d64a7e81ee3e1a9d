"""What a pattern rule declares about itself, so that nothing it uses is hidden."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from hub.pathway.entries import Line, Material
from hub.pathway.profiles import ProfileOf

Compute: TypeAlias = Callable[[Material, datetime, ProfileOf], tuple[Line, ...]]


@dataclass(frozen=True, slots=True)
class Rule:
    """One pattern rule: its id and name, the requirement it serves, all it reads, and what it computes.

    Shape: `inputs` maps an event type to the members of `data` that are read; `*` is any type, read for
    its organisation only. No rule reads ethnicity, faith or gender.
    Source: E
    """

    id: str
    name: str
    requirement: str
    inputs: Mapping[str, tuple[str, ...]]
    compute: Compute
