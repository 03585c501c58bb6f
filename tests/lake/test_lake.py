"""Files of the lake: replaced whole, committed by the ledger, the same bytes for the same rows, and footers that are never out of date."""

from __future__ import annotations

import errno
import itertools
import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lake_schema import TABLES, Table
from pipelines.errors import LorgnetteError
from pipelines.lake import Lake, local, open_existing
from pipelines.lake.cache_file import cache_folder
from tests.raw_rows import START, at, put_source

TABLE = TABLES["pods"]
SCHEMA = pa.schema([pa.field("a", pa.int64(), nullable=False), pa.field("b", pa.string())])
PATH = "pods/cluster=c/date=2026-11-23/hour=07/data.parquet"


def rows(*numbers: int) -> pa.Table:
    return pa.table({"a": list(numbers), "b": [str(number) for number in numbers]}, schema=SCHEMA)


def stored(lake: Lake, path: str = PATH) -> bytes:
    return Path(lake.native(path)).read_bytes()


def test_a_written_file_is_read_back(lake: Lake) -> None:
    file = lake.write(PATH, rows(1, 2), SCHEMA, {"fingerprint": "f"})
    assert pq.ParquetFile(lake.native(PATH)).read() == rows(1, 2)
    assert (file.table, file.cluster, file.bucket_at, file.file_name) == ("pods", "c", START, "data.parquet")
    assert lake.files("pods") == lake.files("pods", "c") == [file]
    assert lake.files("pods", "other") == []


def test_no_rows_are_a_file_too(lake: Lake) -> None:
    lake.write(PATH, SCHEMA.empty_table(), SCHEMA)
    assert lake.footer(PATH)["rows"] == "0"


def test_footer_keys_are_sorted_and_prefixed(lake: Lake) -> None:
    lake.write(PATH, rows(1), SCHEMA, {"z": "1", "a": "2"})
    positions = [stored(lake).index(key) for key in (b"lorgnette.a", b"lorgnette.content", b"lorgnette.rows", b"lorgnette.z")]
    assert positions == sorted(positions)
    assert lake.footer(PATH).keys() == {"z", "a", "content", "rows"}


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda table: table.name)
def test_every_schema_comes_back_as_it_was(lake: Lake, table: Table) -> None:
    path = lake.partition_path(table, "c", START)
    lake.write(path, table.arrow_schema().empty_table(), table.arrow_schema())
    assert pq.read_schema(lake.native(path)).remove_metadata() == table.arrow_schema()


@settings(max_examples=25, deadline=None)
@given(numbers=st.lists(st.integers(-5, 5), max_size=60), cuts=st.lists(st.integers(0, 60), max_size=5))
def test_the_same_rows_give_the_same_bytes_however_they_come(tmp_path_factory: pytest.TempPathFactory, numbers: list[int], cuts: list[int]) -> None:
    lake = Lake.open(tmp_path_factory.mktemp("lake"))
    whole = rows(*numbers)
    borders = sorted({0, len(numbers), *(cut for cut in cuts if cut < len(numbers))})
    pieces = [batch for first, last in itertools.pairwise(borders) for batch in whole.slice(first, last - first).to_batches()]
    lake.write(PATH, whole, SCHEMA)
    before = stored(lake)
    lake.write(PATH, iter(pieces), SCHEMA)
    assert stored(lake) == before


def test_content_tells_rows_apart_and_ignores_the_footer(lake: Lake) -> None:
    contents = []
    for table, footer in ((rows(1, 2), {"x": "1"}), (rows(1, 2), {"x": "2"}), (rows(2, 1), {"x": "1"})):
        lake.write(PATH, table, SCHEMA, footer)
        contents.append(lake.footer(PATH)["content"])
    assert contents[0] == contents[1] != contents[2]


def test_an_exception_while_writing_leaves_the_old_file_and_nothing_else(lake: Lake) -> None:
    lake.write(PATH, rows(1), SCHEMA)
    before = stored(lake)
    with pytest.raises(KeyError), lake.writer(PATH, SCHEMA) as writer:
        writer.write_table(rows(2))
        raise KeyError
    assert stored(lake) == before
    assert [path.name for path in Path(lake.url).rglob("*.*")] == ["data.parquet"]


