"""Which child is this: references, provisional streams, and the decisions that join them.

Nothing here is ever written back: a child's id is resolved when something is read.
"""

from hub.identity.identity import Identity, Waiting
from hub.identity.records import (
    ChildOpened,
    OpeningContested,
    ProvisionalOpened,
    ReferenceResolved,
    draft_of,
)
from hub.identity.references import check_digit_fits, named_child

__all__ = [
    "ChildOpened",
    "Identity",
    "OpeningContested",
    "ProvisionalOpened",
    "ReferenceResolved",
    "Waiting",
    "check_digit_fits",
    "draft_of",
    "named_child",
]
