"""No secret is stored, wherever it stands, however it is written and wrapped, and however its line breaks."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.config import Settings
from pipelines.ingest.chunks import Chunk
from pipelines.ingest.engine import Engine
from pipelines.sources import Detected, Framing, shape_named
from tests.ingest.hiding import BREAKS, CORES, FEEDS, HEAD, KEPT_KINDS, OPAQUE, TAIL, TOKENS, WEB_TOKENS, WRAPPERS, broken, feed_object, web_token

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.ingest.logs import Json

_ANY = st.text(st.sampled_from('ab"\\/\n\t{}[],:=é\u2028<&> $\U0001f600'), max_size=6)
_WORD = st.text(st.sampled_from("abYZ019-_.~"), min_size=0, max_size=6)
_SHAPES = {name: f"{name}/audit_lines" for name in WRAPPERS} | {
    "audit_lines": "audit_lines",
    "audit_batches": "audit_batches",
    "azure_objects": "azure_lines/audit_lines",
    "gke_entries": "gke_entries",
    **{name: name for name in FEEDS},
}


@st.composite
def _lines(draw: st.DrawFn) -> tuple[Json, random.Random]:
    """A line that holds a secret, and how it is to be written."""
    placement = draw(st.sampled_from([*((each, "any") for each in OPAQUE), *((each, "word") for each in TOKENS), *((each, "web") for each in WEB_TOKENS)]))
    place, kind = placement
    middle = draw(_ANY if kind == "any" else _WORD)
    secret = f"{HEAD}{middle}{TAIL}"
    return place(web_token(secret) if kind == "web" else secret), random.Random(draw(st.integers(0, 2**32)))  # noqa: S311 - no secret


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    """An engine that keeps as many bodies as it may."""
    made = Engine(Settings(ingest={"keep_bodies_of": KEPT_KINDS}))
    yield made
    made.close()


def _stored(engine: Engine, name: str, data: bytes) -> list[dict[str, Any]]:
    """All rows that these bytes give."""
    shape = shape_named(_SHAPES[name])
    typed = engine.typed(Detected(shape, shape.line_framing), Chunk(data))
    tables = [*typed.tables.values(), typed.quarantine]
    assert sum(table.num_rows for table in tables) + typed.filtered >= typed.lines
    return [row for table in tables for row in table.to_pylist()]


def _leaks(rows: list[dict[str, Any]]) -> list[str]:
    texts = [f"{name}: {value}" for row in rows for name, value in row.items() if value is not None]
    return [text for text in texts if any(core in text for core in CORES)]


_EXAMPLES = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


@pytest.mark.parametrize("name", WRAPPERS)
@_EXAMPLES
@given(found=st.lists(_lines(), min_size=1, max_size=40))
def test_no_secret_of_a_log_is_stored(engine: Engine, name: str, found: list[tuple[Json, random.Random]]) -> None:
    data = "\n".join(WRAPPERS[name](line, style) for line, style in found)
    assert _leaks(_stored(engine, name, data.encode())) == []
