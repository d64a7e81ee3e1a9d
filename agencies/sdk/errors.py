"""What can go wrong on the agency's side, in words an operator can act on."""

from __future__ import annotations


class AgencyError(Exception):
    """A fault of set-up or input, with the next step.

    Trust: neither text ever holds content of a record, only file names, columns and record numbers.
    """

    def __init__(self, message: str, fix: str) -> None:
        self.message = message
        self.fix = fix
        super().__init__(message)
