"""Finding deliveries, newest first, page by page.

The next page starts after the last row of the one before (keyset), so that it costs the same however far down it is. Time is searched
backwards in stretches, the newest first: a page that is full after the newest hours opens no older file. What matches is found by the columns
that matter alone; the rest of the rows is read from their hours.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from pipelines.lake.cuts import GROUPS, Cut
from pipelines.lake.held import Held
from pipelines.serving.http.problems import HttpError
from pipelines.serving.http.reading import HOUR, Window
from pipelines.serving.limits import QueryResult
from pipelines.serving.wire import Rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipelines.serving.http.asking import Asking

_STRETCHES = (timedelta(hours=6), timedelta(days=2))
_LEAST = timedelta(microseconds=1)
_DELIVERIES, _VERDICTS = "deliveries", "verdicts"
_NAME = ("name",)
_JUDGED = ("objective", "verdict")
# As `search_rows.sql` has them.
_COLUMNS = (
    *("cluster", "delivery_id", "kind", "uid", "namespace", "name", "node", "owner_kind", "owner_name", "images", "state", "settled"),
    *("started_at", "ended_at", "judged_until_at", "total_s", "platform_s", "user_s", "queue_s"),
    *("error_code", "error_detail", "fault", "attempts"),
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for; what is None does not matter."""

    uid: str | None = None
    name: str | None = None
    namespace: str | None = None
    node: str | None = None
    image: str | None = None
    owner: str | None = None
    code: str | None = None
    kind: str | None = None
    state: str | None = None
    fault: str | None = None
    verdict: str | None = None
    objective: str | None = None


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last row of a page."""

    before_at: datetime
    before_id: str

    def __str__(self) -> str:
        """As it stands in a URL."""
        return base64.urlsafe_b64encode(json.dumps([self.before_at.isoformat(), self.before_id]).encode()).decode().rstrip("=")

    @classmethod
    def of(cls, text: str) -> Cursor:
        """Back from a URL.

        Raises:
            HttpError: It is none.
        """
        try:
            at, id_ = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
            before_at = datetime.fromisoformat(at)
            return cls(before_at.astimezone(UTC) if before_at.tzinfo else before_at.replace(tzinfo=UTC), str(id_))
        except (ValueError, TypeError, binascii.Error, OverflowError) as error:
            raise HttpError(
                HTTPStatus.UNPROCESSABLE_ENTITY, "The cursor is none", remedy="Give `next` of the page before as it is, or none."
            ) from error


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows, and where the next page starts; None at the end."""

    result: QueryResult
    next: Cursor | None


def search(asking: Asking, window: Window, wanted: Wanted, cursor: Cursor | None, rows: int) -> Page:
    """One page of deliveries, each with its verdicts.

    Args:
        asking: Who asks.
        window: When the deliveries started.
        wanted: What is looked for.
        cursor: The last row of the page before.
        rows: Rows of the page.
    """
    if cursor is None and (held := _held(wanted)) is not None and not _is_narrowed(wanted):
        return _newest(asking, window, held, rows)
    name = "search" if wanted.verdict is None else "search_by_verdict"
    params: dict[str, Any] = asdict(wanted) | {"before_at": cursor and cursor.before_at, "before_id": cursor and cursor.before_id}
    until = window.to_at if cursor is None else min(window.to_at, cursor.before_at + _LEAST)
    found: list[pa.Table] = []
    for stretch, hours in _stretches(asking, Window(window.from_at, max(window.from_at, until)), _held(wanted)):
        # One row more than the page tells whether there is another.
        left = rows + 1 - sum(table.num_rows for table in found)
        found.append(asking.reading_of(stretch).result(name, within=hours, rows=left, **params).table)
        if found[-1].num_rows >= left:
            break
    hits = [(row["started_at"].astimezone(UTC), row["delivery_id"]) for table in found for row in table.to_pylist()]
    shown = hits[:rows]
    return Page(QueryResult(_rows(asking, window, shown), is_cut=False), Cursor(*shown[-1]) if len(hits) > rows else None)


def _is_narrowed(wanted: Wanted) -> bool:
    """Whether more is said than a UID or a name."""
    said = {name for name in wanted.__slots__ if getattr(wanted, name) is not None}
    return said not in ({"uid"}, {"name"})


