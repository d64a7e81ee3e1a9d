"""Which event types a function of the pathway reads, found in the function itself and in what it calls."""

from __future__ import annotations

from collections.abc import Iterable
from types import CodeType, FunctionType, ModuleType

PATHWAY = "hub.pathway"


def types_read(function: object, names: frozenset[str]) -> frozenset[str]:
    """The names among `names` that a function holds, itself or through functions of the pathway.

    Constants, collections and called functions are followed, so that the page cannot say less than the
    code reads.
    """
    found: set[str] = set()
    _follow(function, names, found, set())
    return frozenset(found)


def _follow(value: object, names: frozenset[str], found: set[str], seen: set[int]) -> None:
    if isinstance(value, str):
        found |= {value} & names
    elif isinstance(value, tuple | frozenset | list | set):
        for one in value:
            _follow(one, names, found, seen)
    elif isinstance(value, CodeType):
        _follow(value.co_consts, names, found, seen)
    elif isinstance(value, FunctionType) and id(value) not in seen and value.__module__.startswith(PATHWAY):
        seen.add(id(value))
        _follow(value.__code__, names, found, seen)
        for one in _mentioned(value):
            _follow(one, names, found, seen)


def _mentioned(function: FunctionType) -> Iterable[object]:
    """What a function names: its module's globals, and members of the pathway's modules among them."""
    named = {name for code in _codes(function.__code__) for name in code.co_names}
    for name in named & set(function.__globals__):
        value = function.__globals__[name]
        if isinstance(value, ModuleType) and value.__name__.startswith(PATHWAY):
            yield from (getattr(value, member) for member in named if hasattr(value, member))
        else:
            yield value


def _codes(code: CodeType) -> Iterable[CodeType]:
    yield code
    for one in code.co_consts:
        if isinstance(one, CodeType):
            yield from _codes(one)
