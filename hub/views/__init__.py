"""Reader-free material: chronology entries, relationships, links, and the fold of a child."""

from hub.views.bases import CONSULT_ONLY
from hub.views.effect import having_a_part
from hub.views.index import ChildIndex
from hub.views.links import in_force, other_child
from hub.views.material import whole_material
from hub.views.missed import DEADLINE_MISSED, Missed, evidence_of, is_missed
from hub.views.narrowing import NARROWING
from hub.views.stored import LINK_TYPE, StoredLink, StoredPost, read_link, read_post
from hub.views.types import ChildView, Folded, Grant, GrantKind, LinkEntry, Named, Post, order
from hub.views.views import Judged, Views

__all__ = [
    "CONSULT_ONLY",
    "DEADLINE_MISSED",
    "LINK_TYPE",
    "NARROWING",
    "ChildIndex",
    "ChildView",
    "Folded",
    "Grant",
    "GrantKind",
    "Judged",
    "LinkEntry",
    "Missed",
    "Named",
    "Post",
    "StoredLink",
    "StoredPost",
    "Views",
    "evidence_of",
    "having_a_part",
    "in_force",
    "is_missed",
    "order",
    "other_child",
    "read_link",
    "read_post",
    "whole_material",
]
