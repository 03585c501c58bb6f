"""API calls of the lake against the API server's own histograms.

Here: two steps. The rows of `api_calls_minutely` must add up to the requests in the lake's log; and those requests, up to the moment of a
scrape, must be what `apiserver_request_sli_duration_seconds` had counted by then, with quantiles no further than one bucket away. Not
here: whether the log was read whole (`count_check`).
"""

from __future__ import annotations

import json
from bisect import bisect_left
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from bench.truth.findings import Section
from bench.truth.prom import Histogram, histograms, value
from bench.truth.startup_check import go_seconds

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import polars as pl

    from bench.truth.truth import Truth

_COLUMNS = ["verb", "kinds of call", "in the lake", "of them counted by the scrapes", "API server's count", "quantiles compared", "within one bucket"]
_FAMILY = "apiserver_request_sli_duration_seconds"
_LABELS = ("group", "resource", "subresource", "verb", "scope")
_VERBS = {"get": "GET", "list": "LIST", "create": "POST", "update": "PUT", "patch": "PATCH", "delete": "DELETE", "deletecollection": "DELETE"}
_LONG_RUNNING = {"exec", "attach", "portforward", "proxy", "log"}
_NOT_OURS = ("mutating-webhook", "validating-webhook", "apf-queue-wait")
# The server counts a call a moment before the line is in its log, and counts lines while others are being answered.
_UNDER_WAY = timedelta(seconds=0.5)
_QUANTILES = (0.5, 0.99)
# A bucket more or less says nothing about a quantile of a handful.
_FEW = 20
Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """One answered call, as the lake's log has it."""

    key: Key
    verb: str
    received_at: datetime
    answered_at: datetime
    spent_s: float


@dataclass(frozen=True, slots=True)
class Process:
    """One life of the API server up to its last scrape: from when to when it counted, and what."""

    from_at: datetime
    to_at: datetime
    counts: dict[Key, Histogram]


@dataclass(slots=True)
class Compared:
    """One kind of call: ours as far as a scrape saw it for certain, or may have seen it, and theirs."""

    sure: list[float] = field(default_factory=list)
    maybe: int = 0
    theirs: Histogram = field(default_factory=Histogram)


def check_api_calls(truth: Truth, audit_events: pl.DataFrame, api_calls: pl.DataFrame) -> Section:
    """Counts equal, or within the calls that were under way at the scrape; quantiles within one bucket."""
    section = Section(truth.run.name, "api calls", "API calls against the API server's own histograms", _COLUMNS)
    calls = list(calls_of(audit_events))
    _add_up(section, calls, api_calls)
    compared = _compared(calls, list(_processes(truth)))
    quantiles = {key: list(_buckets(each)) for key, each in compared.items()}
    for key, each in sorted(compared.items()):
        _judge(section, key, each, quantiles[key])
    total = Counter(call.key[3] for call in calls)
    for verb in dict.fromkeys(_VERBS.values()):
        of_verb = {key: each for key, each in compared.items() if key[3] == verb}
        pairs = [pair for key in of_verb for pair in quantiles[key]]
        cells = (len(of_verb), total[verb], sum(len(each.sure) for each in of_verb.values()), sum(each.theirs.count for each in of_verb.values()))
        section.rows.append([verb, *(str(cell) for cell in cells), str(len(pairs)), str(sum(abs(ours - theirs) <= 1 for _, ours, theirs in pairs))])
    return section


def calls_of(audit_events: pl.DataFrame) -> Iterator[Call]:
    """The calls that the server's histogram counts, each once however many files hold it."""
    columns = (
        "api_group",
        "resource",
        "subresource",
        "verb",
        "namespace",
        "stage",
        "received_at",
        "stage_at",
        "annotations",
        "audit_id",
        "is_dry_run",
    )
    seen = set()
    for row in audit_events.select(columns).iter_rows(named=True):
        is_served = row["stage"] in ("ResponseComplete", "Panic") and row["resource"] and row["verb"] in _VERBS and not row["is_dry_run"]
        is_served = is_served and '"authorization.k8s.io/decision":"forbid"' not in (row["annotations"] or "")
        if not is_served or (row["subresource"] or "") in _LONG_RUNNING or (row["audit_id"], row["stage_at"]) in seen:
            continue
        seen.add((row["audit_id"], row["stage_at"]))
        is_many = row["verb"] in ("list", "deletecollection")
        scope = "resource" if not is_many else "namespace" if row["namespace"] else "cluster"
        key = (row["api_group"] or "", row["resource"], row["subresource"] or "", _VERBS[row["verb"]], scope)
        spent_s = (row["stage_at"] - row["received_at"]).total_seconds() - _others_s(row["annotations"])
        yield Call(key, row["verb"], row["received_at"], row["stage_at"], spent_s)


