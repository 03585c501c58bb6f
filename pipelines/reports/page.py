"""One cluster's part of the report: every query asked once, and its rows put together as the template wants them.

Here: `cluster_page`. Not here: the queries (`sql/reports`), how numbers are written (`words`), how it looks (`templates`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any

from pipelines.reports.headline import Headline, headline
from pipelines.reports.milestones import milestones
from pipelines.reports.timeline import Timeline, timeline
from pipelines.reports.waterfall import Waterfall, waterfall

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pipelines.reports.reading import Reader, Row

SPARK_SLICES = 32
_KINDS = ("pod_create", "pod_delete", "pod_upgrade", "pvc_bind")
# Of the whole delivery, not of a phase.
PSEUDO_PHASES = ("total", "platform", "user", "queue")


@dataclass(frozen=True, slots=True)
class Pod:
    """A delivery with its waterfall; `anchor` names it on the page."""

    anchor: str
    row: Row
    drawing: Waterfall


@dataclass(frozen=True, slots=True)
class Trouble:
    """Deliveries of one kind with one outcome and error code; some of `deliveries` are shown."""

    outcome: str
    row: Row
    deliveries: int
    pods: list[Pod]


@dataclass(slots=True)
class KindPage:
    """What is said about one kind of delivery: its times by phase, its long tail, its slowest pods."""

    kind: str
    totals: dict[str, Row]
    phases: list[Row]
    tail: list[Row]
    tail_places: list[Row]
    slowest: list[Pod]


@dataclass(slots=True)
class ClusterPage:
    """Everything that the template says about one cluster. An empty one has no deliveries: only `data` is filled."""

    name: str
    slug: str
    kinds: list[Row]
    data: dict[str, Any]
    is_one_day: bool = True
    headline: Headline | None = None
    objectives: list[Row] = field(default_factory=list)
    burn_rates: list[Row] = field(default_factory=list)
    api_calls: list[Row] = field(default_factory=list)
    timeline: Timeline | None = None
    by_kind: list[KindPage] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)
    anchors: dict[str, str] = field(default_factory=dict)
    errors: dict[str, Any] = field(default_factory=dict)
    refused: list[Row] = field(default_factory=list)
    rollouts: list[Row] = field(default_factory=list)
    versions: list[str] = field(default_factory=list)


def cluster_page(reader: Reader, position: int, *, is_cut: bool) -> ClusterPage:
    """Ask everything about one cluster.

    Args:
        reader: The cluster's rows.
        position: The cluster's place in the report, from 1.
        is_cut: Whether only some hours were asked for, so that days may be incomplete.
    """
    slug = re.sub(r"[^a-z0-9]+", "-", reader.cluster.lower()).strip("-")
    page = ClusterPage(reader.cluster, f"c{position}-{slug}".rstrip("-"), sorted(reader.rows("kinds"), key=_kind_position), _data(reader))
    page.is_one_day = _is_one_day(page.data["extent"])
    if page.kinds:
        page.objectives, page.burn_rates = reader.rows("objectives"), reader.rows("burn_rates")
        page.api_calls = reader.rows("api_calls", rows=12)
        page.timeline = timeline(reader, page.objectives, page.data["extent"])
        _add_pods(page, reader)
        page.errors = _errors(reader, page.data["extent"], "hour" if is_cut else "day")
        page.refused = reader.rows("refused", rows=60)
        page.rollouts = reader.rows("rollouts", rows=20)
        tails = [row for each in page.by_kind for row in each.tail]
        page.headline = headline(page.objectives, page.errors["codes"], reader.rows("fail_codes"), page.errors["gathering"], tails)
    page.versions = sorted(reader.versions)
    return page


def _is_one_day(extent: Row) -> bool:
    first_at, last_at = extent["first_at"], extent["last_at"]
    return first_at is None or first_at.date() == last_at.date()


def _kind_position(row: Row) -> tuple[int, str]:
    kind = row["kind"]
    return (_KINDS.index(kind) if kind in _KINDS else len(_KINDS), kind)


def _data(reader: Reader) -> dict[str, Any]:
    """What the sources hold and how far it can be trusted."""
    return {
        "extent": reader.rows("extent")[0],
        "totals": reader.rows("source_totals")[0],
        "sources": reader.rows("sources", rows=40),
        "quarantine": reader.rows("quarantine_reasons"),
        "quality": reader.rows("quality"),
        "clock_skew": reader.rows("clock_skew", rows=12),
        "coverage": reader.rows("coverage"),
        "uncertainty": reader.rows("uncertainty"),
    }


def _add_pods(page: ClusterPage, reader: Reader) -> None:
    """The parts by kind, and every pod that is drawn."""
    slowest = reader.rows("slowest", creates=10, others=5)
    slow_ids = {row["delivery_id"] for row in slowest}
    troubled = [row for row in reader.rows("troubled", per_code=4) if row["delivery_id"] not in slow_ids]
    pods = _pods(reader, page.slug, [*slowest, *troubled])
    page.anchors = {each: pod.anchor for each, pod in pods.items()}
    page.troubles = [
        Trouble(key[0], rows[0], rows[0]["of_code"], [pods[row["delivery_id"]] for row in rows])
        for key, rows in _by(troubled, "outcome", "kind", "error_code").items()
    ]
    of_kind = {name: _by_kind(reader.rows(name)) for name in ("phase_times", "long_tail")}
    places = _by_kind(reader.rows("tail_places", places=8))
    for kind in (row["kind"] for row in page.kinds):
        times, tail = of_kind["phase_times"].get(kind, []), of_kind["long_tail"].get(kind, [])
        pods_of_kind = [pods[row["delivery_id"]] for row in slowest if row["kind"] == kind]
        page.by_kind.append(KindPage(kind, *_phases(times, tail), tail, places.get(kind, []), pods_of_kind))


def _pods(reader: Reader, slug: str, rows: Sequence[Row]) -> dict[str, Pod]:
    ids = [row["delivery_id"] for row in rows]
    phases = _by(reader.rows("waterfall_phases", delivery_ids=ids), "delivery_id")
    reached = {row["delivery_id"]: milestones(row) for row in reader.rows("waterfall_milestones", delivery_ids=ids)}
    return {
        row["delivery_id"]: Pod(
            f"{slug}-pod-{row['delivery_id'][:16]}", row, waterfall(row, phases.get(row["delivery_id"], []), reached.get(row["delivery_id"], []))
        )
        for row in rows
    }


def _phases(times: Sequence[Row], tail: Sequence[Row]) -> tuple[dict[str, Row], list[Row]]:
    """The times of whole deliveries by name, and those of the phases with each phase's share of all time."""
    shares = {row["phase"]: row["all_share"] for row in tail}
    phases = [row | {"share": shares.get(row["phase"])} for row in times if row["phase"] not in PSEUDO_PHASES]
    phases.sort(key=lambda row: (-(row["share"] if row["share"] is not None else -1), row["phase"]))
    whole = {row["phase"]: row for row in times}
    return {name: whole[name] for name in PSEUDO_PHASES if name in whole and (name == "total" or whole[name]["max_s"])}, phases


