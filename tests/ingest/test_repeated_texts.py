"""Texts that repeat: each row has its own again, with what is secret in it hidden, whatever else the column holds."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.ingest.repeated_texts import with_lists
from tests.ingest.logs import audit, pod

if TYPE_CHECKING:
    from tests.ingest.reading import Reading

_LISTS = st.none() | st.lists(st.none() | st.text(max_size=9), max_size=4)


@given(st.lists(st.lists(_LISTS, max_size=5), max_size=3))
def test_each_row_has_its_list(chunks: list[list[list[str | None] | None]]) -> None:
    texts = [[None if each is None else json.dumps(each) for each in chunk] for chunk in chunks]
    table = pa.table({"no": pa.array(range(sum(map(len, chunks))), pa.int64()), "groups": pa.chunked_array(texts, pa.string())})
    found = with_lists(table, ["groups"])
    found.validate(full=True)
    assert found.schema == pa.schema({"no": pa.int64(), "groups": pa.list_(pa.string())})
    assert found["groups"].to_pylist() == [each for chunk in chunks for each in chunk]


@pytest.mark.parametrize(
    ("text", "expected"),
    [('["a",1,true,{"é":2}]', ["a", "1", "true", '{"é":2}']), ('{"a":1}', None), ("a", None), ("1", None), ("[" * 100_000, None)],
)
def test_what_no_api_server_writes_is_no_accident(text: str, expected: list[str] | None) -> None:
    assert with_lists(pa.table({"groups": [text]}), ["groups"])["groups"].to_pylist() == [expected]


def test_each_row_has_its_texts_with_its_secrets_hidden(reading: Reading) -> None:
    agents = [("kubelet/v1", "kubelet/v1", "kubelet/v1"), (None, None, None), ("a token=hunter2hunter2", "a token=[redacted]", "a"), ("", "", "")]
    truncated = {"audit.k8s.io/truncated": "true"}
    notes = [{"a": "Bearer hunter2hunter2"}, truncated, None]
    lines = [(no, agents[no % 4], notes[no % 3]) for no in range(24)]
    reading.read(
        *(
            audit(auditID=f"id-{no}", userAgent=agent[0], annotations=note, responseObject=pod(metadata={"resourceVersion": f"{no}"}))
            for no, agent, note in lines
        )
    )
    rows = reading.rows("audit_events")
    assert [row["user_agent"] for row in rows] == [agent[1] for _, agent, _ in lines]
    assert [row["is_truncated"] for row in rows] == [note is truncated for _, _, note in lines]
    assert b"hunter2" not in reading.stored()
    assert [row["actor"] for row in reading.rows("objects")] == [agent[2] for _, agent, _ in lines]
