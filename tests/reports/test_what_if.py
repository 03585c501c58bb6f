"""What would have made a verdict another one."""

from __future__ import annotations

from typing import Any

import pytest

from pipelines.reports.what_if import Change, changes

LATE = {"state": "delivered", "total_s": 130.0, "platform_s": 100.0}
NEVER = {"state": "failed", "total_s": 2100.0, "platform_s": 2100.0}


def verdict(word: str, objective: str = "wall", limit_s: float | None = 90.0, spent_s: float = 90.0) -> dict[str, Any]:
    return {"objective": objective, "verdict": word, "limit_s": limit_s, "spent_s": spent_s}


def phase(name: str, total_s: float, sole_s: float, sole_platform_s: float = 0.0, subject: str | None = None) -> dict[str, Any]:
    return {"phase": name, "subject": subject, "total_s": total_s, "sole_s": sole_s, "sole_platform_s": sole_platform_s}


def test_a_success_says_the_limit_that_would_have_failed_it() -> None:
    assert changes(verdict("SUCCESS", spent_s=2.5), {"state": "delivered"}, [], []) == [Change("limit", "FAIL", actual_s=90.0, needed_s=2.5)]


def test_a_success_that_was_promised_nothing_could_not_have_failed() -> None:
    assert changes(verdict("SUCCESS", limit_s=None), {"state": "delivered"}, [], []) == []


def test_a_late_delivery_names_the_limit_and_each_phase_that_alone_had_the_time() -> None:
    phases = [phase("sandbox", 70.0, 60.0), phase("image_pull", 50.0, 45.0, subject="app"), phase("schedule", 10.0, 10.0)]
    assert changes(verdict("FAIL"), LATE, phases, []) == [
        Change("limit", "SUCCESS", actual_s=90.0, needed_s=130.0),
        Change("phase", "SUCCESS", "sandbox", 70.0, 30.0),
        Change("phase", "SUCCESS", "image_pull of app", 50.0, 10.0),
    ]


def test_phases_that_only_together_had_the_time_are_named_together() -> None:
    phases = [phase("sandbox", 30.0, 25.0), phase("image_pull", 22.0, 20.0, subject="app"), phase("schedule", 10.0, 9.0)]
    assert changes(verdict("FAIL"), LATE, phases, [])[1:] == [Change("phases", "SUCCESS", "sandbox, image_pull of app", 52.0, 12.0)]


def test_the_platforms_clock_counts_the_platforms_time_only() -> None:
    phases = [phase("container_readiness", 40.0, 40.0), phase("sandbox", 20.0, 5.0, sole_platform_s=15.0)]
    assert changes(verdict("FAIL", "platform"), LATE, phases, []) == [
        Change("limit", "SUCCESS", actual_s=90.0, needed_s=100.0),
        Change("phase", "SUCCESS", "sandbox", 20.0, 10.0),
    ]


def test_gaps_that_no_phase_covers_leave_only_the_limit() -> None:
    assert [each.of for each in changes(verdict("FAIL"), LATE, [phase("schedule", 5.0, 5.0)], [])] == ["limit"]


def test_what_never_came_names_its_cause_at_that_moment_and_the_runner_up() -> None:
    diagnoses = [
        {"moment": "wall", "error_code": "FailedMount", "runner_up": "FailedScheduling"},
        {"moment": "final", "error_code": "OOMKilled", "runner_up": None},
    ]
    assert changes(verdict("FAIL"), NEVER, [], diagnoses) == [Change("cause", None, "FailedMount", instead="FailedScheduling")]
    assert changes(verdict("FAIL", "platform"), NEVER, [], diagnoses) == [Change("cause", None, "OOMKilled")]
    assert changes(verdict("FAIL"), NEVER, [], []) == []


@pytest.mark.parametrize(("word", "of"), [("KILL", "delete"), ("PENDING", "log")])
def test_what_was_not_decided_says_how_far_it_came(word: str, of: str) -> None:
    (change,) = changes(verdict(word, spent_s=46.5), {"state": "killed"}, [], [])
    assert (change.of, change.actual_s, change.needed_s) == (of, 46.5, 90.0)


def test_the_start_up_clock_stands_still_for_pulls_and_ends_with_the_start() -> None:
    phases = [
        phase("image_pull", 30.0, 30.0, subject="app"),
        phase("container_readiness", 20.0, 20.0),
        phase("sandbox", 6.0, 5.0),
        phase("schedule", 1.0, 1.0),
    ]
    assert changes(verdict("FAIL", "sig_startup", 5.0, 5.0), LATE | {"startup_s": 8.0}, phases, []) == [
        Change("limit", "SUCCESS", actual_s=5.0, needed_s=8.0),
        Change("phase", "SUCCESS", "sandbox", 6.0, 3.0),
    ]
    assert changes(verdict("FAIL", "sig_startup", 5.0, 5.0), LATE | {"startup_s": None}, phases, []) == []
