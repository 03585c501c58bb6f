"""Rollouts against the pods that the watch saw, and against how Jobs ended.

Here: whether each revision and each Job has its rollout, its pods, its state and its end. Not here: reading the truth (`rollouts`).
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from bench.truth.findings import Section
from bench.truth.latency import lateness
from bench.truth.watch import STAMP

if TYPE_CHECKING:
    import polars as pl

    from bench.truth.rollouts import Member, Workload
    from bench.truth.truth import Truth

_COLUMNS = [
    "kind",
    "revisions in the watch",
    "rollouts",
    "pods created right",
    "pods delivered right",
    "states right",
    "median end (s)",
    "max",
    "outside",
]
# A controller writes its status once it has seen its pods; on a busy machine that takes seconds.
_SLOWEST_CONTROLLER = timedelta(seconds=30)
Row = dict[str, Any]


def check_rollouts(truth: Truth, rollouts: pl.DataFrame) -> Section:
    """Each rollout of the lake against its pods, and each revision of the watch against its rollout."""
    section = Section(truth.run.name, "rollouts", "Rollouts against the watch", list(_COLUMNS))
    counts: dict[str, Tally] = defaultdict(Tally)
    rows = list(rollouts.iter_rows(named=True))
    found = {(row["namespace"], _revision(row)) for row in rows}
    for workload in truth.workloads.values():
        for revision in {_name(workload, member) for member in workload.members.values()}:
            counts[workload.kind].revisions += 1
            if (workload.namespace, revision) not in found:
                section.find(f"{workload.kind} {workload.namespace}/{workload.name}", f"no rollout of {revision}", is_fatal=True)
    for row in rows:
        _check(section, counts[row["kind"]], truth, row)
    section.rows += [[kind, *counts[kind].cells()] for kind in sorted(counts)]
    return section


class Tally:
    """How many rollouts of a kind there are, and how many are right in what."""

    def __init__(self) -> None:
        self.revisions = self.rollouts = self.created = self.delivered = self.states = self.outside = 0
        self.ends: list[float] = []

    def cells(self) -> list[str]:
        """The numbers as a row of the section."""
        ordered = sorted(self.ends)
        ends = [f"{ordered[len(ordered) // 2]:+.3f}", f"{max(map(abs, ordered)):.3f}"] if ordered else ["", ""]
        return [*map(str, (self.revisions, self.rollouts, self.created, self.delivered, self.states)), *ends, str(self.outside)]


def _name(workload: Workload, member: Member) -> str:
    """What names a rollout in both: the revision of its pods, the Job itself."""
    return member.controller_uid if workload.kind == "Job" else member.revision


def _revision(row: Row) -> str:
    return str(row["uid"] if row["kind"] == "Job" else row["revision"])


def _check(section: Section, tally: Tally, truth: Truth, row: Row) -> None:
    subject = f"{row['kind']} {row['namespace']}/{row['name']} at {row['started_at']:%H:%M:%S}"
    workload = truth.workloads.get((row["kind"], row["namespace"], row["name"]))
    members = [member for member in workload.members.values() if _name(workload, member) == _revision(row)] if workload else []
    tally.rollouts += 1
    end = row["ended_at"] or truth.audit.last_at
    # Created in the second of the end: before or after it, the stamp does not say.
    sure, possible = (
        [m for m in members if row["started_at"] - STAMP <= m.created_at and m.created_at + after <= end] for after in (STAMP, timedelta())
    )
    tally.created += _within(section, f"pods_created {subject}", (len(sure), len(possible)), row["pods_created"])
    delivered = [sum(truth.pods[m.uid].delivered_at is not None for m in each) for each in (sure, possible)]
    tally.delivered += _within(section, f"pods_delivered {subject}", (delivered[0], delivered[1]), row["pods_delivered"])
    if row["kind"] == "Job":
        tally.states += _check_job(section, subject, truth, row)
    else:
        tally.states += _check_end(section, subject, tally, (truth, workload), row)


def _within(section: Section, subject: str, expected: tuple[int, int], got: int) -> bool:
    is_right = expected[0] <= got <= expected[1]
    if not is_right:
        section.find(subject, f"truth {' to '.join(map(str, sorted(set(expected))))}, ours {got}")
    return is_right


def _check_job(section: Section, subject: str, truth: Truth, row: Row) -> bool:
    """A Job that the final dump does not hold any more has nothing to say."""
    told = truth.finished_jobs.get(row["uid"])
    if told is None:
        return True
    state, since = told
    is_right = row["state"] == state and since <= row["ended_at"] + STAMP and row["ended_at"] <= since + STAMP + _SLOWEST_CONTROLLER
    if not is_right:
        section.find(f"state {subject}", f"truth {state} since {since:%H:%M:%S}, ours {row['state']} at {row['ended_at']}")
    return is_right


def _check_end(section: Section, subject: str, tally: Tally, sides: tuple[Truth, Workload | None], row: Row) -> bool:
    """Complete is what has all its pods ready and no others, from the moment at which the watch shows it."""
    truth, workload = sides
    if not row["pods_wanted"]:
        return True
    completed_at = workload.completed_at(row["revision"], row["pods_wanted"], row["started_at"]) if workload else None
    until: datetime = row["ended_at"] or truth.audit.last_at
    is_complete = row["state"] == "complete"
    if completed_at is None or not is_complete:
        # A frame may arrive after the controller has moved on.
        is_right = is_complete is (completed_at is not None and completed_at + _SLOWEST_CONTROLLER < until)
        if not is_right:
            section.find(f"state {subject}", f"the watch shows it complete at {completed_at}, ours {row['state']} at {row['ended_at']}")
        return is_right
    lag = row["ended_at"] - completed_at
    tally.ends.append(lag.total_seconds())
    band = lateness(truth, after="answered").band
    if not -max(band.high_s, 0.0) <= lag.total_seconds() <= _SLOWEST_CONTROLLER.total_seconds():
        tally.outside += 1
        section.find(f"end {subject}", f"the watch shows it complete at {completed_at:%H:%M:%S.%f}, ours {row['ended_at']:%H:%M:%S.%f}")
    return True
