"""The only way out: policies, decide, redact, tokens, release."""

from hub.disclosure.desk import Disclosure
from hub.disclosure.handing import Notice
from hub.disclosure.mail import Mail
from hub.disclosure.purposes import Purposes, load_purposes
from hub.disclosure.recall import CHANGES
from hub.disclosure.rules import Rule, RuleSet, load_rules
from hub.disclosure.telling import Look

__all__ = [
    "CHANGES",
    "Disclosure",
    "Look",
    "Mail",
    "Notice",
    "Purposes",
    "Rule",
    "RuleSet",
    "load_purposes",
    "load_rules",
]
