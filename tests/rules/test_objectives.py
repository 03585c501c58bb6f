"""Objectives as configuration: a user's over the built-in ones, and what is no objective."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from pipelines import rules
from pipelines.rules.rule_error import RuleError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Writer = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Writer:
    """Write a rule file with objectives."""

    def written(text: str, name: str = "objectives.yaml") -> Path:
        path = tmp_path / name
        path.write_text(text)
        return path

    return written


def _objective(loaded: dict[str, list[dict[str, Any]]], kind: str, name: str) -> dict[str, Any]:
    (found,) = [rule for rule in loaded["objectives"] if (rule["kind"], rule["objective"]) == (kind, name)]
    return found


def _table(loaded: dict[str, list[dict[str, Any]]], query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect() as con:
        rules.register(con, loaded)
        return con.execute(query).fetchall()


def test_what_a_users_objective_leaves_out_stays_as_it_was(write: Writer) -> None:
    loaded = rules.load([write("objectives: [{kind: pod_create, objective: sig_startup, target: 0.95}]")])
    assert _objective(loaded, "pod_create", "sig_startup") == {
        "kind": "pod_create",
        "objective": "sig_startup",
        "target": 0.95,
        "minute_target": 0.99,
        "budget": "minutes",
        "limits": {"all": 5},
    }
    assert _objective(loaded, "pod_create", "wall")["target"] == 0.99


def test_one_limit_holds_for_everything(write: Writer) -> None:
    common = write("objectives: [{kind: pod_create, objective: wall, namespaces: {batch: 900}, workload_kinds: {Job: 600}}]", "common.yaml")
    own = write("objectives: [{kind: pod_create, objective: wall, limit: 60}]", "own.yaml")
    loaded = rules.load([own, common])
    assert _table(
        loaded,
        "select applies_to, namespace, workload_kind, limit_s from objective_limits where kind = 'pod_create' and objective = 'wall' order by all",
    ) == [
        ("long_running", None, None, 60.0),
        ("run_to_completion", None, None, 60.0),
    ]


def test_limits_and_targets_of_single_namespaces_and_kinds_of_workload(write: Writer) -> None:
    text = """
objectives:
  - {kind: pod_create, objective: wall, namespaces: {batch: 900}, workload_kinds: {Job: 600}, targets: {namespace: {batch: 0.9}, workload_kind: {Job: 0.95}}}
"""
    loaded = rules.load([write(text)])
    assert _table(
        loaded,
        "select applies_to, namespace, workload_kind, limit_s from objective_limits where kind = 'pod_create' and objective = 'wall' order by all",
    ) == [
        ("long_running", None, None, 480.0),
        ("run_to_completion", None, None, 90.0),
        (None, "batch", None, 900.0),
        (None, None, "Job", 600.0),
    ]
    assert _table(loaded, "select * from objective_targets order by all") == [
        ("pod_create", "wall", "namespace", "batch", 0.9),
        ("pod_create", "wall", "workload_kind", "Job", 0.95),
    ]


def test_an_objective_of_the_users_own_needs_limits(write: Writer) -> None:
    with pytest.raises(RuleError, match="it has no limits"):
        rules.load([write("objectives: [{kind: pod_create, objective: mine, target: 0.9}]")])
    loaded = rules.load([write("objectives: [{kind: pvc_bind, objective: wall, target: 0.9, limits: {all: 600}}]")])
    assert _objective(loaded, "pvc_bind", "wall")["limits"] == {"all": 600}


@pytest.mark.parametrize(
    ("rule", "what"),
    [
        ("{kind: pod_create, objective: wall, target: 1.5}", "`target`"),
        ("{kind: pod_create, objective: wall, goal: 0.9}", "`goal` is no key"),
        ("{kind: pod_create, objective: wall, window: 3h}", "is no window"),
        ("{kind: pod_create, objective: wall, budget: hours}", "`budget`"),
        ("{kind: pod_create, objective: wall, limit: -1}", "greater than 0"),
        ("{kind: pod_create, objective: wall, targets: {node: {a: 0.9}}}", "targets.node"),
        ("{kind: pod_create, objective: wall, alerts: [{name: a, window: 7h, burn_rate: 2}]}", "alerts.0.window"),
    ],
)
def test_what_cannot_be_says_where(write: Writer, rule: str, what: str) -> None:
    path = write(f"objectives: [{rule}]")
    with pytest.raises(RuleError, match=what) as error:
        rules.load([path])
    assert error.value.where == str(path)


def test_what_no_table_depends_on_makes_nothing_stale(write: Writer) -> None:
    plain = rules.load()
    shown = rules.load(
        [
            write(
                "objectives: [{kind: pod_create, objective: wall, window: 28d, display_name: Ready, alerts: [{name: a, window: 1h, burn_rate: 14.4}]}]"
            )
        ]
    )
    other = rules.load([write("objectives: [{kind: pod_create, objective: wall, target: 0.9}]")])
    assert rules.digest(shown) != rules.digest(other)
    order = [(rule["kind"], rule["objective"]) for rule in plain["objectives"]]
    assert [(rule["kind"], rule["objective"]) for rule in shown["objectives"]] == order
    assert rules.digest(shown) == rules.digest(plain)
