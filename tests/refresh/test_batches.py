"""Hours of a day are computed side by side, as long as they are small enough together."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import groupby

from hypothesis import given
from hypothesis import strategies as st

from pipelines.refresh.engine import _BATCH_BYTES, _groups

_START = datetime(2026, 11, 22, tzinfo=UTC)


@given(st.lists(st.integers(0, 2 * _BATCH_BYTES), min_size=1, max_size=60))
def test_groups_are_runs_of_hours_of_one_day_within_the_bound(sizes: list[int]) -> None:
    hours = [_START + timedelta(hours=number) for number in range(len(sizes))]
    groups = _groups(hours, dict(zip(hours, sizes, strict=True)))
    runs = [list(run) for _, run in groupby(hours, key=lambda hour: (hour.date(), groups[hour]))]
    assert sum(map(len, runs)) == len(hours), "each group is one run"
    for run in runs:
        assert len({hour.date() for hour in run}) == 1
        assert len(run) == 1 or sum(sizes[hours.index(hour)] for hour in run) <= _BATCH_BYTES


def test_quiet_hours_of_a_day_are_one_group() -> None:
    hours = [_START + timedelta(hours=number) for number in range(24)]
    assert set(_groups(hours, {}).values()) == {0}
