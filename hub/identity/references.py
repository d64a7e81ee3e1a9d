"""References to children: the hub's own ids, and the check digits of national numbers."""

from __future__ import annotations

from typing import Final

_UPN_LETTERS: Final = "ABCDEFGHJKLMNPQRTUVWXYZ"


def named_child(reference: str) -> str | None:
    """The child's id where a reference is the hub's own id of a child."""
    return reference.removeprefix("child:") if reference.startswith("child:") else None


def check_digit_fits(reference: str) -> bool:
    """Whether the check digit of a number is right; forms without one always fit.

    A wrong digit is told to the poster and never refuses a post: a mistyped number on a form must not
    keep a concern out.
    """
    kind, _, number = reference.partition(":")
    if kind == "nhs":
        return _nhs_fits(number)
    if kind == "upn":
        return _upn_fits(number)
    return True


def _nhs_fits(number: str) -> bool:
    """Modulus 11 over nine digits with weights 10 to 2; a remainder that gives 10 is never issued."""
    rest = 11 - sum(int(digit) * weight for digit, weight in zip(number, range(10, 1, -1), strict=False)) % 11
    return rest % 11 == int(number[9]) if rest != 10 else False


def _upn_fits(number: str) -> bool:
    """Modulus 23 over the twelve characters after the letter, weights 2 to 13.

    The last character of a temporary number is a letter and counts by its place in the alphabet.
    """
    total = 0
    for character, weight in zip(number[1:], range(2, 14), strict=True):
        if not character.isdigit() and character not in _UPN_LETTERS:
            return False
        total += weight * (int(character) if character.isdigit() else _UPN_LETTERS.index(character))
    return number[0] == _UPN_LETTERS[total % 23]
