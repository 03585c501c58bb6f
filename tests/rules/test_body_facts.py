"""Facts in bodies, and requests that only the user's rules look at: what rules may say, what is refused. Their rows are in `tests/sql/hyper_events.custom.yaml`."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest

from pipelines import rules
from pipelines.rules import body_facts, requests
from pipelines.rules.rule_error import RuleError

_NODE_CLAIM = """{"metadata": {"labels": {"karpenter.sh/nodepool": "spot"}}, "status": {"nodeName": "n7", "capacity": {"cpu": "8"},
    "conditions": [{"type": "Launched", "status": "True", "lastTransitionTime": "2026-11-23T07:10:00Z"}, {"type": "Ready", "status": "Unknown"}]}}"""


def _facts(rule: dict[str, Any], body: str = _NODE_CLAIM, resource: str = "nodeclaims") -> list[dict[str, Any]]:
    with duckdb.connect() as con:
        con.execute("set timezone = 'UTC'")
        con.execute(body_facts.macro([rule]))
        ((found,),) = con.execute("select body_facts($1::varchar, 'karpenter.sh', $2::varchar)", [resource, body]).fetchall()
    return [dict(fact) for fact in found]


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ({"key": "$.status.nodeName"}, [("n7", None)]),
        ({"value": '$.metadata.labels."karpenter.sh/nodepool"'}, [(None, "spot")]),
        ({"each": "$.status.conditions[*]", "key": "$.type", "value": "$.status"}, [("Launched", "True"), ("Ready", "Unknown")]),
        ({"each": "$.status.capacity.*", "value": "$"}, [(None, "8")]),
        ({"each": "$.status.nothing[*]", "key": "$.type"}, []),
        ({"key": "$.status.nothing"}, []),
        ({"resource": "nodeclaims.karpenter.sh", "key": "$.status.nodeName"}, [("n7", None)]),
        ({"resource": ["nodepools", "nodeclaims"], "key": "$.status.nodeName"}, [("n7", None)]),
        ({"resource": "nodeclaims.other.example", "key": "$.status.nodeName"}, []),
    ],
)
def test_a_fact_is_where_its_rule_says(rule: dict[str, Any], told: list[tuple[str | None, str | None]]) -> None:
    facts = _facts({"fact": "seen", **rule})
    assert [(fact["key"], fact["value"]) for fact in facts] == told
    assert {fact["fact"] for fact in facts} <= {"seen"}


@pytest.mark.parametrize("body", ["[1, 2]", '"text"', "{}"])
def test_a_body_without_it_tells_nothing(body: str) -> None:
    assert _facts({"fact": "condition", "each": "$.status.conditions[*]", "key": "$.type"}, body) == []


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        ({"fact": "x"}, "it needs a `fact`, and a `key` or a `value`"),
        ({"key": "$.a"}, "it needs a `fact`"),
        ({"fact": "x", "key": "status.phase"}, "is no JSON path"),
        ({"fact": "x", "key": "$.a') or ('"}, "is no JSON path"),
        ({"fact": "x", "key": "$.status.conditions[*].type"}, "only `each` may"),
        ({"fact": "x", "each": "$.status.conditions", "key": "$.type"}, r"end it with \[\*\]"),
        ({"fact": "x", "key": "$.a", "colour": "$.b"}, "there is no column colour"),
    ],
)
def test_a_fact_that_cannot_be_is_refused(rule: dict[str, Any], why: str) -> None:
    with pytest.raises(RuleError, match=why):
        body_facts.macro([rule])


@pytest.mark.parametrize(
    ("match", "resources"),
    [
        ({"origin": "body", "resource": "rollouts.argoproj.io"}, ["rollouts.argoproj.io"]),
        ({"origin": ["state", "body"], "resource": ["a", "b"]}, ["a", "b"]),
        ({"origin": "body", "fact": "condition"}, [None]),
        ({"origin": "state"}, []),
        ({"resource": "a"}, []),
    ],
)
def test_only_bodies_that_rules_name_are_opened(match: dict[str, Any], resources: list[str | None]) -> None:
    assert [row["resource"] for row in body_facts.bodies([{"rule": "r", "match": match}])] == resources


@pytest.mark.parametrize(
    ("resource", "kept", "is_refused"),
    [
        ("rollouts.argoproj.io", ["rollouts.argoproj.io"], False),
        ("rollouts", ["rollouts.argoproj.io"], False),
        (None, ["rollouts.argoproj.io"], False),
        ("rollouts.argoproj.io", [], True),
        ("pods", ["rollouts.argoproj.io"], True),
        (None, [], True),
    ],
)
def test_a_rule_about_bodies_that_nobody_keeps_is_refused(resource: str | None, kept: list[str], *, is_refused: bool) -> None:
    own = [
        {"rule": "r", "match": {"origin": "body", **({} if resource is None else {"resource": resource})}},
        {"rule": "s", "match": {"origin": "state"}},
    ]
    if is_refused:
        with pytest.raises(RuleError, match="keep_bodies_of"):
            body_facts.refuse_unkept(own, kept)
    else:
        body_facts.refuse_unkept(own, kept)


@pytest.mark.parametrize(
    ("match", "asked", "writes_only"),
    [
        ({"origin": "audit", "resource": "pods"}, [], True),
        ({"origin": "audit", "resource": "pods", "verb": "create"}, [], False),
        ({"origin": "audit", "resource": "pods", "verb": ["create", "get"]}, [("get", "pods", None)], False),
        ({"resource": "nodes.metrics.k8s.io", "verb": "list", "subresource": None}, [("list", "nodes", "")], False),
        ({"origin": "audit", "subresource": ["exec", "log"]}, [(None, None, "exec"), (None, None, "log")], False),
        ({"origin": "audit", "verb": {"matches": "^get"}, "resource": {"matches": "s$"}}, [(None, None, None)], False),
        ({"origin": "audit", "subresource": ["exec", "status"]}, [], True),
        ({"origin": "event", "reason": "Failed"}, [], False),
    ],
)
def test_reads_are_looked_at_for_rules_that_name_them(match: dict[str, Any], asked: list[tuple[str | None, ...]], *, writes_only: bool) -> None:
    rule = {"rule": "r", "match": match}
    assert [tuple(row.values()) for row in requests.asked([rule])] == asked
    assert (requests.narrowed(rule)["match"].get("verb") != match.get("verb")) is writes_only


def test_the_built_in_rules_look_at_no_reads_and_no_bodies() -> None:
    built_in = rules.load()["hyper_events"]
    assert requests.asked(built_in) == []
    assert body_facts.bodies(built_in) == []
