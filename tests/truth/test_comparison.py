"""The comparison itself: a lake that says the truth passes, and each kind of mistake is found.

The truth is real-a2, the lake is written from the oracle. Not here: what a real lake says; that is what the command is for.
"""

from __future__ import annotations

import json
from copy import deepcopy
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from typer import Typer
from typer.testing import CliRunner

import bench.truth
from bench.truth.__main__ import main
from bench.truth.compare import compare
from bench.truth.corpus import Run
from bench.truth.expected import Expectations, read_expectations
from bench.truth.findings import explain, read_explanations
from bench.truth.lake import Lake
from bench.truth.truth import Truth, read_truth
from tests.truth.frames import Row, write_lake, write_perfect_lake

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.truth.findings import Finding

DATA = Path(bench.truth.__file__).parent
Rows = dict[str, list[Row]]


@pytest.fixture(scope="module")
def truth(corpus: Path) -> Truth:
    """The truth about real-a2."""
    return read_truth(Run("real-a2", corpus / "real-a2", "real-a2"))


@pytest.fixture(scope="module")
def expectations() -> Expectations:
    """The data file that the command uses."""
    return read_expectations(DATA / "expected.yaml")


@pytest.fixture(scope="module")
def perfect(truth: Truth, expectations: Expectations, tmp_path_factory: pytest.TempPathFactory) -> Rows:
    """The rows of a lake that agrees with the oracle."""
    return write_perfect_lake(truth, expectations, tmp_path_factory.mktemp("perfect"))


def _findings(rows: Rows, truth: Truth, expectations: Expectations, folder: Path) -> list[Finding]:
    write_lake(rows, truth.run.cluster, folder)
    return [finding for section in compare(truth.run, Lake(folder), expectations) for finding in section.findings]


def test_a_lake_that_says_the_truth_passes(perfect: Rows, truth: Truth, expectations: Expectations, tmp_path: Path) -> None:
    """Nothing is found."""
    assert _findings(perfect, truth, expectations, tmp_path) == []


def _create(rows: Rows, name: str) -> Row:
    return next(row for row in rows["deliveries"] if row["kind"] == "pod_create" and row["name"] == name)


def _lose_a_line(rows: Rows) -> None:
    rows["sources"][0]["kept"] -= 1


def _lose_a_pod(rows: Rows) -> None:
    rows["deliveries"].remove(_create(rows, "vision-a"))


def _deliver_a_dry_run(rows: Rows) -> None:
    rows["deliveries"].append(_create(rows, "vision-a") | {"delivery_id": "x", "uid": "f13b24fb-9282-477b-bfaf-9499e30a3a81"})


def _double_a_pod(rows: Rows) -> None:
    rows["deliveries"].append(_create(rows, "vision-a") | {"delivery_id": "x"})


def _retry_a_refusal(rows: Rows) -> None:
    next(row for row in rows["deliveries"] if row["uid"] is None)["attempts"] = 2


def _be_ready_late(rows: Rows) -> None:
    _create(rows, "vision-a")["ready_at"] += timedelta(seconds=30)


def _forget_a_binding(rows: Rows) -> None:
    _create(rows, "vision-a")["bound_at"] = None


def _hear_of_a_delete_twice(rows: Rows) -> None:
    _create(rows, "tick-001")["deleted_at"] -= timedelta(seconds=1)


def _fail_a_success(rows: Rows) -> None:
    next(row for row in rows["verdicts"] if row["delivery_id"] == _create(rows, "vision-a")["delivery_id"])["verdict"] = "FAIL"


def _unsettle(rows: Rows) -> None:
    _create(rows, "vision-a")["settled"] = False


def _blame_the_user(rows: Rows) -> None:
    _create(rows, "tick-023")["fault"] = "user"


def _misdiagnose(rows: Rows) -> None:
    _create(rows, "vision-a").update(error_code="ImageNotFound", fault="user")


def _start_slowly(rows: Rows) -> None:
    _create(rows, "vision-a")["startup_s"] += 3


def _show_a_start_too_late(rows: Rows) -> None:
    _create(rows, "vision-a")["containers_shown_at"] += timedelta(seconds=30)


def _lose_a_call(rows: Rows) -> None:
    rows["api_calls_minutely"][0]["count"] -= 1


def _invent_calls(rows: Rows) -> None:
    gets = [row for row in rows["audit_events"] if row["verb"] == "get" and row["resource"] == "pods" and row["subresource"] is None]
    rows["audit_events"] += [row | {"audit_id": f"again-{row['audit_id']}"} for row in gets]


