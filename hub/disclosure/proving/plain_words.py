"""What the sharing rules name by codes, in words: what a reader is to a child, labels, lines and notices."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Final

import schemas
from hub.disclosure.rules import load_rules

READERS: Final[Mapping[str, str]] = {
    "addressed": "an organisation that it is addressed to",
    "attendee": "somebody who was at a meeting about the child",
    "carer": "the child's foster carer or home",
    "consulted": "police who are consulted and do not investigate",
    "early-help": "an early help worker with the child",
    "emergency": "somebody who uses emergency access to the child",
    "enquiry": "the social worker of the enquiry",
    "family": "the child's family",
    "front-door": "a front door that was told of the child",
    "group-member": "a member of a group about the child",
    "health": "a health practitioner of the child",
    "iro": "the child's reviewing officer, or the chair of its conference",
    "mappa": "the coordinator of public protection arrangements for the child",
    "officer": "an information governance officer",
    "own-front-door": "the front door of the child's own authority",
    "own-worker": "the child's own social worker",
    "police": "police who investigate",
    "respondent": "somebody who was asked for records about the child",
    "safeguarding-unit": "the safeguarding unit of the child's authority",
    "school": "the safeguarding lead of the child's school",
    "smg": "a member of the strategic management group",
    "spoc": "the child's single point of contact",
    "subject": "the child",
    "team-manager": "a team manager of the child's authority",
    "therapist": "the child's therapist",
    "youth-justice": "the child's youth justice worker",
}
"""What a reader can be to a child, as the rules name it."""
_CODE: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)+\Z")
# Lines of which no single rule has the words.
_LINES: Final[Mapping[str, str]] = {
    "account": "Own account: what was told",
    "account-name": "Own account: the name of who was told",
    "account-to": "Own account: who was told",
    "convenor-list": "Whom to invite to a meeting",
    "safety-measure": "Safety measure",
    "safety-measure-for-linked-child": "Safety measure for a linked child",
}
_SIDES: Final[Mapping[str, str]] = {
    "has-harmed": "a child who has harmed",
    "has-been-harmed": "a child who has been harmed",
}


def reader_in_words(code: str) -> str:
    """What a reader is to a child, to stand in a sentence; what no rule names as a relationship has it."""
    return READERS.get(code) or _listed("relationship-kinds").get(code) or _spaced(code)


def relationship_in_words(code: str) -> str:
    """The relationship for whose sake an organisation is told something."""
    return _listed("relationship-kinds").get(code) or reader_in_words(code)


def role_in_words(code: str) -> str:
    """A role as the directory has it."""
    return _listed("roles").get(code) or _spaced(code)


def side_in_words(code: str) -> str:
    """As what an incident names a child."""
    return _SIDES.get(code) or _spaced(code)


def label_in_words(code: str) -> str:
    """A label, with its code, by which fields are marked."""
    text = _listed("labels").get(code)
    return f"{text} ({code})" if text else code


def line_in_words(code: str) -> str:
    """What a coded line is about, by its code: as the rule that sends it says it, where one does."""
    return _LINES.get(code) or _said_by_rules().get(f"line-{code}") or _spaced(code)


def notice_in_words(code: str) -> str:
    """What a notice is about, by its code; one that passes on a coded line has the line's code."""
    return _said_by_rules().get(f"line-notice-{code}") or line_in_words(code)


def at_start(words: str) -> str:
    """Words as they stand where a line or a heading begins with them."""
    return words[:1].upper() + words[1:]


@cache
def _said_by_rules() -> Mapping[str, str]:
    """The words for each line, where the rules that send it agree on them."""
    rules, found = load_rules(), dict[str, set[str]]()
    for policy in rules.parsed:
        for action in policy.actions:
            if policy.effect == "permit":
                found.setdefault(action, set()).add(rules.rule(policy.id).text)
    return {action: next(iter(texts)) for action, texts in found.items() if len(texts) == 1}


@cache
def _listed(name: str) -> Mapping[str, str]:
    return {one.code: one.text for one in schemas.codes(name).codes}


def _spaced(code: str) -> str:
    return code.replace("-", " ") if _CODE.match(code) else code
