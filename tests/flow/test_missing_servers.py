"""A log that lacks what one of several API servers logged: what can be told stays as it is, what cannot is not judged, and the gap is named.

The sample log is shared out among servers and one is dropped (`bench/levels/servers`, which `make truth` runs over a whole recorded cluster).
"""

from __future__ import annotations

from functools import cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from bench.levels.build import derive, lines_of, rows
from bench.levels.compare import compare
from bench.levels.servers import MissingServer

if TYPE_CHECKING:
    from bench.levels.compare import Outcome
    from pipelines.lake import Lake

_SAMPLE = Path(__file__).parents[2] / "sample" / "audit"
# The first five minutes: pods of every kind, refused ones, failures and deletes.
_LINES = 9_000
# Kubelets of n1 and n2; the kubelet of n3 and the scheduler.
_LOST = {"two kubelets": 0, "a kubelet and the scheduler": 1}


@pytest.fixture(scope="module")
def lakes(tmp_path_factory: pytest.TempPathFactory) -> Any:  # noqa: ANN401 - a function
    """A function that gives the lake without a server; the whole one for ''."""
    folder = tmp_path_factory.mktemp("servers")

    @cache
    def lake(name: str) -> Lake:
        lines = islice(lines_of(_SAMPLE), _LINES)
        tables = ("pods", "hyper_events", "voices", "log_gaps", "coverage", "diagnoses", "verdicts", "deliveries", "phases", "data_quality_hourly")
        return derive(folder / (name or "whole"), MissingServer(name, name, _LOST[name]).lowered(lines) if name else lines, tables=tables)

    return lake


def _outcome(lakes: Any, name: str) -> Outcome:  # noqa: ANN401
    whole, lesser = ((rows(lakes(each), "deliveries"), rows(lakes(each), "verdicts")) for each in ("", name))
    return compare(whole, lesser)


def test_a_whole_log_has_no_gap(lakes: Any) -> None:  # noqa: ANN401
    assert rows(lakes(""), "log_gaps") == []


@pytest.mark.parametrize("name", list(_LOST))
def test_no_verdict_is_wrong_and_not_all_are_lost(lakes: Any, name: str) -> None:  # noqa: ANN401
    outcome = _outcome(lakes, name)
    assert [each for each in outcome.wrong if "verdict" in each[0]] == []
    assert outcome.verdicts["left out"] > 0
    assert outcome.verdicts["same"] >= 0.45 * outcome.verdicts.total()
    assert outcome.milestones["wrong"] <= 0.005 * outcome.milestones.total()


def test_pods_of_nodes_that_nobody_hears_have_no_evidence(lakes: Any) -> None:  # noqa: ANN401
    lake = lakes("two kubelets")
    judged = {row["delivery_id"] for row in rows(lake, "verdicts")}
    creates = [row for row in rows(lake, "deliveries") if row["kind"] == "pod_create" and row["uid"]]
    undecided = [row for row in creates if row["node"] in {"n1", "n2"} and row["error_code"] == "NoEvidence"]
    assert undecided
    assert [row["name"] for row in undecided if row["delivery_id"] in judged or row["state"] != "pending" or row["total_s"] is not None] == []
    assert [row["name"] for row in creates if row["node"] == "n3" and row["state"] == "delivered"]


def test_the_gap_is_named(lakes: Any) -> None:  # noqa: ANN401
    lake = lakes("a kubelet and the scheduler")
    assert {(row["scope"], row["scope_value"]) for row in rows(lake, "log_gaps")} >= {("node", "n3"), ("scheduler", "*")}
    missing = {row["fact"]: row["missing"] or "" for row in rows(lake, "coverage") if row["fact"] in {"kubelets", "pod_bound"} and row["rows_seen"]}
    assert "lines are missing of the kubelet of n3 (07:0" in missing["kubelets"]
    notes = {(row["measure"], row["scope_value"]): row["note"] for row in rows(lake, "data_quality_hourly")}
    assert "Pods on the node are not judged" in notes["log_gap_s", "n3"]
    assert "bindings are not in the log" in notes["log_gap_bindings_s", "c"]
