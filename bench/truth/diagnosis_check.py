"""The product's diagnoses against what was done to each pod.

Here: the confusion table and each miss. Not here: what is expected (`expected`).
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from bench.truth.expected import Expectation, Expectations, expect_create, expect_delete
from bench.truth.findings import Section

if TYPE_CHECKING:
    from collections.abc import Iterator

    import polars as pl

    from bench.truth.truth import Truth

_COLUMNS = ["kind", "expected", "got", "count", ""]


def check_diagnoses(truth: Truth, deliveries: pl.DataFrame, expectations: Expectations) -> Section:
    """Expected x got for each delivery, misses with all that is known about them."""
    section = Section(truth.run.name, "diagnosis", "Diagnoses, expected x got", _COLUMNS)
    table: Counter[tuple[str, str, str, bool]] = Counter()
    for row, scenario, expected in _expected(truth, deliveries, expectations):
        problem = _problem(row, expected, expectations)
        table[row["kind"], expected.label, row["error_code"] or "null", problem is None] += 1
        if problem:
            subject = f"{row['kind']} {scenario} {row['namespace']}/{row['name']} {(row['uid'] or '')[:8]}"
            got = f"{row['error_code']}, detail {row['error_detail']}, fault {row['fault']}, message {_short(row['message'])}"
            section.find(subject, f"{problem}: expected {expected.label}{_more(expected)}, got {got}")
    for (kind, label, got, is_right), count in sorted(table.items()):
        section.rows.append([kind, label, got, str(count), "" if is_right else "miss"])
    right = sum(count for key, count in table.items() if key[3])
    section.notes.append(f"{right} of {table.total()} deliveries are diagnosed as expected")
    return section


def _expected(truth: Truth, deliveries: pl.DataFrame, expectations: Expectations) -> Iterator[tuple[dict[str, Any], str, Expectation]]:
    for row in deliveries.iter_rows(named=True):
        pod = truth.pods.get(row["uid"] or "")
        if row["kind"] == "pod_create" and row["uid"] is None:
            code = expectations.refused_as(row["code"], row["message"] or "")
            yield row, "refused", Expectation(frozenset({code}))
        elif pod is not None and row["kind"] == "pod_create":
            scenario = truth.scenario_pods.get(pod.uid, {}).get("scenario", "")
            yield row, scenario, expect_create(truth, pod, scenario, expectations)
        elif pod is not None and row["kind"] == "pod_delete":
            yield row, truth.scenario_pods.get(pod.uid, {}).get("scenario", ""), expect_delete(pod)


def _problem(row: dict[str, Any], expected: Expectation, expectations: Expectations) -> str | None:
    code = row["error_code"]
    if code not in expected.codes:
        return "wrong code"
    if code is None:
        return None
    if expected.detail and not expected.detail.fullmatch(row["error_detail"] or ""):
        return "wrong detail"
    allowed = expected.faults or expectations.faults.get(code, frozenset())
    return None if row["fault"] in allowed else "wrong fault"


def _more(expected: Expectation) -> str:
    detail = f" ({expected.detail.pattern})" if expected.detail else ""
    return detail + (f" by {' or '.join(sorted(expected.faults))}" if expected.faults else "")


def _short(message: str | None) -> str:
    return repr((message or "")[:160])
