"""Reading bytes into a lake, for tests: write a file, ingest it, look at the rows.

Not here: tests.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipelines.config import Settings
from pipelines.ingest import IngestReport, ingest
from pipelines.lake import Lake
from tests.ingest.logs import lines, write

if TYPE_CHECKING:
    from pathlib import Path

    from tests.ingest.logs import Json

CLUSTER = "prod"


class Reading:
    """A lake with files in a folder beside it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.lake = Lake.open(folder / "lake")

    def file(self, data: bytes, name: str = "logs/audit.log") -> str:
        """Write a file; its path."""
        return write(self.folder / name, data)

    def ingest(self, *paths: str, **settings: Any) -> IngestReport:  # noqa: ANN401 - settings by name
        """Read paths, or all of the folder `logs`."""
        return ingest(self.lake, CLUSTER, paths or [str(self.folder / "logs")], Settings(**settings))

    def read(self, *values: Json | str, **settings: Any) -> IngestReport:  # noqa: ANN401 - settings by name
        """Read one file of these lines."""
        return self.ingest(self.file(lines(*values)), **settings)

    def rows(self, table: str) -> list[dict[str, Any]]:
        """The rows of a table, as a reader may see them, by line."""
        rows = self.lake.read(table, CLUSTER).to_pylist()
        return sorted(rows, key=lambda row: (row["source_id"], row.get("source_line") or row.get("line") or 0))

    def row(self, table: str) -> dict[str, Any]:
        """The only row of a table."""
        [row] = self.rows(table)
        return row

    def stored(self) -> bytes:
        """Every value of every raw row as text: what must not hold a secret."""
        return "\n".join(str(row) for table in ("audit_events", "k8s_events", "objects", "quarantine") for row in self.rows(table)).encode()
