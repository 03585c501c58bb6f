"""The trail of what was asked: one line of JSON per request, with who, what, when, how many rows and how long.

Not here: what a web server calls its access log, which would hold addresses only. Tokens never are in it, nor are the rows.
"""

from __future__ import annotations

import json
import sys
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from pipelines.errors import LorgnetteError
from pipelines.serving.http.tokens import hidden

if TYPE_CHECKING:
    from pathlib import Path

_MOST_CHARACTERS = 4000


class Journal:
    """Appends to a file, or to stderr."""

    def __init__(self, path: Path | None) -> None:
        """Open it.

        Raises:
            LorgnetteError: The file cannot be written.
        """
        self._lock = threading.Lock()
        try:
            self._out = sys.stderr if path is None else path.open("a", encoding="utf-8", buffering=1)
        except OSError as error:
            raise LorgnetteError(f"The journal cannot be written: {error.strerror}", where=str(path), remedy="Give another by --journal.") from error

    def write(self, **said: Any) -> None:  # noqa: ANN401 - any JSON
        """Add a line; `asked` is cut where it is very long."""
        line = {"at": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")} | {
            key: _kept(value) for key, value in said.items()
        }
        with self._lock:
            self._out.write(json.dumps(line, ensure_ascii=False) + "\n")

    def close(self) -> None:
        """Close the file."""
        if self._out is not sys.stderr:
            self._out.close()


def _kept(value: object) -> object:
    if not isinstance(value, str):
        return value
    text = hidden(value)
    return text if len(text) <= _MOST_CHARACTERS else f"{text[:_MOST_CHARACTERS]}… ({len(text)} characters)"
