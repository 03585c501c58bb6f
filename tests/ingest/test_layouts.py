"""However audit lines are laid out and wrapped, and however they are cut into chunks, they give the same rows."""

from __future__ import annotations

import gzip
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from pipelines.config import Settings
from pipelines.ingest import ingest
from pipelines.lake import Lake
from pipelines.sources import SHAPES
from tests.ingest.layouts import LAYOUTS, NATIVE
from tests.ingest.reading import Reading
from tests.ingest.wrapping import rows_of

if TYPE_CHECKING:
    from tests.ingest.logs import Json

_MAX_LINE = 200_000
_WINDOWS = (slice(0, 1), slice(5, 22), slice(60, 100))


@cache
def _real_lines(corpus: Path) -> tuple[str, ...]:
    """Some lines of a verbose log, of all kinds; the largest are left out, for they are long lists."""
    with gzip.open(corpus / "real-a" / "audit" / "audit.log.gz", "rt", encoding="utf-8") as file:
        lines = [line.rstrip("\n") for number, line in enumerate(file) if number % 37 == 0]
    return tuple(line for line in lines if len(line) < _MAX_LINE)


def _read(data: bytes, chunk_bytes: int = 1 << 20) -> tuple[str, tuple[int, ...], dict[str, list[Json]]]:
    with tempfile.TemporaryDirectory() as folder:
        reading = Reading(Path(folder))
        path = reading.folder / "log"
        path.write_bytes(data)
        report = reading.ingest(str(path), ingest={"chunk_bytes": chunk_bytes})
        source = report.sources[-1]
        assert report.is_clean
        return source.shape, (source.lines, source.kept, source.filtered, source.duplicates), rows_of(reading)


@cache
def _expected(texts: tuple[str, ...]) -> tuple[tuple[int, ...], dict[str, list[Json]]]:
    return _read(NATIVE(texts))[1:]


def _assert_same(corpus: Path, layout: str, window: slice, chunk_bytes: int) -> None:
    texts = _real_lines(corpus)[window]
    shape, lay_out = LAYOUTS[layout]
    assert _read(lay_out(texts), chunk_bytes) == (shape, *_expected(texts))


@pytest.mark.parametrize(("number", "layout"), list(enumerate(LAYOUTS)), ids=list(LAYOUTS))
def test_the_rows_are_those_of_the_native_log(corpus: Path, number: int, layout: str) -> None:
    _assert_same(corpus, layout, _WINDOWS[number % 3], (1024, 9_000, 70_000, 1 << 20)[number % 4])


@pytest.mark.parametrize("layout", ["pretty array", "EKS Firehose", "container runtime", "AKS Event Hub"])
@settings(max_examples=4, deadline=None, phases=(Phase.generate,))
@given(window=st.sampled_from(_WINDOWS), chunk_bytes=st.integers(1024, 300_000))
def test_they_are_so_wherever_the_file_is_cut(corpus: Path, layout: str, window: slice, chunk_bytes: int) -> None:
    _assert_same(corpus, layout, window, chunk_bytes)


def test_each_shape_can_be_forced(corpus: Path) -> None:
    texts = _real_lines(corpus)[5:12]
    for name, lay_out in dict(reversed(LAYOUTS.values())).items():
        # The first records would tell that this is something else.
        noise = b'{"level":"info"}\n' * 30 if name != "cri_lines/audit_lines" else b"2026-11-23T07:17:11.000000001Z stdout F I1123 hello\n" * 30
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "log"
            path.write_bytes(noise + lay_out(texts))
            source = ingest(Lake.open(f"{folder}/lake"), "c", [str(path)], Settings(), shape=name).sources[0]
        assert (source.shape, source.lines - source.quarantined - source.filtered) == (name, _expected(texts)[0][1]), name


def test_each_shape_of_audit_events_has_a_layout() -> None:
    audited = {shape.name for shape in SHAPES if "audit_events" in shape.tables}
    assert audited - {shape for shape, _ in LAYOUTS.values()} == {"gke_entries"}
