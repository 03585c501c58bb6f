"""The milestones of each pod against the frames that first show them, and against the kubelets' own log.

Here: the differences, and which of them no measured lateness of the watch explains. Not here: reading either side.

A difference is `ours - truth`. Writes (created, bound, ready, deleted, gone) are compared with the arrival of the frame,
allowing for what the watch's frames lagged behind the writes that they show. Facts of a node (sandbox, start of the
containers) are compared with the second that the object itself names, which ends no later than the frame came.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from bench.truth.corpus import instant
from bench.truth.findings import Section
from bench.truth.latency import Band, Lateness, lateness
from bench.truth.watch import STAMP

if TYPE_CHECKING:
    from collections.abc import Iterator

    import polars as pl

    from bench.truth.truth import Truth
    from bench.truth.watch import Pod, Sighting

_COLUMNS = ["milestone", "n", "median", "p95", "max abs", "no value", "outside"]
_BY_STAMP = {"sandbox_ready", "containers_started"}
_LOWER_ENDED = {"created": "started", "deleted": "deleted"}
_OF_CREATE = ("created", "bound", "sandbox_ready", "containers_started", "ready")
_OF_DELETE = ("deleted", "gone")


@dataclass(frozen=True, slots=True)
class Compared:
    """One milestone of one pod, both sides of it."""

    milestone: str
    pod: Pod
    ours: datetime
    early_s: float
    truth_from: datetime
    truth_until: datetime
    band: Band

    @property
    def difference_s(self) -> float:
        """Ours minus the nearest end of the truth; 0 inside of it."""
        if self.ours > self.truth_until:
            return (self.ours - self.truth_until).total_seconds()
        return min(0.0, (self.ours - self.truth_from).total_seconds())

    @property
    def is_outside(self) -> bool:
        """Whether neither the uncertainty nor the watch's lateness lets both be true."""
        latest = self.ours + timedelta(seconds=self.band.high_s)
        earliest = self.ours + timedelta(seconds=min(0.0, self.band.low_s) - self.early_s)
        return latest < self.truth_from or earliest > self.truth_until


def check_milestones(truth: Truth, deliveries: pl.DataFrame) -> Section:
    """All milestones of a run's pods: the distribution of the differences, and those that nothing measured explains."""
    section = Section(truth.run.name, "milestones", "Milestones, ours - truth (seconds)", _COLUMNS)
    answered, received = lateness(truth, after="answered"), lateness(truth, after="received")
    section.notes.append(f"A frame arrives {answered.band.text()} after the answer that it shows, {received.band.text()} after the request")
    section.notes.append("(middle 99 % of the frames whose write the log holds); near a frame that was later still, as late as that one.")
    compared = [*_watched(truth, deliveries, answered, received), *_kubelets_own(truth, deliveries, answered.band)]
    missing = _without_value(truth, deliveries, section)
    _check_two_words_for_delete(truth, deliveries, section)
    for milestone in dict.fromkeys([*_OF_CREATE, *_OF_DELETE, "kubelet: running"]):
        _sum_up(section, milestone, [c for c in compared if c.milestone == milestone], missing.get(milestone, 0))
    return section


def _check_two_words_for_delete(truth: Truth, deliveries: pl.DataFrame, section: Section) -> None:
    """A pod's creation and its deletion both say when delete was asked: that has to be one instant."""
    asked = {row["uid"]: row["started_at"] for row in deliveries.iter_rows(named=True) if row["kind"] == "pod_delete"}
    for row in deliveries.iter_rows(named=True):
        pod, ours = truth.pods.get(row["uid"] or ""), row["deleted_at"]
        if row["kind"] == "pod_create" and pod and ours and asked.get(row["uid"], ours) != ours:
            text = f"the creation says {ours:%H:%M:%S.%f} ({row['deleted_source']}), the deletion says {asked[row['uid']]:%H:%M:%S.%f}"
            section.find(f"delete asked {pod.label}", text)


