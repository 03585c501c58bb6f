"""Which files may hold a text: none that does is left out, and what is kept is bounded."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from lake_schema import TABLES
from pipelines.lake.datasets import Datasets
from pipelines.lake.held import Held, KeptColumns
from tests.raw_rows import at, put_source

if TYPE_CHECKING:
    import pyarrow.dataset as ds

    from pipelines.lake import Lake, LakeFile

_TABLE = "audit_events"


@pytest.fixture
def files(lake: Lake) -> dict[LakeFile, ds.Fragment]:
    put_source(lake, "a", "s", [at(0), at(1), at(30)])
    found = Datasets(lake.url).dataset(_TABLE, ["a"]).get_fragments()
    by_path = {fragment.path.removeprefix(f"{lake.url}/"): fragment for fragment in found}
    return {file: by_path[file.path] for file in lake.visible_files(_TABLE, "a")}


def test_files_that_cannot_hold_a_text_are_left_out(files: dict[LakeFile, ds.Fragment]) -> None:
    kept = KeptColumns()
    for text, found in (("s", len(files)), ("", len(files)), ("held by nothing", 0)):
        assert len(kept.that_may_hold(files, Held(_TABLE, ("audit_id", "source_id"), text))) == found
    assert kept.that_may_hold(files, Held(_TABLE, ("audit_id",), "s")) == []


def test_what_is_kept_is_bounded_and_loses_no_file(files: dict[LakeFile, ds.Fragment]) -> None:
    kept = KeptColumns(most_bytes=1)
    assert len(kept.that_may_hold(files, Held(_TABLE, ("stage", "source_id", "verb"), ""))) == len(files)
    assert kept.size_bytes <= 1


@pytest.mark.parametrize("hours", [1, 25, 24 * 365])
def test_a_listing_of_a_window_has_all_files_that_it_touches(lake: Lake, hours: int) -> None:
    put_source(lake, "a", "s", [at(0), at(1), at(30)])
    window = (at(0), at(0) + timedelta(hours=hours))
    for name in TABLES:
        touched = {file for file in lake.visible_files(name, "a") if file.bucket_at is None or window[0] <= file.bucket_at < window[1]}
        assert touched <= set(lake.visible_files(name, "a", window))
