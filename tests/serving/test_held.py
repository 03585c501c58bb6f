"""Reading only what matters of a page loses no row: the hours that may hold something, and rows cut out by their keys."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import TYPE_CHECKING

import pytest

from pipelines.lake.cuts import Cut
from pipelines.lake.held import Held
from pipelines.serving.limits import Limits
from pipelines.serving.query import Desk
from pipelines.serving.scope import EVERYTHING, Scope
from pipelines.serving.wire import Question, Request, Where

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipelines.lake import Lake

_HOUR = timedelta(hours=1)
_OF_AN_OBJECT = {
    "deliveries": "select delivery_id, kind, images, started_at from deliveries where uid = $uid order by all",
    "phases": "select phase, subject, started_at, duration_s from phases where uid = $uid order by all",
    "hyper_events": 'select "at", operation, subject, message from hyper_events where uid = $uid order by all',
    "pods": "select seen_at, images, container_specs from pods where uid = $uid order by all",
    "verdicts": "select objective, verdict, spent_s from verdicts where delivery_id in (select delivery_id from deliveries where uid = $uid) order by all",
}


def _rows(desk: Desk, sql: str, uid: str, scope: Scope, *cuts: Cut) -> list[Mapping[str, object]]:
    request = Request((Question(sql, {"uid": uid}),), scope, None, cuts, is_ours=True)
    return [row for part in desk.answer(request) for row in part.batch.to_pylist()]


def test_no_hour_is_left_out(sample: Lake) -> None:
    desk = Desk(sample.url, Limits())

    def hours(held: Held) -> list[object]:
        return [at.astimezone(UTC) for part in desk.answer(Where(held)) for at in part.batch["bucket_at"].to_pylist()]

    for row in sample.read("deliveries").to_pylist()[::25]:
        hour_at = row["started_at"].astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        assert hour_at in hours(Held("deliveries", ("name",), row["name"][:-3]))
        for key in filter(None, (row["uid"], row["delivery_id"])):
            assert hours(Held("deliveries", ("uid", "delivery_id"), key)) == [hour_at]
    assert hours(Held("deliveries", ("name",), "no such name")) == []


@pytest.mark.parametrize("table", _OF_AN_OBJECT)
@pytest.mark.parametrize("is_scoped", [False, True])
def test_no_row_is_lost_and_none_is_shown_to_whoever_may_not_see_it(sample: Lake, table: str, *, is_scoped: bool) -> None:
    rows = [row for row in sample.read("deliveries").to_pylist() if row["uid"]][::20]
    namespaces = (rows[0]["namespace"],) if is_scoped else None
    desk, scope = Desk(sample.url, Limits()), Scope(None, namespaces, may_read_bodies=False)
    found = 0
    for row in rows:
        key = ("delivery_id", (row["delivery_id"],)) if table == "verdicts" else ("uid", (row["uid"],))
        hours = ((row["started_at"] - _HOUR, row["started_at"] + 3 * _HOUR),)
        cut = _rows(desk, _OF_AN_OBJECT[table], row["uid"], scope, Cut(table, (key,), hours))
        whole = _rows(desk, _OF_AN_OBJECT[table], row["uid"], scope)
        # The object may have had other deliveries.
        assert cut == whole or (table == "verdicts" and all(each in whole for each in cut))
        assert namespaces is None or row["namespace"] in namespaces or not cut
        found += len(cut)
    assert found


def test_of_nothing_there_is_nothing(sample: Lake) -> None:
    desk = Desk(sample.url, Limits())
    assert _rows(desk, _OF_AN_OBJECT["pods"], "no such uid", EVERYTHING, Cut("pods", (("uid", ()),))) == []
