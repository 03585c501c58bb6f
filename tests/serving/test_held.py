"""Leaving files unopened that do not hold what is looked for loses no row."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from pipelines.lake.held import Held
from pipelines.serving.limits import Limits
from pipelines.serving.query import Desk
from pipelines.serving.scope import EVERYTHING
from pipelines.serving.wire import Question, Request

if TYPE_CHECKING:
    from datetime import datetime

    from pipelines.lake import Lake

_BY_NAME = "select delivery_id from deliveries where contains(name, $text) order by all"
_BY_UID = "select delivery_id from deliveries where uid = $text or delivery_id = $text order by all"


def test_no_row_is_lost(sample: Lake) -> None:
    rows = sample.read("deliveries").to_pylist()
    desk = Desk(sample.url, Limits())

    def found(sql: str, text: str, held: Held | None, hours: list[tuple[datetime, datetime]] | None = None) -> list[object]:
        request = Request((Question(sql, {"text": text}),), EVERYTHING, tuple(hours) if hours else None, (held,) if held else (), is_ours=True)
        return [id_ for part in desk.answer(request) for id_ in part.batch["delivery_id"].to_pylist()]

    for row in rows[::25]:
        part = row["name"][:-3]
        by_name = found(_BY_NAME, part, Held("deliveries", ("name",), part))
        assert by_name == found(_BY_NAME, part, None)
        assert row["delivery_id"] in by_name
        for key in filter(None, (row["uid"], row["delivery_id"])):
            by_key = found(
                _BY_UID, key, Held("deliveries", ("uid", "delivery_id"), key), [(row["started_at"], row["started_at"] + timedelta(seconds=1))]
            )
            assert row["delivery_id"] in by_key
    assert found(_BY_NAME, "no such name", Held("deliveries", ("name",), "no such name")) == []
