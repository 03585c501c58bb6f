"""All checks of one run, in the order in which a reader wants them.

Here: `compare`. Not here: the checks themselves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.truth.api_check import check_api_calls
from bench.truth.change_check import check_changes
from bench.truth.count_check import check_accounting, check_deliveries
from bench.truth.diagnosis_check import check_diagnoses
from bench.truth.milestone_check import check_milestones
from bench.truth.rollout_check import check_rollouts
from bench.truth.startup_check import check_startups
from bench.truth.truth import read_truth
from bench.truth.verdict_check import check_verdicts

if TYPE_CHECKING:
    from bench.truth.corpus import Run
    from bench.truth.expected import Expectations
    from bench.truth.findings import Section
    from bench.truth.lake import Lake


def compare(run: Run, lake: Lake, expectations: Expectations) -> list[Section]:
    """Reads the truth about a run and the lake's tables of it, and compares them.

    Raises:
        FileNotFoundError: The run's folder lacks a file.
        TableMissingError: The lake lacks a table of the run's cluster.
    """
    sources, deliveries, verdicts = (lake.table(name, run.cluster) for name in ("sources", "deliveries", "verdicts"))
    truth = read_truth(run)
    return [
        check_accounting(truth, sources),
        check_deliveries(truth, deliveries, verdicts, expectations),
        check_milestones(truth, deliveries),
        check_verdicts(truth, deliveries, verdicts),
        check_diagnoses(truth, deliveries, expectations),
        check_changes(truth, deliveries, verdicts, expectations),
        check_rollouts(truth, lake.table("rollouts", run.cluster)),
        check_startups(truth, deliveries, verdicts),
        check_api_calls(truth, lake.table("audit_events", run.cluster), lake.table("api_calls_minutely", run.cluster)),
    ]