def _others_s(annotations: str | None) -> float:
    """Seconds that the call waited for webhooks and in the fairness queue, as the server says of slow ones."""
    told: dict[str, Any] = json.loads(annotations) if annotations and "apiserver.latency" in annotations else {}
    return sum(go_seconds(told[name]) for part in _NOT_OURS if (name := f"apiserver.latency.k8s.io/{part}") in told)


def _add_up(section: Section, calls: list[Call], api_calls: pl.DataFrame) -> None:
    """Each minute of each kind of call: how many, and the longest."""
    ours: defaultdict[tuple[datetime, Key, str], list[float]] = defaultdict(list)
    for call in calls:
        ours[call.answered_at.replace(second=0, microsecond=0), call.key, call.verb].append(call.spent_s)
    rows = {}
    for row in api_calls.iter_rows(named=True):
        key = (row["api_group"] or "", row["resource"], row["subresource"] or "", _VERBS[row["verb"]], row["scope"])
        rows[row["bucket_at"], key, row["verb"]] = (row["count"], row["max_s"])
    section.notes.append(f"api_calls_minutely: {len(rows)} rows; the lake's log has {len(calls)} calls in {len(ours)} kinds and minutes")
    for minute in sorted(ours.keys() | rows.keys()):
        count, longest_s = rows.get(minute, (0, None))
        expected = ours.get(minute, [])
        if count != len(expected) or abs((longest_s or 0) - max([0.0, *expected])) > 1e-6:  # noqa: PLR2004 - a microsecond
            section.find(f"{' '.join(minute[1])} {minute[0]}", f"{count} calls up to {longest_s} s, but the log has {len(expected)}", is_fatal=True)


def _processes(truth: Truth) -> Iterator[Process]:
    """The lives of the API server that were scraped at their end, each with the moment of that scrape by its count of audit events."""
    stamps = truth.audit.stamps
    for path in _scrapes(truth.run.folder / "metrics"):
        from_at = datetime.fromtimestamp(value(path, "process_start_time_seconds"), UTC)
        first = bisect_left(sorted(stamps), from_at)
        last = min(first + int(value(path, "apiserver_audit_event_total")), len(stamps)) - 1
        yield Process(from_at, sorted(stamps)[last], _merged(histograms(path, _FAMILY, _LABELS)))


def _scrapes(folder: Path) -> list[Path]:
    return [path for stop in ("before-stop", "end") for path in sorted(folder.glob(f"kube-apiserver-{stop}.prom*"))]


def _merged(found: dict[Key, Histogram]) -> dict[Key, Histogram]:
    """Server-side apply is a patch of its own to the server; the audit log calls both a patch."""
    merged: dict[Key, Histogram] = {}
    for key, histogram in found.items():
        if key[1] and key[3] in {*_VERBS.values(), "APPLY"}:
            target = merged.setdefault((*key[:3], "PATCH" if key[3] == "APPLY" else key[3], key[4]), Histogram())
            for bound, count in histogram.buckets.items():
                target.add(bound, count)
    return merged


def _compared(calls: list[Call], processes: list[Process]) -> dict[Key, Compared]:
    found: defaultdict[Key, Compared] = defaultdict(Compared)
    for process in processes:
        for key, histogram in process.counts.items():
            for bound, count in histogram.buckets.items():
                found[key].theirs.add(bound, count)
        for call in calls:
            if process.from_at <= call.answered_at <= process.to_at - _UNDER_WAY:
                found[call.key].sure.append(call.spent_s)
            elif process.from_at <= call.answered_at and call.received_at <= process.to_at + _UNDER_WAY:
                found[call.key].maybe += 1
    return dict(found)


def _buckets(each: Compared) -> Iterator[tuple[float, int, int]]:
    """Quantile, our bucket, their bucket."""
    if len(each.sure) >= _FEW and each.theirs.count >= _FEW:
        ordered = sorted(each.sure)
        for share in _QUANTILES:
            rank = int(-(-len(ordered) * share // 1))
            yield share, each.theirs.bucket_of(ordered[rank - 1]), each.theirs.quantile_bucket(share)


def _judge(section: Section, key: Key, each: Compared, buckets: list[tuple[float, int, int]]) -> None:
    name, ours, theirs = " ".join(part or "-" for part in key), len(each.sure), each.theirs.count
    if not ours <= theirs <= ours + each.maybe:
        section.find(name, f"the server counted {theirs}, the lake {ours} and {each.maybe} more around the scrapes")
    for share, our_bucket, their_bucket in buckets:
        if abs(our_bucket - their_bucket) > 1:
            section.find(name, f"p{share * 100:g} lies {our_bucket - their_bucket:+d} buckets from the server's")
