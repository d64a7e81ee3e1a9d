"""How a process that runs for long looks for garbage: seldom, and never in what it was put together from."""

from __future__ import annotations

import gc
from typing import Final

_OBJECTS: Final = 10_000
"""So many new objects are made before the youngest are looked through: those of some dozen posts."""


def put_together() -> None:
    """Say that all that a process needs for its work has been made, and is kept until the process ends.

    Why: schemas, rules and code are hundreds of thousands of objects. Looking through them again and again
    for garbage took a sixth of the time of a post, and stopped all threads each time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_OBJECTS, *gc.get_threshold()[1:])
