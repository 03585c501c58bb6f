"""One object's deliveries explained: verdicts, where the time went, the decisive HyperEvents, and what would have changed the verdict.

Here: `explain`, which reads and puts together. Not here: what would have changed a verdict (`what_if`) and how it is shown
(`pipelines.cli.explain`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING, Protocol

from pipelines.errors import LorgnetteError
from pipelines.reports.milestones import milestones
from pipelines.reports.reading import Reader, reading
from pipelines.reports.waterfall import Waterfall, waterfall
from pipelines.reports.what_if import Change, changes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from pipelines.config import Settings
    from pipelines.lake import Lake
    from pipelines.reports.reading import Row

# What a delivery is seen by, beside its row; both by `delivery_id`.
SEEN = ("explain_verdicts", "waterfall_phases")


class Rows(Protocol):
    """Whatever answers the queries of `sql/reports` for one cluster: a report's reader, or one that asks through the door."""

    cluster: str

    def rows(self, name: str, /, **params: object) -> list[Row]:
        """The rows of a query, in its order."""
        ...

    def several(self, asked: Sequence[tuple[str, Mapping[str, object]]]) -> list[list[Row]]:
        """The rows of several queries, each with its parameters."""
        ...


@dataclass(frozen=True, slots=True)
class Reference:
    """What the user calls an object: its UID (or a delivery's id), or its name with or without its namespace."""

    uid: str | None
    namespace: str | None
    name: str | None
    kinds: str | None = None
    """How the kinds of its deliveries begin: a pod and a claim may have one name."""

    @property
    def asked(self) -> dict[str, object]:
        """As the parameters of `explain_deliveries`."""
        return {"uid": self.uid, "namespace": self.namespace, "object_name": self.name, "kinds": self.kinds}

    @classmethod
    def of(cls, text: str, namespace: str | None = None, kinds: str | None = None) -> Reference:
        """Read `<namespace>/<name>`, `<name>` or `<uid>`; a UID may also be a name, so both are looked for."""
        before, slash, after = text.rpartition("/")
        return cls(None, before, after, kinds) if slash else cls(text, namespace, text, kinds)


@dataclass(frozen=True, slots=True)
class ExplainedVerdict:
    """A row of `verdicts`, and what would have made it another one."""

    verdict: Row
    changes: list[Change]


@dataclass(frozen=True, slots=True)
class ExplainedDelivery:
    """One delivery.

    Args:
        delivery: Its row of `deliveries`, with `outcome` and `failed_objectives`.
        verdicts: One per objective.
        phases: One row per phase and subject: `total_s`, `sole_s` (shared with no other phase), `usual_s` (the median of that hour).
        milestones: In the order of time.
        diagnoses: One per moment of judgement, with the decisive HyperEvent and where it stands in the sources.
        drawing: The phases over time.
    """

    delivery: Row
    verdicts: list[ExplainedVerdict]
    phases: list[Row]
    milestones: list[Row]
    diagnoses: list[Row]
    drawing: Waterfall


@dataclass(frozen=True, slots=True)
class Explained:
    """One object of one cluster: its deliveries, oldest first, and every HyperEvent of it if asked for."""

    cluster: str
    uid: str | None
    namespace: str | None
    name: str | None
    deliveries: list[ExplainedDelivery]
    facts: list[Row]


def explain(
    lake: Lake,
    clusters: Sequence[str],
    reference: Reference,
    settings: Settings,
    *,
    from_at: datetime | None = None,
    to_at: datetime | None = None,
    with_facts: bool = False,
) -> list[Explained]:
    """Explain every object that a reference names: names are used again, so there may be several.

    Args:
        lake: The lake.
        clusters: Where to look.
        reference: Which object.
        settings: Limits and rules.
        from_at: Only deliveries that start in this hour or later.
        to_at: Only deliveries that start before this, rounded up to the hour.
        with_facts: Whether to list all HyperEvents.

    Returns:
        One per object, oldest first; refused creates, which have no UID, are together.

    Raises:
        LorgnetteError: There is no such object.
    """
    found: list[Explained] = []
    with reading(lake, settings) as con:
        for cluster in clusters:
            reader = Reader(con, lake, cluster, from_at, to_at)
            rows = reader.rows("explain_deliveries", **reference.asked)
            found += objects(reader, rows, with_facts=with_facts)
    if not found:
        raise nothing_known(reference, lake.url, clusters)
    return found


