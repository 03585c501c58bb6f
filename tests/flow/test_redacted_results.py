"""Redaction hides nothing that a result needs: the strictest gives the same derived tables as none."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from bench.levels.build import lines_of
from lake_schema import TABLES
from pipelines.config import Settings
from pipelines.ingest import ingest
from pipelines.lake import Lake
from pipelines.refresh import refresh

if TYPE_CHECKING:
    from collections.abc import Mapping


_SAMPLE = Path(__file__).parents[2] / "sample"
_LINES = 4_000
_NONE = {"config_maps": False, "container_env": False, "last_applied": False, "tokens": False, "exec_commands": False}
_STRICT = {"container_commands": True, "patterns": ["hvs[.][A-Za-z0-9]{24,}"]}


def _derived(folder: Path, log: Path, redaction: Mapping[str, object]) -> Lake:
    lake = Lake.open(str(folder))
    settings = Settings(redaction=redaction)
    ingest(lake, "c", [str(log)], settings)
    refresh(lake, "c", settings=settings)
    return lake


@pytest.fixture(scope="module")
def lakes(tmp_path_factory: pytest.TempPathFactory) -> tuple[Lake, Lake]:
    """The first minutes of the sample, as they are and redacted."""
    folder = tmp_path_factory.mktemp("redacted")
    log = folder / "audit.log"
    log.write_bytes(b"".join(islice(lines_of(_SAMPLE / "audit"), _LINES)))
    return _derived(folder / "plain", log, _NONE), _derived(folder / "strict", log, _STRICT)


def _comparable(lake: Lake, table: str) -> list[dict[str, Any]]:
    """The rows without what names the lake's own files, and without digests of what is stored."""
    rows: list[dict[str, Any]] = lake.read(table, "c").to_pylist()
    for row in rows:
        row.pop("source_id", None)
        row.pop("template", None)
        row.pop("spec", None)
        if row.get("operation") == "workload:template":
            row.pop("subject")
    return rows


@pytest.mark.parametrize("table", [table.name for table in TABLES.values() if table.zone != "raw"])
def test_results_are_the_same(lakes: tuple[Lake, Lake], table: str) -> None:
    plain, strict = (_comparable(lake, table) for lake in lakes)
    # Nothing is missing from the sample's log.
    assert (len(plain) == 0) == (table == "log_gaps")
    assert plain == strict


def test_something_was_hidden(lakes: tuple[Lake, Lake]) -> None:
    plain, strict = ("\n".join(lake.read("objects", "c")["body"].to_pylist()) for lake in lakes)
    assert "[redacted]" not in plain
    assert strict.count("[redacted]") > 100
