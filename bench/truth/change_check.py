"""Upgrades in place and claims against the frames that show them done.

Here: whether each has its delivery, when it was delivered, its verdict and its code. Not here: reading either side (`changes`).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from bench.truth.expected import Expectation
from bench.truth.findings import Section
from bench.truth.latency import Band, lateness

if TYPE_CHECKING:
    import polars as pl

    from bench.truth.changes import Change, Claim
    from bench.truth.expected import Expectations
    from bench.truth.truth import Truth

_COLUMNS = ["kind", "in the watch", "deliveries", "delivered", "median difference (s)", "max", "outside", "verdicts right", "codes right"]
_LIMITS_S = {"pod_upgrade": 540.0, "pvc_bind": 600.0}
Row = dict[str, Any]


def check_changes(truth: Truth, deliveries: pl.DataFrame, verdicts: pl.DataFrame, expectations: Expectations) -> Section:
    """All that the watch shows of both kinds, against the table's rows."""
    section = Section(truth.run.name, "changes", "Upgrades in place and claims against the watch", _COLUMNS)
    said = {row["delivery_id"]: row["verdict"] for row in verdicts.iter_rows(named=True) if row["objective"] == "wall"}
    band = lateness(truth, after="answered").band
    for kind, pairs in (("pod_upgrade", _upgrades(truth, deliveries, section)), ("pvc_bind", _claims(truth, deliveries, section))):
        ours = deliveries.filter((deliveries["kind"] == kind) & deliveries["uid"].is_not_null())
        for row in ours.iter_rows(named=True):
            if not row["left_censored"] and all(row is not found and row["delivery_id"] != found["delivery_id"] for _, found in pairs):
                section.find(
                    f"{kind} {row['namespace']}/{row['name']}", f"a delivery at {row['started_at']} that the watch does not show", is_fatal=True
                )
        _sum_up(section, kind, pairs, (truth, said, band, expectations))
    return section


def _upgrades(truth: Truth, deliveries: pl.DataFrame, section: Section) -> list[tuple[Change, Row]]:
    rows = [row for row in deliveries.iter_rows(named=True) if row["kind"] == "pod_upgrade"]
    pairs: list[tuple[Change, Row]] = []
    for change in truth.changes:
        write = truth.audit.writes.get((change.uid, change.version))
        at = write.received_at if write else change.started_at
        found = min((row for row in rows if row["uid"] == change.uid), key=lambda row: abs(row["started_at"] - at), default=None)
        if found is None or abs(found["started_at"] - at) > timedelta(seconds=1):
            section.find(f"pod_upgrade {change.label}", f"no delivery of the change at {at:%H:%M:%S.%f}", is_fatal=True)
        else:
            pairs.append((change, found))
    return pairs


def _claims(truth: Truth, deliveries: pl.DataFrame, section: Section) -> list[tuple[Claim, Row]]:
    rows = {row["uid"]: row for row in deliveries.iter_rows(named=True) if row["kind"] == "pvc_bind"}
    pairs: list[tuple[Claim, Row]] = []
    for claim in truth.claims.values():
        if claim.uid in rows:
            pairs.append((claim, rows[claim.uid]))
        elif not claim.waits or claim.consumers:
            section.find(f"pvc_bind {claim.namespace}/{claim.name}", "no delivery", is_fatal=True)
    return pairs


def _sum_up(section: Section, kind: str, pairs: list[Any], context: tuple[Truth, dict[str, str], Band, Expectations]) -> None:
    truth, said, band, expectations = context
    differences: list[float] = []
    outside = right_verdicts = right_codes = 0
    for seen, row in pairs:
        subject = f"{kind} {row['namespace']}/{row['name']} at {row['started_at']:%H:%M:%S}"
        if seen.done_at and row["delivered_at"]:
            differences.append((row["delivered_at"] - seen.done_at).total_seconds())
            if not -max(band.high_s, 0.0) <= differences[-1] <= -min(band.low_s, 0.0):
                outside += 1
                section.find(
                    subject, f"delivered {row['delivered_at']:%H:%M:%S.%f}, the watch saw it {seen.done_at:%H:%M:%S.%f}, allowed lag {band.text()}"
                )
        verdict = _verdict(kind, seen, truth.audit.last_at)
        right_verdicts += _agree(section, f"verdict {subject}", verdict, said.get(row["delivery_id"], "no verdict"))
        expected = _expected(kind, seen, verdict, truth, expectations)
        right_codes += row["error_code"] in expected.codes
        if row["error_code"] not in expected.codes:
            section.find(f"code {subject}", f"expected {expected.label}, got {row['error_code']} ({row['error_detail']})")
    ordered = sorted(differences)
    numbers = [f"{ordered[len(ordered) // 2]:+.3f}", f"{max(map(abs, ordered)):.3f}"] if ordered else ["", ""]
    counts = [len(pairs), len(pairs), sum(row["state"] == "delivered" for _, row in pairs)]
    section.rows.append([kind, *map(str, counts), *numbers, str(outside), str(right_verdicts), str(right_codes)])


def _agree(section: Section, subject: str, expected: str, got: str) -> bool:
    if expected != got:
        section.find(subject, f"truth {expected}, ours {got}")
    return expected == got


def _verdict(kind: str, seen: Change | Claim, log_end: datetime) -> str:
    ends = {"FAIL": seen.started_at + timedelta(seconds=_LIMITS_S[kind]), "PENDING": log_end}
    ends |= {verdict: at for verdict, at in (("SUCCESS", seen.done_at), ("KILL", seen.ended_at)) if at}
    return min(ends, key=lambda verdict: ends[verdict])


def _expected(kind: str, seen: Change | Claim, verdict: str, truth: Truth, expectations: Expectations) -> Expectation:
    """What the scenario of the pod, or of the claim's consumer, says; a success has no error."""
    if verdict == "SUCCESS":
        return Expectation(frozenset({None}))
    scenarios = [truth.scenario_pods.get(uid, {}).get("scenario", "") for uid in seen.pod_uids]
    fallback = Expectation(frozenset({{"PENDING": None, "KILL": "DeletedBeforeReady"}.get(verdict, "Unknown")}))
    return next((entry for entry in (expectations.of(scenario, kind) for scenario in scenarios) if entry), fallback)
