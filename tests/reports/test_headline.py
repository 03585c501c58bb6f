"""The one sentence that says what is worst."""

from __future__ import annotations

from typing import Any

from pipelines.reports.headline import headline


def objective(name: str, success: int, fail: int, target: float = 0.99, kind: str = "pod_create") -> dict[str, Any]:
    decided = success + fail
    return {
        "kind": kind,
        "objective": name,
        "success": success,
        "fail": fail,
        "good_minutes": 0,
        "minutes": 0,
        "target": target,
        "success_rate": success / decided if decided else None,
        "attained": success / decided if decided else None,
        "budget": "deliveries",
    }


def in_minutes(name: str, good: int, minutes: int) -> dict[str, Any]:
    return objective(name, 1, 99) | {"good_minutes": good, "minutes": minutes, "attained": good / minutes, "budget": "minutes"}


def tail(phase: str, tail_s: float, middle_s: float) -> dict[str, Any]:
    return {
        "kind": "pod_create",
        "phase": phase,
        "level": 0.99,
        "tail_from_s": 35.7,
        "p50_s": 8.9,
        "tail_s": tail_s,
        "middle_s": middle_s,
        "tail_share": 0.78,
    }


def test_the_objective_that_overspent_most_is_named_with_its_error_and_place() -> None:
    codes = [{"kind": "pod_delete", "objective": "1h", "error_code": "FinalizerStuck", "fault": "platform", "failures": 3}]
    places = [
        {
            "kind": "pod_delete",
            "error_code": "FinalizerStuck",
            "is_cluster": True,
            "dimension": "namespace",
            "value": "ops",
            "failures": 3,
            "exposure": 4,
            "lift": 32.2,
        }
    ]
    found = headline([objective("wall", 95, 5), objective("1h", 95, 5, 0.999, "pod_delete")], [], codes, places, [])
    assert found.status == "missed"
    assert found.text.startswith("2 of 2 objectives were missed. Worst: Pod deletion, “Gone within 1 h”: 5 of 100")
    assert "50× the failures" in found.text
    assert "FinalizerStuck (3, fault: platform), gathering at namespace ops (3 of 4, 32× the rate elsewhere)" in found.text


def test_if_all_were_met_the_tail_is_named() -> None:
    found = headline([objective("wall", 100, 0)], [], [], [], [tail("schedule", 9, 3), tail("image_pull", 35, 0.5), tail("(no phase)", 99, 0)])
    assert found.status == "met"
    assert "image_pull" in found.text
    assert "slowest 1\u202f% of pod creations" in found.text


def test_a_target_of_all_is_missed_by_one() -> None:
    found = headline([objective("wall", 99, 1, 1.0)], [], [], [], [])
    assert found.status == "missed"
    assert "against a target of 100" in found.text


def test_a_failed_delivery_is_worse_than_a_slow_minute() -> None:
    found = headline([in_minutes("sig_startup", 1, 100), objective("wall", 98, 2)], [], [], [], [])
    assert found.text.startswith("2 of 2 objectives were missed. Worst: Pod creation, “Ready in time”")


def test_a_target_in_minutes_is_missed_by_minutes() -> None:
    found = headline([in_minutes("sig_startup", 90, 100), objective("wall", 100, 0)], [], [], [], [])
    assert found.text.startswith(
        "Pod creation, “Started in time”: 90 of 100 minutes were good – 90.0\u202f% against a target of 99\u202f% of minutes, 10× the bad minutes"
    )


def test_nothing_decided_is_neither_met_nor_missed() -> None:
    assert headline([objective("wall", 0, 0)], [], [], [], []).status == "open"


def test_deliveries_that_count_nowhere_are_named() -> None:
    errors = [{"error_code": "NoEvidence", "pending": 7}, {"error_code": "NoEvidence", "pending": 1}, {"error_code": "ScheduleDelay", "pending": 5}]
    for objectives in ([objective("wall", 95, 5)], [objective("wall", 100, 0)], [objective("wall", 0, 0)]):
        assert "The log does not tell what became of 8 deliveries (NoEvidence)." in headline(objectives, errors, [], [], []).text