def _sum_up(section: Section, milestone: str, compared: list[Compared], missing: int) -> None:
    outside = [c for c in compared if c.is_outside]
    for c in outside:
        section.find(f"{milestone} {c.pod.label}", _both_sides(c))
    differences = sorted(c.difference_s for c in compared)
    if differences:
        middle, tail = differences[len(differences) // 2], differences[int(len(differences) * 0.95)]
        furthest = max(abs(d) for d in differences)
        numbers = [f"{middle:+.3f}", f"{tail:+.3f}", f"{furthest:.3f}"]
        section.rows.append([milestone, str(len(compared)), *numbers, str(missing), str(len(outside))])


def _both_sides(c: Compared) -> str:
    seen = f"truth {c.truth_until:%H:%M:%S.%f}"
    if c.truth_from != c.truth_until:
        seen = f"truth {c.truth_from:%H:%M:%S.%f} to {c.truth_until:%H:%M:%S.%f}"
    return f"ours {c.ours:%H:%M:%S.%f} (-{c.early_s:.3f} s), {seen}, difference {c.difference_s:+.3f} s, allowed lag {c.band.text()}"


def _watched(truth: Truth, deliveries: pl.DataFrame, answered: Lateness, received: Lateness) -> Iterator[Compared]:
    bands = {id(answered): answered.band, id(received): received.band}
    for pod, row, milestone, sighting in _seen(truth, deliveries):
        stem = "started" if milestone in ("created", "deleted") else milestone
        ours = row[f"{stem}_at"]
        if ours is None:
            continue
        lags = received if milestone in _LOWER_ENDED else answered
        band = lags.near(sighting.at, bands[id(lags)])
        early_s = 0.0 if milestone in _LOWER_ENDED else (row[f"{stem}_uncertainty_ms"] or 0.0) / 1000
        since, until = _truth(milestone, sighting)
        yield Compared(milestone, pod, ours, early_s, since, until, band)


def _truth(milestone: str, sighting: Sighting) -> tuple[datetime, datetime]:
    if milestone in _BY_STAMP and sighting.stamp:
        return sighting.stamp, max(sighting.stamp, min(sighting.stamp + STAMP, sighting.at))
    return sighting.since, sighting.at


def _seen(truth: Truth, deliveries: pl.DataFrame) -> Iterator[tuple[Pod, dict[str, Any], str, Sighting]]:
    for row in deliveries.iter_rows(named=True):
        pod = truth.pods.get(row["uid"] or "")
        if pod is None or row["left_censored"]:
            continue
        for milestone in {"pod_create": _OF_CREATE, "pod_delete": _OF_DELETE}.get(row["kind"], ()):
            sighting = pod.seen.get(milestone)
            if sighting is not None and _belongs(pod, milestone, sighting):
                yield pod, row, milestone, sighting


def _belongs(pod: Pod, milestone: str, sighting: Sighting) -> bool:
    # What happens after delete was asked is no milestone of the creation any more.
    deleted = pod.at("deleted")
    return milestone in _OF_DELETE or deleted is None or sighting.at < deleted


def _without_value(truth: Truth, deliveries: pl.DataFrame, section: Section) -> dict[str, int]:
    missing: dict[str, int] = {}
    for pod, row, milestone, sighting in _seen(truth, deliveries):
        stem = "started" if milestone in ("created", "deleted") else milestone
        if row[f"{stem}_at"] is None:
            missing[milestone] = missing.get(milestone, 0) + 1
            section.find(f"{milestone} {pod.label}", f"ours has no value, truth {sighting.at:%H:%M:%S.%f}")
    return missing


def _kubelets_own(truth: Truth, deliveries: pl.DataFrame, band: Band) -> Iterator[Compared]:
    """Containers started, against the moment at which the kubelet had told the API server that all of them run."""
    rows = {(f"{r['namespace']}/{r['name']}", r["uid"]): r for r in deliveries.iter_rows(named=True) if r["kind"] == "pod_create"}
    for pod, startup in startups_by_pod(truth):
        row = rows.get((startup["pod"], pod.uid))
        if row is None or row["containers_started_at"] is None or "containers_started" not in pod.seen:
            continue
        told_at = instant(f"{startup['observedRunningTime'][:26]}+00:00")
        started = pod.seen["containers_started"].stamp or told_at
        early_s = (row["containers_started_uncertainty_ms"] or 0.0) / 1000
        yield Compared("kubelet: running", pod, row["containers_started_at"], early_s, min(started, told_at), told_at, band)


def startups_by_pod(truth: Truth) -> Iterator[tuple[Pod, dict[str, Any]]]:
    """The kubelets' own records, each with its pod: a name may be used again, so the second of creation decides."""
    by_name: dict[tuple[str, str], Pod] = {}
    for pod in truth.pods.values():
        stamp = pod.seen["created"].stamp
        by_name[f"{pod.namespace}/{pod.name}", f"{stamp:%Y-%m-%d %H:%M:%S}"] = pod
    for startup in truth.startups:
        found = by_name.get((startup["pod"], startup["podCreationTimestamp"][:19]))
        if found is not None:
            yield found, startup
