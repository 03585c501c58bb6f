"""The twenty questions of the docs, asked of the sample: each has an answer, and the answer is what the text says."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from pipelines.serving.door import Door
from tests.conftest import REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Rows = list[dict[str, Any]]

_PAGE = (REPOSITORY / "docs" / "questions.md").read_text(encoding="utf-8")
_QUESTIONS = {int(number): sql for number, sql in re.findall(r"^### (\d+)\. [^\n]+\n+```sql\n(.*?)```", _PAGE, re.DOTALL | re.MULTILINE)}

# What is known of the sample: what its scenarios did to the cluster.
_KNOWN: dict[int, Callable[[Rows], bool]] = {
    1: lambda rows: {(row["verdict"], row["error_code"], row["error_detail"], row["fault"]) for row in rows} == {("FAIL", "FailedMount", "SecretNotFound", "user")},
    2: lambda rows: [row["operation"] for row in rows[:3]] == ["pod:create:accepted", "pod:phase:Pending", "pod:bound"],
    3: lambda rows: all(row["error_code"] and row["fault"] for row in rows),
    4: lambda rows: (rows[0]["error_code"], rows[0]["dimension"], rows[0]["value"]) == ("ScheduleDelay", "namespace", "ops"),
    5: lambda rows: {"reindex", "legacy", "greedy"} <= {row["workload_name"] for row in rows},
    6: lambda rows: {row["namespace"] for row in rows} == {"shop"},
    7: lambda rows: (rows[0]["resource"], rows[0]["verb"], rows[0]["code"]) == ("pods", "create", 403),
    8: lambda rows: {row["waiting"] for row in rows} == {None, "ContainerCreating"},
    9: lambda rows: all(row["budget_left"] == 1 for row in rows if row["kind"] == "pod_delete"),
    10: lambda rows: all(row["good_minutes"] <= row["minutes"] for row in rows),
    11: lambda rows: any("NodeNotReady=4" in row["top_errors"] for row in rows),
    12: lambda rows: all(row["failures"] == row["platform"] + row["capacity"] + row["users"] + row["unexplained"] for row in rows),
    13: lambda rows: {"limits-team", "quota-team", "secure-team"} <= {row["namespace"] for row in rows},
    14: lambda rows: (rows[0]["owner"], rows[0]["phase"]) == ("user", "backoff"),
    15: lambda rows: {"schedule", "image_pull", "total"} <= {row["phase"] for row in rows},
    16: lambda rows: 0 <= rows[0]["p50_s"] < rows[0]["p99_s"] < 60,
    17: lambda rows: [row["image"].rpartition("/")[2] for row in rows[:3]] == ["ml-model:7", "dataset:1", "report:2.0"],
    18: lambda rows: {"image_pull", "schedule", "volume_mount"} <= {row["slowest_phase"] for row in rows},
    19: lambda rows: all(row["worst_p99_s"] > row["limit_s"] for row in rows),
    20: lambda rows: {row["told_by"] for row in rows} == {"coverage", "data_quality_hourly"},
}  # fmt: skip


@pytest.fixture(scope="module")
def opened(lake_path: Path) -> Iterator[Door]:
    with Door(str(lake_path), workers=1) as door:
        yield door


def test_there_are_twenty() -> None:
    assert list(_QUESTIONS) == list(range(1, 21)) == list(_KNOWN)


@pytest.mark.parametrize("number", _QUESTIONS)
def test_a_question_has_the_answer_that_the_sample_gives(opened: Door, number: int) -> None:
    answer = opened.query(_QUESTIONS[number])
    assert answer.table.num_rows > 0
    assert not answer.is_cut
    assert _KNOWN[number](answer.table.to_pylist()), answer.table.to_pylist()[:5]