def test_a_crash_between_write_and_rename_leaves_the_old_file(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    lake.write(PATH, rows(1), SCHEMA)
    before = stored(lake)
    child = os.fork()
    if child == 0:  # Dies in the very moment, as a killed process does: no handler runs.
        monkeypatch.setattr(Path, "replace", lambda *_: os._exit(9))
        lake.write(PATH, rows(2), SCHEMA)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    assert stored(lake) == before
    assert lake.files("pods") == [lake.stat(PATH)]
    leftover, *others = lake.clean("c")
    assert leftover.endswith(".aside")
    assert others == []
    assert lake.clean("c") == []


def test_an_aside_of_a_running_process_is_left_alone(lake: Lake) -> None:
    with lake.writer(PATH, SCHEMA) as writer:
        assert lake.clean("c") == []
        writer.write_table(rows(3))
    assert lake.footer(PATH)["rows"] == "1"


def test_a_full_disk_is_an_error_with_a_remedy_and_leaves_the_old_file(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    lake.write(PATH, rows(1), SCHEMA)

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(local.os, "fsync", full)
    with pytest.raises(LorgnetteError, match="No space left") as caught:
        lake.write(PATH, rows(2), SCHEMA)
    assert "Make room" in (caught.value.remedy or "")
    assert pq.ParquetFile(lake.native(PATH)).read() == rows(1)


def test_a_lake_that_is_a_file_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(LorgnetteError) as caught:
        Lake.open(tmp_path / "file").write(PATH, rows(1), SCHEMA)
    assert caught.value.remedy


def test_the_footer_of_a_replaced_file_is_the_new_one(lake: Lake) -> None:
    for number in range(5):
        lake.write(PATH, rows(number), SCHEMA, {"fingerprint": str(number)})
        assert lake.footer(PATH)["fingerprint"] == str(number)
        assert Lake.open(lake.url).footer(PATH)["fingerprint"] == str(number)


def test_the_cache_may_be_deleted_damaged_or_impossible(lake: Lake, tmp_path: Path) -> None:
    lake.write(PATH, rows(1), SCHEMA, {"fingerprint": "f"})
    lake.close()
    (cache,) = cache_folder().glob("*.sqlite")
    cache.write_bytes(b"no database at all" * 100)
    assert Lake.open(lake.url).footer(PATH)["fingerprint"] == "f"
    cache.unlink()
    assert Lake.open(lake.url).footer(PATH)["fingerprint"] == "f"
    (tmp_path / "blocked").write_text("a file where the folder should be")
    assert Lake.open(lake.url, cache_folder=tmp_path / "blocked").footer(PATH)["fingerprint"] == "f"


def test_footers_come_from_the_cache_once_they_were_read(lake: Lake) -> None:
    lake.write(PATH, rows(1), SCHEMA, {"fingerprint": "f"})
    target = Path(lake.native(PATH))
    status = target.stat()
    target.write_bytes(b"x" * status.st_size)  # Not even Parquet, but listed exactly like the file that was read.
    os.utime(target, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert Lake.open(lake.url).footer(PATH)["fingerprint"] == "f"
    os.utime(target, ns=(status.st_atime_ns, status.st_mtime_ns + 1))
    with pytest.raises(LorgnetteError, match="damaged"):
        Lake.open(lake.url).footer(PATH)


def test_only_what_the_ledger_names_is_committed(lake: Lake) -> None:
    old = put_source(lake, "c", "s", [START], digest="old")
    new = put_source(lake, "c", "s", [START], digest="new")
    assert {file.path for file in lake.files("audit_events", "c")} == {*old, *new}
    assert [file.path for file in lake.committed_raw_files("audit_events", "c")] == new
    assert lake.read("audit_events", "c").num_rows == lake.read("audit_events").num_rows == 1


def test_uncommitted_raw_files_are_removed_once_they_are_old(lake: Lake) -> None:
    old = put_source(lake, "c", "s", [START], digest="old")
    put_source(lake, "c", "s", [START], digest="new")
    assert lake.clean("c") == []
    os.utime(lake.native(old[0]), (0, 0))
    assert lake.clean("c") == old


def test_reading_is_by_column_and_typed_even_without_files(lake: Lake) -> None:
    put_source(lake, "c", "s", [START])
    assert lake.read("sources", "c", columns=["uri", "lines"]).to_pylist() == [{"uri": "s", "lines": 1}]
    assert lake.read("pods").schema == TABLE.arrow_schema()


def test_clusters_are_those_of_the_ledger(lake: Lake) -> None:
    assert lake.clusters() == []
    put_source(lake, "eu/west 1", "s", [START])
    put_source(lake, "a", "s", [START])
    assert lake.clusters() == ["a", "eu/west 1"]


def test_deleting_leaves_no_empty_folders(lake: Lake) -> None:
    lake.write(PATH, rows(1), SCHEMA)
    lake.delete(PATH)
    lake.delete(PATH)
    assert lake.files("pods") == []
    assert not Path(lake.url, "pods").exists()


def test_a_lake_that_is_not_there_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(LorgnetteError, match="no lake here yet"):
        open_existing(tmp_path / "nothing")


def test_kept_listings_show_what_changed(tmp_path: Path) -> None:
    keeping, writing = Lake.open(tmp_path / "lake", keeps_listings=True), Lake.open(tmp_path / "lake")

    def sizes() -> list[tuple[str, int]]:
        return [(file.path, file.size_bytes) for file in keeping.files("audit_events")]

    assert sizes() == []
    paths = put_source(writing, "a", "s", [at(0), at(1)])
    for path in (tmp_path / "lake").rglob("*"):
        os.utime(path, (0, 0))  # long ago, so that the listing is kept
    assert sizes() == sizes() == [(path, writing.stat(path).size_bytes) for path in sorted(paths)]
    put_source(writing, "a", "s", [at(0), at(0.1), at(0.2), at(1), at(2)])
    assert sizes() == [(path, writing.stat(path).size_bytes) for path in sorted([*paths, paths[0].replace("hour=07", "hour=09")])]
    writing.delete(paths[0])
    assert paths[0] not in dict(sizes())
    assert paths[1] in dict(sizes())
