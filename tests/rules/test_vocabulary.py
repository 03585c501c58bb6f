"""Every signal form of the vocabulary in its code, detail and fault: `vocabulary/<stage>.yaml` quotes the texts, each with the source that emits it.

Not here: which evidence decides among several (`tests/sql/diagnoses.yaml`), and the texts of one component by its versions (`test_messages`).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
import yaml

if TYPE_CHECKING:
    import duckdb

# One query for all of them: the CASE of all rules is planned once.
_QUERY = """
select
    cases.place,
    case when ruled.rule is not null and yields.error_code is not null then [
        yields.error_code,
        case
            when yields.error_code = 'FailedScheduling' then scheduling_detail(said(cases.message))
            else nullif(coalesce(diagnosis_extract(ruled.rule, said(cases.message)), fill_template(yields.detail, 'app', null, cases.reason, cases.code)), '')
        end,
        coalesce(yields.fault, codes.fault)
    ] end as told
from cases
cross join lateral (select diagnosis_rule(operation, 'app', detail, reason, said(message), code, null) as rule) as ruled
left join diagnosis_yields as yields on yields.rule = ruled.rule
left join error_codes as codes on codes.error_code = yields.error_code
"""

# What no single signal says: the queries conclude these from what is missing, from times, or from several facts.
_CONCLUDED = frozenset(
    {"ScheduleDelay", "KubeletDelay", "DeletedBeforeReady", "FinalizerStuck", "NodeUnreachable", "CleanupTooMuchTime", "Unknown", "NoEvidence"}
)


def _groups() -> list[dict[str, Any]]:
    files = sorted((Path(__file__).parent / "vocabulary").glob("*.yaml"))
    return [group for file in files for group in yaml.safe_load(file.read_text(encoding="utf-8"))]


def _cases() -> list[dict[str, Any]]:
    """Each text as it is said alone, and as client-go folds it with others."""
    return [
        {
            "code": None,
            "detail": None,
            "reason": None,
            **group["given"],
            "operation": operation,
            "message": prefix + said["message"] if said["message"] else None,
            "is": said["is"],
        }
        for group in _groups()
        for operation in ([group["given"]["operation"]] if isinstance(group["given"]["operation"], str) else group["given"]["operation"])
        for said in group["told"]
        for prefix in ("", "(combined from similar events): ")
        if not prefix or operation.startswith("event:")
    ]


_CASES = _cases()


@pytest.fixture(scope="module")
def told(con: duckdb.DuckDBPyConnection) -> dict[int, list[str | None] | None]:
    """What the rules say of each case, by its place."""
    columns = {"operation": pa.string(), "detail": pa.string(), "reason": pa.string(), "message": pa.string(), "code": pa.int64()}
    cases = pa.table({name: pa.array([case[name] for case in _CASES], type=type_) for name, type_ in columns.items()})
    con.register("cases", cases.append_column("place", pa.array(range(len(_CASES)))))
    return dict(con.execute(_QUERY).fetchall())


@pytest.mark.parametrize("place", range(len(_CASES)), ids=lambda place: f"{_CASES[place]['operation']} {str(_CASES[place]['message'])[:80]}")
def test_a_signal_has_its_code(told: dict[int, list[str | None] | None], place: int) -> None:
    assert told[place] == _CASES[place]["is"]


def test_every_group_names_its_source() -> None:
    assert [group for group in _groups() if "/" not in group["from"]] == []


def test_every_code_that_a_signal_tells_is_quoted(con: duckdb.DuckDBPyConnection) -> None:
    known = con.execute("select error_code from error_codes where error_code not like '%TooMuchTime'").fetchall()
    quoted = {said["is"][0] for group in _groups() for said in group["told"] if said["is"]}
    assert {row[0] for row in known} - _CONCLUDED - quoted == set()
