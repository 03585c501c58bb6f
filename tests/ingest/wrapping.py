"""What tests of wrappers share: the rows of lines as they are, to be found again out of any wrapper, and other people's samples.

Not here: tests.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.ingest.logs import audit, event, lines, pod
from tests.ingest.reading import Reading

if TYPE_CHECKING:
    from tests.ingest.logs import Json

PUBLIC = Path(os.environ.get("LORGNETTE_PUBLIC", Path(__file__).parents[3] / "shared" / "public"))
TABLES = ("audit_events", "k8s_events", "objects")
SECRET = "hunter2-s3cr3t"  # noqa: S105 - what must not be found

AUDITED = (
    audit(auditID="a"),
    audit(auditID="b", userAgent='quo"ted\\ é\n', responseObject=pod(metadata={"resourceVersion": "101"}), stageTimestamp="2026-11-23T08:00:00Z"),
    audit(auditID="c", verb="create", objectRef={"resource": "events", "subresource": None, "name": None}, responseObject=None)
    | {"requestObject": event(), "responseObject": event()},
)
SECRET_LINE = audit(auditID="s", verb="create", objectRef={"resource": "secrets", "name": "db", "subresource": None}) | {
    "requestObject": {"kind": "Secret", "apiVersion": "v1", "metadata": {"name": "db"}, "data": {"password": SECRET}}
}


def rows_of(reading: Reading) -> dict[str, list[Json]]:
    """All rows but for what names the file, and the server, which wrappers and paths tell."""
    names = {"source_id", "server"}
    return {table: [{name: value for name, value in row.items() if name not in names} for row in reading.rows(table)] for table in TABLES}


def bare_rows(tmp_path: Path, *values: Json) -> dict[str, list[Json]]:
    """The rows of these lines without any wrapper."""
    reading = Reading(tmp_path / "bare")
    reading.ingest(reading.file(lines(*values)))
    return rows_of(reading)


def samples(folder: str, name: str) -> list[dict[str, Any]]:
    """The lines of a third-party sample; skips the test where they are not at hand."""
    path = PUBLIC / folder / name
    if not path.exists():
        pytest.skip(f"the third-party sample {folder}/{name} is not here (LORGNETTE_PUBLIC)")
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
