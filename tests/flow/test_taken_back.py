"""What was computed of hours that a source holds no more: taken back with the rows, unless these were rotated away or expired."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from pipelines.config import Settings
from pipelines.ingest import ingest
from pipelines.lake import Lake
from pipelines.lake.retention import expire
from pipelines.refresh import refresh
from tests.ingest.logs import audit, lines, write
from tests.ingest.packing import tar

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_FIRST = datetime(2026, 11, 23, 0, 30, tzinfo=UTC)
_TABLES = ["api_calls_minutely"]


def _log(*hours: int) -> bytes:
    times = [f"{_FIRST + timedelta(hours=hour):%Y-%m-%dT%H:%M:%SZ}" for hour in hours]
    return lines(*(audit(auditID=at, verb="get", requestReceivedTimestamp=at, stageTimestamp=at) for at in times))


class _Flow:
    """A lake, and one file that is read again and again."""

    def __init__(self, folder: Path) -> None:
        self.path, self.lake = folder / "logs" / "file", Lake.open(str(folder / "lake"))

    def read(self, data: bytes) -> Sequence[str]:
        """Read the file as it is now and refresh; what was named."""
        write(self.path, data)
        report = ingest(self.lake, "c", [str(self.path)], Settings())
        self.refresh()
        assert refresh(self.lake, "c", settings=Settings(), tables=_TABLES).built == 0
        return [*report.vanished, *report.shrunk]

    def refresh(self) -> None:
        """Make everything anew that is stale."""
        refresh(self.lake, "c", settings=Settings(), tables=_TABLES)

    def hours(self) -> list[int]:
        """The hours (since the first) of which calls were computed."""
        return sorted(
            {
                int((row["bucket_at"] - _FIRST + timedelta(minutes=30)).total_seconds() // 3600)
                for row in self.lake.read("api_calls_minutely", "c").to_pylist()
            }
        )


@pytest.fixture
def flow(tmp_path: Path) -> _Flow:
    """An empty lake."""
    return _Flow(tmp_path)


def test_members_that_are_gone_take_back_what_was_computed_of_them(flow: _Flow) -> None:
    members = {"a.log": _log(0, 1), "b.log": _log(10), "c.log": _log(40, 41)}
    assert flow.read(tar(members)) == []
    assert flow.hours() == [0, 1, 10, 40, 41]
    for gone, left in (("a.log", [10, 40, 41]), ("c.log", [10])):
        members.pop(gone)
        assert flow.read(tar(members)) == [f"{flow.path}!/{gone}"]
        assert flow.hours() == left
    assert flow.read(tar(members | {"a.log": _log(0, 1)})) == []
    assert flow.hours() == [0, 1, 10]


def test_a_log_that_ends_earlier_takes_back_the_rest(flow: _Flow) -> None:
    flow.read(_log(0, 1, 2, 3))
    assert flow.read(_log(0, 1)) == [str(flow.path)]
    assert flow.hours() == [0, 1]
    assert flow.read(_log(0, 1, 2)) == []
    assert flow.hours() == [0, 1, 2]


def test_a_log_that_was_rotated_takes_back_nothing(flow: _Flow) -> None:
    flow.read(_log(0, 1, 2))
    # The hour before the first one is looked at too: deliveries may have begun in it.
    assert flow.read(_log(4)) == []
    assert flow.read(_log(4, 5)) == []
    assert flow.hours() == [0, 1, 2, 4, 5]


def test_what_has_expired_is_not_taken_back(flow: _Flow) -> None:
    flow.read(_log(0, 30, 60))
    expire(flow.lake, "c", {"raw": 1}, _FIRST + timedelta(hours=50))
    flow.refresh()
    assert flow.hours() == [0, 30, 60]


def test_what_was_taken_back_and_expired_is_not_built_again(flow: _Flow) -> None:
    flow.read(_log(0, 1, 2, 3))
    flow.read(_log(0, 1))
    zones = dict.fromkeys(("raw", "slo"), 1)
    expire(flow.lake, "c", zones, _FIRST + timedelta(days=9))
    flow.refresh()
    assert all(file.bucket_at < _FIRST + timedelta(hours=1) for file in flow.lake.files("api_calls_minutely", "c") if file.bucket_at)
