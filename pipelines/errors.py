"""Errors that people see: what went wrong, where, and what to do about it.

Not here: errors of the code itself, which stay Python's own exceptions.
"""

from __future__ import annotations

from typing import ClassVar


class LorgnetteError(Exception):
    """Something that the user can put right.

    Args:
        what: One sentence that says what went wrong.
        where: The file, setting or table that it happened at.
        remedy: What to do next.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, what: str, *, where: str | None = None, remedy: str | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.remedy = remedy

    def __str__(self) -> str:
        """All three parts, one line each."""
        parts = [self.what]
        if self.where:
            parts.append(f"  where: {self.where}")
        if self.remedy:
            parts.append(f"  remedy: {self.remedy}")
        return "\n".join(parts)


class UsageError(LorgnetteError):
    """What was asked for makes no sense, such as a limit that is no duration."""

    exit_code: ClassVar[int] = 2


class ConfigError(LorgnetteError):
    """`lorgnette.yaml`, a rule file or an environment variable cannot be used."""

    exit_code: ClassVar[int] = 2


class InputError(LorgnetteError):
    """The given files hold nothing that can be read."""


class SourceError(LorgnetteError):
    """One source cannot be read; the others can."""


class AccountingError(LorgnetteError):
    """Lines of a source were lost or counted twice: a fault of this program, never of the input."""

    exit_code: ClassVar[int] = 70
