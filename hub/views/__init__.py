"""Reader-free material: chronology entries, relationships, links, and the fold of a child."""

from hub.views.bases import CONSULT_ONLY
from hub.views.effect import having_a_part
from hub.views.emergency import EmergencyUse, Outcome, Review
from hub.views.index import ChildIndex
from hub.views.links import carrying, in_force, other_child
from hub.views.material import whole_material
from hub.views.missed import DEADLINE_MISSED, Missed, evidence_of, is_missed
from hub.views.narrowing import NARROWING
from hub.views.relationships import CONCERNS
from hub.views.retracted import Retracted, retracted_entries
from hub.views.stored import LINK_TYPE, StoredLink, StoredPost, read_link, read_post
from hub.views.types import ChildView, Folded, Grant, GrantKind, LinkEntry, Named, Post, order
from hub.views.views import Judged, Views
from hub.views.working_group import of_working_group

__all__ = [
    "CONCERNS",
    "CONSULT_ONLY",
    "DEADLINE_MISSED",
    "LINK_TYPE",
    "NARROWING",
    "ChildIndex",
    "ChildView",
    "EmergencyUse",
    "Folded",
    "Grant",
    "GrantKind",
    "Judged",
    "LinkEntry",
    "Missed",
    "Named",
    "Outcome",
    "Post",
    "Retracted",
    "Review",
    "StoredLink",
    "StoredPost",
    "Views",
    "carrying",
    "evidence_of",
    "having_a_part",
    "in_force",
    "is_missed",
    "of_working_group",
    "order",
    "other_child",
    "read_link",
    "read_post",
    "retracted_entries",
    "whole_material",
]
