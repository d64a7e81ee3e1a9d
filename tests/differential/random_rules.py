"""Rules written at random, as text, in the part of Cedar that the compiled rules know."""

from __future__ import annotations

from hub.disclosure.cases import Chooser

SCHEMA = """
entity Reader = { "classes": Set<String>, "attended": Bool };
entity Item = { "type": String, "detail": String, "filled": Set<String>, "sides": Set<String>, "own": Bool,
                "meeting": String, "joint": Bool, "sourceReveals": Bool };
action "read", "all";
action "show-whole" in ["all"] appliesTo { principal: Reader, resource: Item };
action "read-CRIM", "read-OPIN" in ["read", "all"] appliesTo { principal: Reader, resource: Item };
action "notice" in ["all"];
action "line-notice-level" in ["notice"] appliesTo { principal: Reader, resource: Item };
"""
_SCOPES = (
    "action",
    'action == Action::"show-whole"',
    'action in Action::"read"',
    'action in [Action::"notice", Action::"show-whole"]',
    'action in Action::"all"',
)
_WORDS = ("a", "b", "c", "ä\\n")
_TRUTHS = ("principal.attended", "resource.own", "resource.joint", "true", "false")
_TEXTS = ("resource.type", "resource.detail", "resource.meeting")
_SETS = ("principal.classes", "resource.filled", "resource.sides")


def written(choose: Chooser, count: int) -> str:
    """So many rules."""
    return "\n".join(_rule(choose, number) for number in range(count))


def _rule(choose: Chooser, number: int) -> str:
    notes = "".join(f'@{name}("x")\n' for name in ("rule", "requirement", "legal_basis", "reason"))
    effect = choose.one_of(("permit", "permit", "forbid"))
    clauses = " ".join(
        f"{choose.one_of(('when', 'unless'))} {{ {_truth(choose, 4)} }}" for _ in range(choose.below(3))
    )
    return (
        f'@id("R-{number:02d}")\n{notes}{effect} (principal, {choose.one_of(_SCOPES)}, resource) {clauses};'
    )


def _truth(choose: Chooser, depth: int) -> str:
    kind = choose.below(12 if depth else 6)
    match kind:
        case 0:
            return choose.one_of(_TRUTHS)
        case 1:
            return f"{_text(choose)} {choose.one_of(('==', '!='))} {_text(choose)}"
        case 2:
            return f"{_set(choose)} {choose.one_of(('==', '!='))} {_set(choose)}"
        case 3:
            return f"{_set(choose)}.contains({_text(choose)})"
        case 4:
            return f"{_set(choose)}.{choose.one_of(('containsAny', 'containsAll'))}({_set(choose)})"
        case 5:
            return choose.one_of(('resource has "own"', "principal has classes", "!(resource has nothing)"))
        case 6:
            return f"!({_truth(choose, depth - 1)})"
        case 7:
            test, then, other = (_truth(choose, depth - 1) for _ in range(3))
            return f"(if {test} then {then} else {other})"
        case 8:
            return f"(({_truth(choose, depth - 1)}) == ({_truth(choose, depth - 1)}))"
    sign = choose.one_of(("&&", "||"))
    return f"(({_truth(choose, depth - 1)}) {sign} ({_truth(choose, depth - 1)}))"


def _text(choose: Chooser) -> str:
    return choose.one_of(_TEXTS) if choose.below(2) else f'"{choose.one_of(_WORDS)}"'


def _set(choose: Chooser) -> str:
    if choose.below(2):
        return choose.one_of(_SETS)
    # Cedar's checker knows no type for a set without a member.
    return "[" + ", ".join(f'"{choose.one_of(_WORDS)}"' for _ in range(1 + choose.below(3))) + "]"