def _errors(reader: Reader, extent: Row, length: str) -> dict[str, Any]:
    slices = _by(
        reader.rows("error_times", from_at=extent["first_at"], to_at=extent["last_at"] + timedelta(microseconds=1), slices=SPARK_SLICES),
        "kind",
        "error_code",
    )
    rows = reader.rows("top_errors")
    # A code may stand in several kinds; links lead to its first row.
    first = {row["error_code"]: row for row in reversed(rows)}
    codes = [row | {"slices": _spark(slices[row["kind"], row["error_code"]]), "is_first": first[row["error_code"]] is row} for row in rows]
    cells = reader.rows("node_codes", nodes=20, codes=12)
    return {
        "codes": codes,
        "gathering": reader.rows("gathering", length=length, per_code=4),
        "length": length,
        "node_codes": list(dict.fromkeys(row["error_code"] for row in sorted(cells, key=lambda row: row["code_position"]))),
        "nodes": [
            {"node": node, "cells": {row["error_code"]: row for row in rows}, "exposure": rows[0]["exposure"]}
            for node, rows in _by(cells, "node").items()
        ],
        "worst_rate": max((row["rate"] for row in cells), default=0),
    }


def _spark(rows: Sequence[Row]) -> list[float]:
    """Deliveries per slice of time, as shares of the most."""
    counts = {row["slice"]: row["deliveries"] for row in rows}
    most = max(counts.values())
    return [counts.get(each, 0) / most for each in range(SPARK_SLICES)]


def _by(rows: Iterable[Row], *names: str) -> dict[Any, list[Row]]:
    """Rows by the value (or values) of columns that they are sorted by."""

    def key(row: Row) -> Any:  # noqa: ANN401 - one value or a tuple of them
        return row[names[0]] if len(names) == 1 else tuple(row[name] for name in names)

    return {value: list(of_value) for value, of_value in groupby(rows, key=key)}


def _by_kind(rows: Iterable[Row]) -> dict[str, list[Row]]:
    return _by(rows, "kind")
