"""No secret is stored, wherever it stands, however it is written and wrapped, and however its line breaks."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.config import Settings
from pipelines.ingest.chunks import Chunk
from pipelines.ingest.engine import Engine
from pipelines.sources import Detected, shape_named
from tests.ingest import hiding
from tests.ingest.hiding import BREAKS, FEEDS, HEAD, TAIL, WRAPPERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.ingest.logs import Json
    from tests.ingest.reading import Reading

_SETTINGS: Json = {"ingest": {"keep_bodies_of": hiding.KEPT_KINDS}}
_SHAPES = {name: f"{name}/audit_lines" for name in WRAPPERS} | {
    "audit_lines": "audit_lines",
    "audit_batches": "audit_batches",
    "azure_objects": "azure_lines/audit_lines",
    "gke_entries": "gke_entries",
    "aks_rows": "aks_rows",
    "aks_batches": "aks_batches",
    **{name: name for name in FEEDS},
}
_PLACES = [
    *((place, 'ab"\\/\n\t{}[],:=é\u2028<&> $\U0001f600', str) for place in hiding.OPAQUE),
    *((place, "abYZ019-_.~", str) for place in hiding.TOKENS),
    *((place, "abYZ019-_", hiding.web_token) for place in hiding.WEB_TOKENS),
]


def _line(style: random.Random) -> Json:
    """A line that holds a secret."""
    place, letters, wrapped = style.choice(_PLACES)
    line = place(wrapped(HEAD + "".join(style.choices(letters, k=style.randrange(7))) + TAIL)) | {"auditID": f"{style.getrandbits(64):x}"}
    if held := hiding.feed_object(line):
        line["responseObject"] = held | {"metadata": held.get("metadata", {}) | {"resourceVersion": str(style.getrandbits(32))}}
    return line


def _written(name: str, line: Json, style: random.Random) -> str | None:
    """The line as a source of this shape holds it; None if it cannot."""
    if name in WRAPPERS:
        return WRAPPERS[name](line, style)
    held = hiding.feed_object(line)
    return None if held is None else FEEDS[name](held, style)


def _texts(name: str, style: random.Random, count: int) -> list[str]:
    return [text for _ in range(count) if (text := _written(name, _line(style), style)) is not None]


def _leaks(rows: list[dict[str, Any]]) -> list[str]:
    """The values that hold a part of a secret, from a bit before it on."""
    values = [f"{name}: {value}" for row in rows for name, value in row.items() if value is not None]
    return [value[max(0, value.find(core) - 80) :][:160] for value in values for core in hiding.CORES if core in value]


def _stored(engine: Engine, name: str, data: bytes) -> list[dict[str, Any]]:
    """All rows that these bytes give."""
    shape = shape_named(_SHAPES[name], hiding.OWN)
    typed = engine.typed(Detected(shape, shape.line_framing), Chunk(data))
    assert len(typed.kept_lines) + typed.filtered + typed.quarantine.num_rows == typed.lines > 0
    tables = [*(rows.taken() for rows in typed.tables.values()), typed.quarantine]
    return [row for table in tables for row in table.to_pylist()]


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    """An engine that keeps as many bodies as it may."""
    made = Engine(Settings(**_SETTINGS))
    yield made
    made.close()


# Many lines at a time: a query takes as long for one as for a hundred.
_EXAMPLES = settings(max_examples=2, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
_SEEDS = st.integers(0, 2**32)


def test_each_place_is_hidden(engine: Engine) -> None:
    style = random.Random(1)  # noqa: S311 - no secret
    texts = [hiding.rendered(place(wrapped(f"{HEAD}a-b{TAIL}")), style) for place, _, wrapped in _PLACES]
    assert _leaks(_stored(engine, "audit_lines", "\n".join(texts).encode())) == []


@pytest.mark.parametrize("name", _SHAPES)
@_EXAMPLES
@given(seed=_SEEDS)
def test_no_secret_is_stored(engine: Engine, name: str, seed: int) -> None:
    texts = _texts(name, random.Random(seed), 120)  # noqa: S311 - no secret
    assert _leaks(_stored(engine, name, "\n".join(texts).encode())) == []


@pytest.mark.parametrize("name", _SHAPES)
@_EXAMPLES
@given(seed=_SEEDS)
def test_no_secret_of_a_broken_line_is_stored(engine: Engine, name: str, seed: int) -> None:
    style = random.Random(seed)  # noqa: S311 - no secret
    data = [hiding.broken(text, style.choice(BREAKS), style) for text in _texts(name, style, 120)]
    assert _leaks(_stored(engine, name, b"\n".join(data))) == []


@_EXAMPLES
@given(seed=_SEEDS)
def test_no_secret_of_a_line_that_is_too_long_is_stored(seed: int) -> None:
    engine = Engine(Settings(ingest={"max_line_bytes": 1024}))
    texts = _texts("audit_lines", random.Random(seed), 120)  # noqa: S311 - no secret
    rows = _stored(engine, "audit_lines", "\n".join(texts).encode())
    engine.close()
    assert _leaks(rows) == []


def test_no_file_of_a_lake_holds_a_secret(reading: Reading) -> None:
    style = random.Random(7)  # noqa: S311 - no secret
    told = [name for name in _SHAPES if name not in hiding.OWN_SHAPES]
    for name in told:
        texts = _texts(name, style, 60)
        data = [hiding.broken(text, style.choice(BREAKS), style) if number % 4 == 3 else text.encode() for number, text in enumerate(texts)]
        # What a file holds is told from its first lines, by keys without escapes.
        reading.file(b"\n".join(sorted(data, key=lambda line: b"\\u00" in line)) + b"\n", f"logs/{name}.log")
    report = reading.ingest(**_SETTINGS)
    assert {(source.uri, source.shape) for source in report.sources} == {(str(reading.folder / f"logs/{name}.log"), _SHAPES[name]) for name in told}
    assert min(report.kept, report.quarantined) > 100
    rows = [row for path in (reading.folder / "lake").rglob("*.parquet") for row in pq.read_table(path, partitioning=None).to_pylist()]
    assert len(rows) > report.kept
    assert _leaks(rows) == []
