"""Start-up per pod against the kubelets' own numbers: `podStartSLOduration` and `podStartE2EDuration`.

Here: each difference taken apart into its three causes, of which each is measured by itself. The kubelets count from
`creationTimestamp`, which is cut to the second (we: from the request's arrival); up to the moment at which their own watch brought the
status back (we: up to the answer of the write that shows it); and they keep their own account of image pulls and init containers (we: that
of the Events and statuses). Not here: the verdicts that follow.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bench.truth.corpus import instant
from bench.truth.findings import Section
from bench.truth.milestone_check import startups_by_pod

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    import polars as pl

    from bench.truth.truth import Truth
    from bench.truth.watch import Pod

_COLUMNS = ["seconds", "n", "min", "median", "p95", "max"]
_PART = re.compile(r"([\d.]+)(ms|µs|us|ns|h|m|s)")
_SECONDS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "µs": 1e-6, "us": 1e-6, "ns": 1e-9}
# A kubelet acts on an answer a moment after the API server has logged it.
_ANSWERED_S = 1.0
_CLOCK_S = 0.05
_PAUSE_S = 0.01


def go_seconds(text: str) -> float:
    """A Go duration such as `1m2.5s` in seconds; a bare number is seconds already."""
    parts = _PART.findall(text)
    return sum(float(number) * _SECONDS[unit] for number, unit in parts) if parts else float(text)


@dataclass(frozen=True, slots=True)
class Startup:
    """One pod's start-up, ours and its kubelet's.

    Args:
        pod: The pod.
        ours_s: Our latency without image pulls and init containers, and whole.
        theirs_s: `podStartSLOduration` and `podStartE2EDuration`.
        cut_s: From our start back to the kubelet's: the part of the second that `creationTimestamp` loses; the object is stamped before it is answered.
        answer_s: From the create's arrival to its answer.
        watched_s: From our end to the kubelet's: until its own watch brought the status back.
        answered_s: From our end to the kubelet's own word that it had told the API server.
        paused_s: By how much more time we take for image pulls and init containers.
    """

    pod: Pod
    ours_s: tuple[float, float]
    theirs_s: tuple[float, float]
    cut_s: float
    answer_s: float
    watched_s: float
    answered_s: float
    paused_s: float

    @property
    def left_s(self) -> float:
        """What none of the causes explains."""
        return self.ours_s[0] - self.theirs_s[0] + self.cut_s + self.watched_s + self.paused_s


def check_startups(truth: Truth, deliveries: pl.DataFrame, verdicts: pl.DataFrame) -> Section:
    """Created → all containers shown as started, whole and without image pulls and init containers; a difference without a cause is a finding."""
    section = Section(truth.run.name, "startup", "Start-up per pod against its kubelet's own account", _COLUMNS)
    found = list(_startups(truth, deliveries, section))
    measures = (
        ("created → shown: ours - podStartE2EDuration", [each.ours_s[1] - each.theirs_s[1] for each in found]),
        ("without pulls and init: ours - podStartSLOduration", [each.ours_s[0] - each.theirs_s[0] for each in found]),
        ("  of that: the part of a second that creationTimestamp loses", [-each.cut_s for each in found]),
        ("  of that: the kubelet's own watch was later than the answer", [-each.watched_s for each in found]),
        ("  of that: another account of pulls and init containers", [-each.paused_s for each in found]),
        ("  of that: nothing explains it", [each.left_s for each in found]),
    )
    section.rows = [[name, *_distribution(values)] for name, values in measures]
    for each in found:
        _judge(section, each)
    samples = verdicts.filter(verdicts["objective"] == "sig_startup")
    slow = sum(each.theirs_s[0] > _limit(samples) for each in found)
    section.notes.append(
        f"sig_startup: {samples.height} samples, {(samples['verdict'] == 'FAIL').sum()} FAIL; the kubelets saw {slow} of {len(found)} pods start late"
    )
    return section


def _limit(samples: pl.DataFrame) -> float:
    return float(samples["limit_s"].max() or 0.0) if samples.height else 0.0  # type: ignore[arg-type]


def _startups(truth: Truth, deliveries: pl.DataFrame, section: Section) -> Iterator[Startup]:
    rows = {r["uid"]: r for r in deliveries.iter_rows(named=True) if r["kind"] == "pod_create" and r["uid"]}
    for pod, told in startups_by_pod(truth):
        row = rows.get(pod.uid)
        if row is None or row["startup_s"] is None:
            if row is not None and row["deleted_at"] is None:
                section.find(pod.label, f"the kubelet tells of a start, ours of none before {row['judged_until_at']}")
            continue
        yield _startup(pod, told, row)


def _startup(pod: Pod, told: dict[str, Any], row: dict[str, Any]) -> Startup:
    created, watched, answered = (moment(told[key]) for key in ("podCreationTimestamp", "watchObservedRunningTime", "observedRunningTime"))
    shown_at = row["containers_shown_at"]
    whole_s = (shown_at - row["started_at"]).total_seconds()
    theirs_paused_s = go_seconds(told["totalImagesPullingTime"]) + go_seconds(told["totalInitContainerRuntime"])
    return Startup(
        pod=pod,
        ours_s=(row["startup_s"], whole_s),
        theirs_s=(go_seconds(told["podStartSLOduration"]), go_seconds(told["podStartE2EDuration"])),
        cut_s=(row["started_at"] - created).total_seconds(),
        answer_s=row["started_uncertainty_ms"] / 1000,
        watched_s=(watched - shown_at).total_seconds(),
        answered_s=(answered - shown_at).total_seconds(),
        paused_s=whole_s - row["startup_s"] - theirs_paused_s,
    )


def moment(text: str) -> datetime:
    """A time as Go prints it, `2026-11-23 07:30:18.21989 +0000 UTC`."""
    day, time, *_ = text.split()
    return instant(f"{day}T{time[:15]}+00:00")


def _judge(section: Section, each: Startup) -> None:
    """Each cause has bounds of its own; what lies outside is a disagreement."""
    if abs(each.left_s) > _PAUSE_S:
        section.find(f"{each.pod.label} start-up", f"{each.left_s:+.3f} s that no cause explains")
    if not -each.answer_s - _CLOCK_S <= each.cut_s < 1 + _CLOCK_S:
        section.find(
            f"{each.pod.label} created", f"creationTimestamp is {each.cut_s:+.3f} s before a request that was answered {each.answer_s:.3f} s later"
        )
    if each.watched_s < -_CLOCK_S or not -_CLOCK_S <= each.answered_s <= _ANSWERED_S:
        what = "of a container that had ended by then" if each.pod.terminations else "of running containers"
        section.find(
            f"{each.pod.label} shown {what}", f"the kubelet was answered {each.answered_s:+.3f} s after, and saw it {each.watched_s:+.3f} s after"
        )
    # When an init container ended is known to the second.
    if abs(each.paused_s) > (1 if each.pod.has_init else _PAUSE_S):
        what = "with init containers" if each.pod.has_init else "without init containers"
        section.find(f"{each.pod.label} pulls {what}", f"ours take {each.paused_s:+.3f} s more than the kubelet's account")


def _distribution(values: list[float]) -> list[str]:
    if not values:
        return ["0", "", "", "", ""]
    ordered = sorted(values)
    points = (ordered[0], ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.95)], ordered[-1])
    return [str(len(ordered)), *(f"{point:+.3f}" for point in points)]
