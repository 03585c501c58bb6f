"""Where the bars and ticks of a waterfall stand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from pipelines.reports.waterfall import waterfall

START = datetime(2026, 11, 23, 7, tzinfo=UTC)


def phase(name: str, from_s: float, to_s: float, **values: Any) -> dict[str, Any]:  # noqa: ANN401 - columns of `phases`
    started_at, ended_at = (START + timedelta(seconds=each) for each in (from_s, to_s))
    row = {
        "phase": name,
        "subject": None,
        "owner": "platform",
        "status": "ok",
        "started_at": started_at,
        "ended_at": ended_at,
        "duration_s": to_s - from_s,
    }
    return row | values


def test_bars_stand_in_per_cent_of_the_whole() -> None:
    drawing = waterfall({"started_at": START, "total_s": 10.0, "outcome": "SUCCESS"}, [phase("schedule", 0, 2), phase("sandbox", 2, 10)], [])
    assert [(lane.phase, lane.bars[0].left, lane.bars[0].width) for lane in drawing.lanes] == [("schedule", 0, 20), ("sandbox", 20, 80)]


def test_repeats_of_one_container_share_a_lane() -> None:
    pulls = [phase("image_pull", at, at + 1, subject=name) for at, name in ((0, "app"), (1, "proxy"), (4, "app"))]
    drawing = waterfall({"started_at": START, "total_s": 5.0, "outcome": "SUCCESS"}, pulls, [])
    assert [(lane.subject, len(lane.bars), lane.total_s) for lane in drawing.lanes] == [("app", 2, 2.0), ("proxy", 1, 1.0)]


def test_what_came_after_a_plain_success_is_left_out_and_after_a_broken_one_is_shown() -> None:
    phases = [phase("container_start", 0, 1), phase("backoff", 3, 20)]
    for outcome, lanes, span_s in (("SUCCESS", 1, 2.0), ("unsettled", 2, 20.0)):
        drawing = waterfall({"started_at": START, "total_s": 2.0, "outcome": outcome}, phases, [])
        assert (len(drawing.lanes), drawing.span_s) == (lanes, span_s)


def test_milestones_are_ticks_inside_the_whole() -> None:
    reached = [{"milestone": "bound", "after_s": 1.0, "uncertainty_ms": 5.0}, {"milestone": "delete asked", "after_s": 90.0, "uncertainty_ms": 0.0}]
    drawing = waterfall({"started_at": START, "total_s": 4.0, "outcome": "SUCCESS"}, [], reached)
    assert [(tick.name, tick.left) for tick in drawing.ticks] == [("bound", 25)]


def test_a_delivery_that_takes_no_time_can_be_drawn() -> None:
    drawing = waterfall({"started_at": START, "total_s": 0.0, "outcome": "FAIL"}, [phase("admit", 0, 0)], [])
    assert drawing.lanes[0].bars[0].width == 0