def _newest(asking: Asking, window: Window, held: Held, rows: int) -> Page:
    """The first page of what a UID or a part of a name alone finds: no query is planned, since nothing else has to be known of a row."""
    keys = () if held.columns == _NAME else tuple((name, (held.text,)) for name in held.columns)
    parts = tuple((name, held.text) for name in held.columns if held.columns == _NAME)
    cut = Cut(_DELIVERIES, keys, ((window.from_at, window.to_at),), is_rare=True, is_exact=True, parts=parts)
    # One row more than the page tells whether there is another.
    hits = asking.reading_of(window).cut(Rows(_DELIVERIES, _COLUMNS, ("started_at", "delivery_id"), rows + 1), cut)
    shown = hits.slice(0, rows)
    starts, ids = shown["started_at"].to_pylist(), shown["delivery_id"].to_pylist()
    following = Cursor(starts[-1].astimezone(UTC), ids[-1]) if hits.num_rows > rows else None
    return Page(QueryResult(_with_verdicts(asking, shown, starts, ids), is_cut=False), following)


def _with_verdicts(asking: Asking, shown: pa.Table, starts: list[datetime], ids: list[str]) -> pa.Table:
    """Deliveries with what was said of each, as `search_rows.sql` has it."""
    failed: dict[str, list[str]] = {id_: [] for id_ in ids}
    said: dict[str, list[str]] = {id_: [] for id_ in ids}
    if ids:
        within = tuple((at, at + _LEAST) for at in {at.replace(minute=0, second=0, microsecond=0) for at in starts})
        cut = Cut(_VERDICTS, (("delivery_id", tuple(ids)),), within)
        verdicts = asking.reading_of(Window(min(starts), max(starts) + _LEAST)).cut(Rows(_VERDICTS, ("delivery_id", *_JUDGED), _JUDGED), cut)
        for row in verdicts.to_pylist():
            said[row["delivery_id"]].append(f"{row['objective']}={row['verdict']}")
            if row["verdict"] == "FAIL":
                failed[row["delivery_id"]].append(row["objective"])
    for name, lists in (("failed_objectives", failed), ("verdicts", said)):
        shown = shown.append_column(name, pa.array([lists[id_] for id_ in ids], pa.list_(pa.string())))
    return shown


def _held(wanted: Wanted) -> Held | None:
    """By what files can be left out: what a name is made of, or a UID."""
    if wanted.uid:
        return Held(_DELIVERIES, ("uid", "delivery_id"), wanted.uid)
    # As the query does it; of letters that have several forms nobody knows how.
    return Held(_DELIVERIES, _NAME, wanted.name.lower()) if wanted.name and wanted.name.isascii() else None


def _rows(asking: Asking, window: Window, hits: list[tuple[datetime, str]]) -> pa.Table:
    """The whole rows of some deliveries; only files of their hours are opened."""
    starts = [at for at, _ in hits] or [window.from_at]
    hours = [Window(at, at + HOUR) for at in sorted({at.replace(minute=0, second=0, microsecond=0) for at in starts})]
    ids = tuple(id_ for _, id_ in hits)
    cuts = [Cut(table, (("delivery_id", ids),)) for table in (_DELIVERIES, _VERDICTS)]
    reading = asking.reading_of(Window(min(starts), max(starts) + _LEAST))
    return reading.result("search_rows", cuts=cuts, within=hours, delivery_ids=list(ids)).table


def _stretches(asking: Asking, window: Window, held: Held | None) -> Iterator[tuple[Window, list[Window] | None]]:
    """A window in stretches, the newest first, each longer than the one before; of each the hours that count, where that is known."""
    if held is None:
        yield from ((stretch, None) for stretch in _backwards(window.from_at, window.to_at))
        return
    hours = asking.reading_of(window).hours(held) if window.from_at < window.to_at else []
    for first, end in GROUPS:
        if group := hours[first:end]:
            yield Window(max(window.from_at, group[-1].from_at), min(window.to_at, group[0].to_at)), group


def _backwards(from_at: datetime, to_at: datetime) -> Iterator[Window]:
    """A window in stretches."""
    for length in _STRETCHES:
        if to_at <= from_at:
            return
        yield Window(max(from_at, to_at - length), to_at)
        to_at -= length
    if to_at > from_at:
        yield Window(from_at, to_at)