def nothing_known(reference: Reference, url: str, clusters: Sequence[str]) -> LorgnetteError:
    """What to say of an object that the lake does not know."""
    wanted = f"{reference.namespace}/{reference.name}" if reference.namespace else reference.name or reference.uid
    return LorgnetteError(
        f"No delivery of {wanted} is known",
        where=f"{url}, cluster {', '.join(clusters)}",
        remedy='Check the name, the cluster and the time; `lorgnette sql "select namespace, name, uid from deliveries"` lists what there is.',
    )


def objects(reader: Rows, rows: Sequence[Row], *, with_facts: bool = False) -> list[Explained]:
    """The objects whose deliveries are given as rows of `explain_deliveries`, oldest first."""
    explained = {each.delivery["delivery_id"]: each for each in _deliveries(reader, rows)}
    found: list[Explained] = []
    by_object = sorted(rows, key=lambda row: (row["namespace"] or "", row["name"] or "", row["uid"] or ""))
    for (namespace, name, uid), group in groupby(by_object, key=lambda row: (row["namespace"], row["name"], row["uid"])):
        facts = reader.rows("explain_facts", uid=uid) if with_facts and uid else []
        found.append(Explained(reader.cluster, uid, namespace, name, [explained[row["delivery_id"]] for row in group], facts))
    return sorted(found, key=lambda each: each.deliveries[0].delivery["started_at"])


def _deliveries(reader: Rows, rows: Sequence[Row]) -> list[ExplainedDelivery]:
    of_these: dict[str, object] = {"delivery_ids": [row["delivery_id"] for row in rows]}
    ends = [row["ended_at"] if row["state"] == "delivered" else row["judged_until_at"] for row in rows]
    ends_too = of_these | {"until_ats": ends}
    asked = [*((name, of_these) for name in SEEN), ("explain_diagnoses", of_these), ("explain_phases", ends_too)]
    verdicts, phases, diagnoses, sums = reader.several(asked)
    by_delivery = _by_delivery(sums)
    return [_changed(each, by_delivery.get(each.delivery["delivery_id"], [])) for each in put_together(rows, verdicts, phases, diagnoses)]


def _changed(seen: ExplainedDelivery, sums: list[Row]) -> ExplainedDelivery:
    """With what would have changed each verdict, by the sums of the delivery's phases."""
    verdicts = [ExplainedVerdict(each.verdict, changes(each.verdict, seen.delivery, sums, seen.diagnoses)) for each in seen.verdicts]
    return replace(seen, verdicts=verdicts, phases=sums)


def put_together(rows: Sequence[Row], verdicts: Sequence[Row], phases: Sequence[Row], diagnoses: Sequence[Row]) -> list[ExplainedDelivery]:
    """Deliveries as they are seen, without what would have changed a verdict: their rows, those of `SEEN`, and the diagnoses."""
    judged, drawn, why = map(_by_delivery, (verdicts, phases, diagnoses))
    found = []
    for row in rows:
        id_, reached = row["delivery_id"], milestones(row)
        verdicts_ = [ExplainedVerdict(verdict, []) for verdict in judged.get(id_, [])]
        found.append(ExplainedDelivery(row, verdicts_, [], reached, why.get(id_, []), waterfall(row, drawn.get(id_, []), reached)))
    return found


def _by_delivery(rows: Sequence[Row]) -> Mapping[str, list[Row]]:
    """Rows by `delivery_id`, which they are sorted by."""
    return {id_: list(group) for id_, group in groupby(rows, key=lambda row: str(row["delivery_id"]))}