def _slow_calls_down(rows: Rows) -> None:
    for row in rows["audit_events"]:
        row["received_at"] -= timedelta(seconds=2)


@pytest.mark.parametrize(
    ("spoil", "check", "fragment", "is_fatal"),
    [
        (_lose_a_line, "accounting", "kept + filtered", True),
        (_lose_a_pod, "deliveries", "no delivery", True),
        (_deliver_a_dry_run, "deliveries", "dry run", True),
        (_double_a_pod, "deliveries", "2 deliveries", True),
        (_retry_a_refusal, "deliveries", "truth 0 rows, ours 1", True),
        (_be_ready_late, "milestones", "difference +30", False),
        (_forget_a_binding, "milestones", "no value", False),
        (_hear_of_a_delete_twice, "milestones", "the deletion says", False),
        (_fail_a_success, "verdicts", "truth SUCCESS, ours FAIL", False),
        (_unsettle, "verdicts", "truth True, ours False", False),
        (_blame_the_user, "diagnosis", "wrong fault: expected NodeNotReady", False),
        (_start_slowly, "startup", "more than the kubelet's account", False),
        (_show_a_start_too_late, "startup", "the kubelet was answered", False),
        (_lose_a_call, "api calls", "but the log has", True),
        (_invent_calls, "api calls", "the server counted", False),
        (_slow_calls_down, "api calls", "buckets from the server's", False),
        (_misdiagnose, "diagnosis", "wrong code: expected null, got ImageNotFound", False),
    ],
)
def test_each_mistake_is_found(
    spoil: Callable[[Rows], None],
    check: str,
    fragment: str,
    *,
    is_fatal: bool,
    perfect: Rows,
    truth: Truth,
    expectations: Expectations,
    tmp_path: Path,
) -> None:
    """By the check that is made for it, and fatal where a count is wrong."""
    rows = deepcopy(perfect)
    spoil(rows)
    found = [finding for finding in _findings(rows, truth, expectations, tmp_path) if finding.check == check and fragment in finding.text]
    assert found
    assert all(finding.is_fatal is is_fatal for finding in found)


def test_an_explanation_excuses_what_it_matches(perfect: Rows, truth: Truth, expectations: Expectations, tmp_path: Path) -> None:
    """One that matches nothing is handed back as out of date."""
    rows = deepcopy(perfect)
    _be_ready_late(rows)
    write_lake(rows, "real-a2", tmp_path / "lake")
    sections = compare(truth.run, Lake(tmp_path / "lake"), expectations)
    file = tmp_path / "explanations.yaml"
    lines = [
        "- {run: real-a2, check: milestones, match: 'ready app/vision-a', why: made by hand}",
        "- {run: real-a2, check: verdicts, match: nothing, why: old}",
    ]
    file.write_text("\n".join(lines), encoding="utf-8")
    unused = explain(sections, read_explanations(file))
    assert [finding.why for section in sections for finding in section.findings] == ["made by hand"]
    assert not any(finding.fails for section in sections for finding in section.findings)
    assert [e.why for e in unused] == ["old"]


def test_the_command_tells_by_its_exit_code(perfect: Rows, truth: Truth, tmp_path: Path) -> None:
    """0 if all agrees, 1 if not, 2 if there is nothing to compare."""
    app = Typer()
    app.command()(main)
    call = ["--corpus", str(truth.run.folder.parent), "--lake", str(tmp_path), "--run", "real-a2", "-o", "json"]
    assert CliRunner().invoke(app, call).exit_code == 2
    write_lake(perfect, "real-a2", tmp_path)
    result = CliRunner().invoke(app, call)
    assert (result.exit_code, json.loads(result.stdout)["ok"]) == (0, True)
    rows = deepcopy(perfect)
    _lose_a_pod(rows)
    write_lake(rows, "real-a2", tmp_path)
    assert CliRunner().invoke(app, call).exit_code == 1


def test_every_expected_code_is_of_the_vocabulary(expectations: Expectations) -> None:
    """A code that nobody may be blamed for is a slip of the data file."""
    named = {
        code
        for entry in expectations.scenarios.values()
        for state in ("undelivered", "broken", "slow", "delivered", "pod_upgrade", "pvc_bind")
        for code in entry.get(state, {}).get("codes", [])
    }
    assert named - {None} <= expectations.faults.keys()
    assert {error for _, _, error in expectations.refused} <= expectations.faults.keys()
