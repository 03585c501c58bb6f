"""One pod (or claim, or refused create) with everything that is known of it.

Here: finding it, and reading its story in as few opened files as there are hours in it. Not here: how it is explained (`pipelines.reports.explain`),
and how it is shown.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING

from pipelines.lake.cuts import Cut
from pipelines.reports.explain import objects, put_together
from pipelines.reports.milestones import COLUMNS
from pipelines.reports.outcomes import outcome
from pipelines.serving.http.containers import containers
from pipelines.serving.http.problems import HttpError
from pipelines.serving.http.reading import ALL_TIME, Window
from pipelines.serving.wire import Rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipelines.reports.explain import ExplainedDelivery
    from pipelines.reports.reading import Row
    from pipelines.serving.http.asking import Asking
    from pipelines.serving.http.reading import Reading

_LEAST = timedelta(microseconds=1)
# A link says when about a pod lived; its deliveries started around then.
_AROUND = timedelta(days=1)
# What needs no query; each in its order.
_TOLD = (
    "cluster",
    "uid",
    "namespace",
    "name",
    "node",
    "state",
    "settled",
    "ended_at",
    "judged_until_at",
    "total_s",
    "platform_s",
    "user_s",
    "queue_s",
)
_WHY = ("error_code", "error_detail", "fault", "component", "message")
_DELIVERIES = Rows("deliveries", (*COLUMNS, *_TOLD, *_WHY), ("started_at", "kind", "delivery_id"))
_VERDICTS = Rows("verdicts", ("delivery_id", "objective", "limit_s", "spent_s", "verdict", "decided_at"), ("delivery_id", "decided_at", "objective"))
_STRETCH = ("phase", "subject", "owner", "started_at", "ended_at", "duration_s", "uncertainty_ms", "status", "error_code", "cached")
_PHASES = Rows("phases", ("delivery_id", *_STRETCH), ("delivery_id", "started_at", "ended_at", "phase", "subject"))
_PULLS = Rows("phases", ("uid", "phase", "subject", "image", "duration_s", "status", "cached"), ("subject",))
_EVIDENCE = ("advice", "runner_up", "evidence_operation", "evidence_subject", "source_id", "source_line")
_DIAGNOSES = Rows("diagnoses", ("delivery_id", "moment", "judged_at", "error_code", *_EVIDENCE), ("delivery_id", "judged_at"))
_MAKEUP = (
    *("cluster", "uid", "namespace", "name", "seen_at", "created_at", "node", "owner_kind", "owner_name", "controller_kind", "controller_name"),
    *("images", "restart_policy", "scheduler_name", "service_account", "priority", "cpu_request_cores", "memory_request_bytes", "size_class"),
    *("container_names", "init_container_names", "sidecar_names", "container_specs", "finalizers", "claims", "revision"),
)
_PODS = Rows("pods", _MAKEUP, ("seen_at",))
_FACT = ("severity", "actor", "reason", "message", "count", "source_id", "source_line")
_FACTS = Rows(
    "hyper_events",
    ("at", "observed_at", "operation", "subject", "detail", *_FACT),
    ("at", "observed_at", "operation", "subject", "source_id", "source_line"),
)
# The tables that the first look reads, and those of what lies behind.
FIRST = ("deliveries", "verdicts", "phases", "diagnoses", "sources")
BEHIND = ("deliveries", "pods", "phases", "hyper_events", "diagnoses", "sources")


@dataclass(frozen=True, slots=True)
class Place:
    """An object with its deliveries, oldest first, and when those were."""

    deliveries: list[Row]

    @property
    def row(self) -> Row:
        """What it is called, and when its deliveries were, as `pod_places` tells it."""
        last, starts = self.deliveries[-1], [each["started_at"] for each in self.deliveries]
        told = {name: last[name] for name in ("cluster", "uid", "namespace", "name")}
        last_at = max(each["judged_until_at"] for each in self.deliveries)
        return told | {"first_at": min(starts), "last_at": last_at, "deliveries": len(self.deliveries)}

    @property
    def window(self) -> Window:
        """From the first start to the last judgement."""
        return Window(self.row["first_at"], self.row["last_at"] + _LEAST)

    @property
    def uid(self) -> str | None:
        """Its UID; none of a refused create."""
        uid: str | None = self.deliveries[-1]["uid"]
        return uid

    @property
    def cluster(self) -> str:
        """Its cluster."""
        return str(self.deliveries[-1]["cluster"])


@dataclass(frozen=True, slots=True)
class Background:
    """What an object is made of, what happened in its containers, its HyperEvents in order, and its diagnoses."""

    makeup: Row | None
    containers: list[Row]
    facts: list[Row]
    diagnoses: list[Row]


@dataclass(frozen=True, slots=True)
class Story:
    """One object: its deliveries, oldest first, and what lies behind them."""

    place: Place
    deliveries: list[ExplainedDelivery]
    background: Background


def place_of(asking: Asking, key: str) -> Place:
    """Where an object is, by its UID or the id of a delivery of it.

    Raises:
        HttpError: There is none that the caller may see.
    """
    for window in _likely(asking):
        # A page is followed by its parts: they need not look again.
        etag = asking.server.etag(("deliveries",), asking.clusters, window, repr(asking.scope), key)
        if (kept := asking.server.places.get(etag)) is not None:
            return kept
        if (found := _looked_for(asking.reading_of(window), key)) is not None:
            asking.server.places.put(etag, found)
            return found
    raise HttpError(HTTPStatus.NOT_FOUND, f"No delivery of {key} is known", remedy="Look for it by its name: /api/v1/deliveries?name=…")


def _looked_for(reading: Reading, key: str) -> Place | None:
    """The object in a window; of several the one that was judged last."""
    cut = Cut("deliveries", (("uid", (key,)), ("delivery_id", (key,))), is_rare=True)
    rows = reading.several([(_DELIVERIES, {})], (cut,))[0]
    if not rows:
        return None
    last = max(rows, key=lambda row: (row["judged_until_at"], row["started_at"]))
    return Place([row for row in rows if all(row[name] == last[name] for name in ("cluster", "uid", "namespace", "name"))])


def _likely(asking: Asking) -> list[Window]:
    """Where to look: around the time that the link says, then everywhere."""
    said = [at for at in (asking.asked_from, asking.asked_to) if at is not None]
    return [Window(min(said) - _AROUND, max(said) + _AROUND), ALL_TIME] if said else [ALL_TIME]


def seen(asking: Asking, found: Place) -> list[ExplainedDelivery]:
    """The deliveries of an object that `place_of` found, oldest first: as they are seen, without what would have changed a verdict."""
    verdicts, phases, diagnoses = _read(asking, found, (_VERDICTS, _PHASES, _DIAGNOSES))
    rows = [row | outcome(row, [each for each in verdicts if each["delivery_id"] == row["delivery_id"]]) for row in found.deliveries]
    in_order = sorted(
        _with_uris(asking, diagnoses), key=lambda each: (each["delivery_id"], each["judged_at"], each["moment"] == "final", each["moment"])
    )
    return put_together(rows, verdicts, phases, in_order)


def _with_uris(asking: Asking, rows: Sequence[Row]) -> list[Row]:
    """Rows with where the files are that they were read from."""
    uris = asking.uris(each["source_id"] for each in rows)
    return [each | {"uri": uris.get(each["source_id"])} for each in rows]


def background(asking: Asking, found: Place) -> Background:
    """What lies behind the deliveries of an object that `place_of` found."""
    pods, phases, facts, diagnoses = _read(asking, found, (_PODS, _PULLS, _FACTS, _DIAGNOSES))
    mine = [each for each in phases if each["uid"] is not None and each["uid"] == found.uid]
    return Background(_unpacked(pods[-1] if pods else None), containers(facts, mine), _with_uris(asking, facts), diagnoses)


def read(asking: Asking, found: Place, key: str) -> Story:
    """The whole story of an object that `place_of` found."""
    behind = background(asking, found)
    near = asking.reading_of(found.window)
    rows = near.rows("explain_deliveries", uid=key, namespace=None, object_name=None, kinds=None)
    return Story(found, [each for explained in objects(near, rows) for each in explained.deliveries], behind)


def _read(asking: Asking, found: Place, wanted: Sequence[str | Rows]) -> list[list[Row]]:
    """The rows that are wanted of an object; of the tables that are large only its own are read."""
    asking.must_be(found.cluster)
    ids = [row["delivery_id"] for row in found.deliveries]
    # A refused create has no UID, and so nothing by it.
    by_id, by_uid = ("delivery_id", tuple(ids)), ("uid", () if found.uid is None else (found.uid,))
    within = ((found.window.from_at, found.window.to_at),)
    cuts = [
        *(Cut(table, (by_id,), within) for table in ("deliveries", "verdicts", "diagnoses")),
        *(Cut(table, (by_uid,)) for table in ("pods", "hyper_events")),
        Cut("phases", (by_id, by_uid)),
    ]
    params = {"uid": found.uid, "delivery_ids": ids}
    return asking.reading_of(found.window.around()).several([(each, params) for each in wanted], cuts)


def _unpacked(makeup: Row | None) -> Row | None:
    """The containers' specs as such: the table holds them as JSON."""
    if makeup is None:
        return None
    return makeup | {"container_specs": json.loads(makeup["container_specs"]) if makeup["container_specs"] else []}
