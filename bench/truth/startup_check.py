"""Start-up times against the kubelets' own: `podStartE2EDuration` and `podStartSLOduration`.

Here: the differences, as information. The kubelets count from `creationTimestamp`, which is cut to the second, up to the
moment at which their own watch brought the status back (`podStart…`), so theirs is longer by up to a second and by that watch's
lateness; `observedRunningTime` is when they had told the API server. Not here: a verdict.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bench.truth.corpus import instant
from bench.truth.findings import Section
from bench.truth.milestone_check import startups_by_pod

if TYPE_CHECKING:
    import polars as pl

    from bench.truth.truth import Truth

_COLUMNS = ["ours - the kubelets'", "n", "min", "median", "p95", "max"]
_PART = re.compile(r"([\d.]+)(ms|µs|us|ns|h|m|s)")
_SECONDS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "µs": 1e-6, "us": 1e-6, "ns": 1e-9}


def go_seconds(text: str) -> float:
    """A Go duration such as `1m2.5s` in seconds; a bare number is seconds already."""
    parts = _PART.findall(text)
    return sum(float(number) * _SECONDS[unit] for number, unit in parts) if parts else float(text)


def check_startups(truth: Truth, deliveries: pl.DataFrame, verdicts: pl.DataFrame) -> Section:
    """Created → all containers started, whole and without image pulls and init containers."""
    section = Section(truth.run.name, "startup", "Start-up as the kubelets count it (seconds, for information)", _COLUMNS)
    rows = {r["uid"]: r for r in deliveries.iter_rows(named=True) if r["kind"] == "pod_create" and r["uid"]}
    spent = {r["delivery_id"]: r["spent_s"] for r in verdicts.iter_rows(named=True) if r["objective"] == "sig_startup"}
    told: list[float] = []
    whole: list[float] = []
    promised: list[float] = []
    for pod, startup in startups_by_pod(truth):
        row = rows.get(pod.uid)
        if row is None or row["containers_started_at"] is None:
            continue
        told.append((row["containers_started_at"] - instant(f"{startup['observedRunningTime'][:26]}+00:00")).total_seconds())
        whole.append((row["containers_started_at"] - row["started_at"]).total_seconds() - go_seconds(startup["podStartE2EDuration"]))
        if spent.get(row["delivery_id"]) is not None:
            promised.append(spent[row["delivery_id"]] - go_seconds(startup["podStartSLOduration"]))
    named = (
        ("containers_started: observedRunningTime", told),
        ("containers_started - created: podStartE2EDuration", whole),
        ("sig_startup: podStartSLOduration", promised),
    )
    if not promised:
        section.notes.append("the lake holds no verdicts of the objective sig_startup")
    for name, differences in named:
        section.rows.append([name, *_distribution(differences)])
    return section


def _distribution(values: list[float]) -> list[str]:
    if not values:
        return ["0", "", "", "", ""]
    ordered = sorted(values)
    points = (ordered[0], ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.95)], ordered[-1])
    return [str(len(ordered)), *(f"{point:+.3f}" for point in points)]
