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
from pipelines.lake.held import Held
from pipelines.reports.explain import SEEN, objects, put_together
from pipelines.serving.http.problems import HttpError
from pipelines.serving.http.reading import ALL_TIME, Window

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipelines.reports.explain import ExplainedDelivery
    from pipelines.reports.reading import Row
    from pipelines.serving.http.asking import Asking

_LEAST = timedelta(microseconds=1)
# A link says when about a pod lived; its deliveries started around then.
_AROUND = timedelta(days=1)
# What is read for the first look at an object, and for what lies behind; in this order.
FIRST = ("pod_deliveries", *SEEN, "pod_diagnoses")
BEHIND = ("pod_makeup", "pod_containers", "pod_timeline", "pod_diagnoses")


@dataclass(frozen=True, slots=True)
class Place:
    """An object, and when its deliveries were."""

    row: Row
    window: Window

    @property
    def uid(self) -> str | None:
        """Its UID; none of a refused create."""
        uid: str | None = self.row["uid"]
        return uid

    @property
    def cluster(self) -> str:
        """Its cluster."""
        return str(self.row["cluster"])


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
    held = Held("deliveries", ("uid", "delivery_id"), key)
    cut = Cut("deliveries", (("uid", (key,)), ("delivery_id", (key,))))
    for window in _likely(asking):
        reading = asking.reading_of(window)
        if hours := reading.hours(held):
            rows = reading.rows("pod_places", cuts=(cut,), within=hours, uid=key, namespace=None, name=None)
            if rows:
                return place(rows[0])
    raise HttpError(HTTPStatus.NOT_FOUND, f"No delivery of {key} is known", remedy="Look for it by its name: /api/v1/deliveries?name=…")


def place(row: Row) -> Place:
    """A row of `pod_places`."""
    return Place(row, Window(row["first_at"], row["last_at"] + _LEAST))


def _likely(asking: Asking) -> list[Window]:
    """Where to look: around the time that the link says, then everywhere."""
    said = [at for at in (asking.asked_from, asking.asked_to) if at is not None]
    return [Window(min(said) - _AROUND, max(said) + _AROUND), ALL_TIME] if said else [ALL_TIME]


def seen(asking: Asking, found: Place) -> list[ExplainedDelivery]:
    """The deliveries of an object that `place_of` found, oldest first: as they are seen, without what would have changed a verdict."""
    return put_together(*_read(asking, found, FIRST))


def background(asking: Asking, found: Place) -> Background:
    """What lies behind the deliveries of an object that `place_of` found."""
    makeup, containers, facts, diagnoses = _read(asking, found, BEHIND)
    return Background(_unpacked(next(iter(makeup), None)), containers, facts, diagnoses)


def read(asking: Asking, found: Place, key: str) -> Story:
    """The whole story of an object that `place_of` found."""
    behind = background(asking, found)
    near = asking.reading_of(found.window)
    rows = near.rows("explain_deliveries", uid=key, namespace=None, object_name=None, kinds=None)
    return Story(found, [each for explained in objects(near, rows) for each in explained.deliveries], behind)


def _read(asking: Asking, found: Place, names: Sequence[str]) -> list[list[Row]]:
    """The rows of queries about an object; of the tables that are large only its own are read."""
    asking.must_be(found.cluster)
    ids: list[str] = found.row["delivery_ids"]
    # A refused create has no UID, and so nothing by it.
    by_id, by_uid = ("delivery_id", tuple(ids)), ("uid", () if found.uid is None else (found.uid,))
    within = ((found.window.from_at, found.window.to_at),)
    cuts = [
        *(Cut(table, (by_id,), within) for table in ("deliveries", "verdicts", "diagnoses")),
        *(Cut(table, (by_uid,)) for table in ("pods", "hyper_events")),
        Cut("phases", (by_id, by_uid)),
    ]
    return asking.reading_of(found.window.around()).several([(name, {"uid": found.uid, "delivery_ids": ids}) for name in names], cuts)


def _unpacked(makeup: Row | None) -> Row | None:
    """The containers' specs as such: the table holds them as JSON."""
    if makeup is None:
        return None
    return makeup | {"container_specs": json.loads(makeup["container_specs"]) if makeup["container_specs"] else []}
