"""A recorded run on disk: its files as plain Python values.

Here: which files a run has and how one is read, compressed or not. Not here: what they mean (`watch`, `audit`).
"""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the corpus: a folder, and the cluster under which a lake holds it."""

    name: str
    folder: Path
    cluster: str


def instant(text: str) -> datetime:
    """A Kubernetes timestamp in UTC; nanoseconds are cut to microseconds."""
    return datetime.fromisoformat(text).astimezone(UTC)


def records(folder: Path, name: str) -> Iterator[Json]:
    """The JSON lines of one file of a run, whether it is stored compressed or not.

    Raises:
        FileNotFoundError: The run has no such file.
    """
    for line in raw_lines(_stored(folder, name)):
        yield json.loads(line)


def records_if_any(folder: Path, name: str) -> Iterator[Json]:
    """The JSON lines of one file of a run; none if the run has no such file."""
    try:
        yield from records(folder, name)
    except FileNotFoundError:
        return


def document_if_any(folder: Path, name: str) -> Json:
    """The one JSON document of a file of a run; an empty one if the run has no such file."""
    try:
        document: Json = json.loads(b"".join(raw_lines(_stored(folder, name))))
    except FileNotFoundError:
        return {}
    return document


def raw_lines(path: Path) -> Iterator[bytes]:
    """The lines of one file, inflated where its name ends in `.gz`."""
    opener = gzip.open if path.suffix == ".gz" else Path.open
    with opener(path, "rb") as file:
        yield from file


def audit_files(folder: Path) -> list[Path]:
    """The audit log's files of a run, in no particular order of time."""
    return sorted((folder / "audit").glob("audit*.log*"))


def _stored(folder: Path, name: str) -> Path:
    for path in (folder / name, folder / f"{name}.gz"):
        if path.exists():
            return path
    msg = f"{folder} has neither {name} nor {name}.gz: is it a run of the corpus?"
    raise FileNotFoundError(msg)
