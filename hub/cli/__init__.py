"""The composition root and the commands of `hub`; the only reader of settings, clocks and randomness."""

from hub.cli.commands import app, main

__all__ = ["app", "main"]
