"""What a log at lesser levels still tells is the same; what it does not tell is left out, and never wrong.

The sample log is lowered as audit policies would have lowered it (`bench/levels`, which has more of them and compares a whole recorded cluster).
"""

from __future__ import annotations

from functools import cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from bench.levels.build import derive, lines_of, rows
from bench.levels.compare import compare
from bench.levels.variants import VARIANTS

if TYPE_CHECKING:
    from bench.levels.compare import Outcome
    from pipelines.lake import Lake

_SAMPLE = Path(__file__).parents[2] / "sample"
# The first five minutes: pods of every kind, refused ones, failures and deletes.
_LINES = 9_000
_VARIANTS = {variant.name: variant for variant in VARIANTS}


@pytest.fixture(scope="module")
def lakes(tmp_path_factory: pytest.TempPathFactory) -> Any:  # noqa: ANN401 - a function
    """A function that gives the lake of a variant; of the whole log for ''."""
    folder = tmp_path_factory.mktemp("levels")

    @cache
    def lake(name: str) -> Lake:
        lines = islice(lines_of(_SAMPLE / "audit"), _LINES)
        return derive(folder / (name or "whole"), _VARIANTS[name].lowered(lines) if name else lines)

    return lake


def _outcome(lakes: Any, name: str) -> Outcome:  # noqa: ANN401
    whole, lesser = ((_deliveries(lakes(each)), _verdicts(lakes(each))) for each in ("", name))
    return compare(whole, lesser)


def _deliveries(lake: Lake) -> list[dict[str, Any]]:
    """All deliveries but of claims: who provisions them speaks by Events alone."""
    return [row for row in rows(lake, "deliveries") if row["kind"] != "pvc_bind"]


def _verdicts(lake: Lake) -> list[dict[str, Any]]:
    """The verdicts of these, but for `sig_startup`, which leaves out image pulls and so needs Events."""
    return [row for row in rows(lake, "verdicts") if row["objective"] != "sig_startup" and row["kind"] != "pvc_bind"]


@pytest.mark.parametrize("name", ["gce", "old-gce", "openshift-writes", "request"])
def test_bodies_of_requests_tell_what_answers_tell(lakes: Any, name: str) -> None:  # noqa: ANN401
    outcome = _outcome(lakes, name)
    assert [each for each in outcome.wrong if "code" not in each[0]] == []
    assert outcome.deliveries["left out"] == outcome.verdicts["left out"] == 0
    # Without a condition for it and without Events, a sandbox that no container came to run in does not show.
    assert outcome.milestones["left out"] <= (0.01 * outcome.milestones.total() if name == "old-gce" else 0)
    # Without Events a probe that has a container killed shows by the restarts alone.
    assert [text for _, text in outcome.wrong if "became CrashLoopBackOff" not in text] == []
    assert outcome.codes["same"] >= 0.8 * outcome.codes.total()


def test_names_and_times_alone_leave_out_what_they_do_not_tell(lakes: Any) -> None:  # noqa: ANN401
    outcome = _outcome(lakes, "metadata")
    assert outcome.wrong == []
    assert outcome.milestones["same"] > outcome.milestones["left out"]
    blind = [
        row for row in rows(lakes("metadata"), "deliveries") if row["error_code"] == "NoEvidence" and (row["kind"] == "pod_delete" or row["bound_at"])
    ]
    judged = {row["delivery_id"] for row in rows(lakes("metadata"), "verdicts")}
    assert blind
    assert [row["name"] for row in blind if row["state"] != "pending" or row["total_s"] is not None or row["delivery_id"] in judged] == []


def test_coverage_says_what_is_lost(lakes: Any) -> None:  # noqa: ANN401
    coverage = {row["fact"]: row for row in rows(lakes("metadata"), "coverage") if row["rows_seen"]}
    generated = sum(row["uid"] is not None and row["kind"] == "pod_create" for row in rows(lakes(""), "deliveries")) - sum(
        row["uid"] is not None and row["kind"] == "pod_create" for row in rows(lakes("metadata"), "deliveries")
    )
    assert f"{generated} pods with generated names cannot be told" in coverage["pod_created"]["missing"]
    assert not coverage["pod_status"]["is_covered"]
    assert coverage["pod_bound"]["is_covered"]
    assert coverage["pod_deleted"]["is_covered"]
