"""Reader-free material: chronology entries, relationships, links, and the fold of a child."""

from hub.views.index import ChildIndex
from hub.views.links import in_force, other_child
from hub.views.material import whole_material
from hub.views.stored import LINK_TYPE, StoredLink, StoredPost, read_link, read_post
from hub.views.types import ChildView, Folded, Grant, GrantKind, LinkEntry, Named, Post, order
from hub.views.views import Judged, Views

__all__ = [
    "LINK_TYPE",
    "ChildIndex",
    "ChildView",
    "Folded",
    "Grant",
    "GrantKind",
    "Judged",
    "LinkEntry",
    "Named",
    "Post",
    "StoredLink",
    "StoredPost",
    "Views",
    "in_force",
    "order",
    "other_child",
    "read_link",
    "read_post",
    "whole_material",
]
