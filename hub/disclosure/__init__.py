"""The only way out: policies, decide, redact, tokens, release."""

from hub.disclosure.desk import Disclosure
from hub.disclosure.notices import Notice
from hub.disclosure.purposes import Purposes, load_purposes
from hub.disclosure.rules import Rule, RuleSet, load_rules

__all__ = ["Disclosure", "Notice", "Purposes", "Rule", "RuleSet", "load_purposes", "load_rules"]
