"""OpenSLO v1 documents: what we understand, what we cannot do, and that what we write we read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from pipelines import rules
from pipelines.rules.openslo import read
from pipelines.rules.openslo_writer import write
from pipelines.rules.rule_error import RuleError

if TYPE_CHECKING:
    from pathlib import Path

DOCUMENTS = """
apiVersion: openslo/v1
kind: DataSource
metadata: {name: lake}
spec: {type: lorgnette, connectionDetails: {anything: goes}}
---
apiVersion: openslo/v1
kind: Service
metadata: {name: pods, displayName: Pods, labels: {team: platform, tags: [a, b]}}
spec: {description: Pods come up}
---
apiVersion: openslo/v1
kind: SLI
metadata: {name: pods-ready}
spec:
  thresholdMetric:
    metricSource: {metricSourceRef: lake, spec: {kind: pod_create, objective: wall}}
---
apiVersion: openslo/v1
kind: SLO
metadata: {name: ready-in-time}
spec:
  service: pods
  indicatorRef: pods-ready
  timeWindow:
    - {duration: 4w, isRolling: true}
  budgetingMethod: Occurrences
  objectives:
    - {op: lte, value: 120, targetPercent: 99.5}
  alertPolicies:
    - alertPolicyRef: fast
---
apiVersion: openslo/v1
kind: AlertPolicy
metadata: {name: fast}
spec:
  alertWhenBreaching: true
  conditions:
    - conditionRef: burns
  notificationTargets:
    - targetRef: on-call
---
apiVersion: openslo/v1
kind: AlertCondition
metadata: {name: burns}
spec:
  severity: page
  condition: {kind: burnrate, op: gte, threshold: 14.4, lookbackWindow: 60m, alertAfter: 5m}
---
apiVersion: openslo/v1
kind: AlertNotificationTarget
metadata: {name: on-call}
spec: {target: slack}
---
"""
THRESHOLD = {"target": 0.95}
SOURCE = {"metricSource": {"type": "lorgnette", "spec": {"kind": "pod_create", "objective": "sig_startup"}}}


def slo(source: dict[str, Any] = SOURCE, threshold: dict[str, Any] = THRESHOLD, **changed: object) -> dict[str, Any]:
    """An SLO document; `source` is its metric's, `threshold` its objective."""
    spec = {
        "service": "pods",
        "indicator": {"metadata": {"name": "i"}, "spec": {"ratioMetric": {"counter": False, "good": source, "total": source}}},
        "budgetingMethod": "Occurrences",
        "objectives": [threshold],
    }
    return {"apiVersion": "openslo/v1", "kind": "SLO", "metadata": {"name": "s"}, "spec": spec | changed}


def _selected(**spec: str) -> dict[str, Any]:
    return {"metricSource": {"type": "Lorgnette", "spec": {"kind": "pod_create", "objective": "wall"} | spec}}


def test_documents_that_refer_to_each_other() -> None:
    (rule,) = read(list(yaml.safe_load_all(DOCUMENTS)), "file")
    assert rule == {
        "kind": "pod_create",
        "objective": "wall",
        "target": 0.995,
        "budget": "deliveries",
        "window": "28d",
        "limit": 120.0,
        "alerts": [{"name": "fast", "window": "1h", "burn_rate": 14.4, "op": "gte", "severity": "page"}],
    }


def test_a_file_of_them_stands_where_a_rule_file_stands(tmp_path: Path) -> None:
    path = tmp_path / "slos.yaml"
    path.write_text(DOCUMENTS)
    loaded = rules.load([path])
    (wall,) = [rule for rule in loaded["objectives"] if (rule["kind"], rule["objective"]) == ("pod_create", "wall")]
    assert (wall["target"], wall["limits"]) == (0.995, {"long_running": 120.0, "run_to_completion": 120.0})
    assert len(loaded["objectives"]) == len(rules.load()["objectives"])


def test_time_slices_are_good_minutes() -> None:
    threshold = {"target": 0.9, "timeSliceTarget": 0.99, "timeSliceWindow": "1m"}
    (rule,) = read([slo(budgetingMethod="Timeslices", threshold=threshold)], "file")
    assert rule | {"alerts": None} == {
        "kind": "pod_create",
        "objective": "sig_startup",
        "target": 0.9,
        "minute_target": 0.99,
        "budget": "minutes",
        "alerts": None,
    }
    assert read([slo(budgetingMethod="Timeslices", threshold=threshold | {"timeSliceWindow": 1})], "file") == [rule]


@pytest.mark.parametrize(
    ("window", "expected"),
    [
        ({"duration": "28d", "isRolling": True}, "28d"),
        ({"duration": "1M", "calendar": {"startTime": "2026-01-01 00:00:00", "timeZone": "Etc/UTC"}}, "1M"),
        ({"duration": "1Q", "isRolling": False, "calendar": {"startTime": "2026-04-01 00:00:00", "timeZone": "UTC"}}, "1Q"),
        ({"duration": "1Y", "isRolling": False, "calendar": {"startTime": "2026-01-01 00:00:00", "timeZone": "GMT"}}, "1Y"),
    ],
)
def test_windows(window: dict[str, Any], expected: str) -> None:
    (rule,) = read([slo(timeWindow=[window])], "file")
    assert rule["window"] == expected


def test_a_namespace_and_a_kind_of_workload_have_targets_and_limits_of_their_own() -> None:
    narrowed = slo(source=_selected(namespace="batch"))
    limited = slo(source=_selected(), threshold={"target": 0.9, "op": "lte", "value": 900})
    limited["spec"]["indicator"]["spec"] = {"thresholdMetric": _selected(workloadKind="Job")}
    rule, other = read([narrowed, limited | {"metadata": {"name": "other"}}], "file")
    assert rule == {"kind": "pod_create", "objective": "wall", "targets": {"namespace": {"batch": 0.95}}}
    assert other == {"kind": "pod_create", "objective": "wall", "targets": {"workload_kind": {"Job": 0.9}}, "workload_kinds": {"Job": 900}}


@pytest.mark.parametrize("metric", [{"bad": SOURCE, "total": SOURCE}, {"raw": SOURCE, "rawType": "failure"}, {"raw": SOURCE, "rawType": "success"}])
def test_any_way_to_write_a_ratio(metric: dict[str, Any]) -> None:
    indicator = {"metadata": {"name": "i"}, "spec": {"ratioMetric": metric}}
    (rule,) = read([slo(indicator=indicator)], "file")
    assert (rule["objective"], rule["target"]) == ("sig_startup", 0.95)


@pytest.mark.parametrize(
    ("document", "what"),
    [
        (slo(budgetingMethod="RatioTimeslices"), "RatioTimeslices averages"),
        (slo(budgetingMethod="Hours"), "budgetingMethod"),
        (slo(budgetingMethod="Timeslices"), "time slices are minutes"),
        (slo(budgetingMethod="Timeslices", threshold={"target": 0.9, "timeSliceTarget": 0.9, "timeSliceWindow": "5m"}), "time slices are minutes"),
        (slo(objectives=[{"target": 0.9}, {"target": 0.99}]), "several objectives"),
        (slo(threshold={"target": 0.9, "targetPercent": 90}), "either a target or a targetPercent"),
        (slo(threshold={"target": 1}), "less than 1"),
        (slo(threshold={"target": 0}), "promises nothing"),
        (slo(source={"metricSource": {"type": "Prometheus", "spec": {"query": "up"}}}), "of the type Prometheus"),
        (slo(source={"metricSource": {"metricSourceRef": "gone"}}), "the DataSource gone, which is not in the file"),
        (slo(source=_selected(node="n1")), "metricSource.spec.node"),
        (slo(indicatorRef="both"), "either an indicator or an indicatorRef"),
        (slo(indicator={"metadata": {"name": "i"}, "spec": {"ratioMetric": {"good": SOURCE}}}), "a ratio is of good and total"),
        (slo(indicator={"metadata": {"name": "i"}, "spec": {"ratioMetric": {"good": SOURCE, "total": _selected()}}}), "about different things"),
        (
            slo(indicator={"metadata": {"name": "i"}, "spec": {"thresholdMetric": SOURCE}}, threshold={"target": 0.9, "op": "lt", "value": 5}),
            "op: lte",
        ),
        (slo(timeWindow=[{"duration": "1M", "isRolling": True}]), "no whole days"),
        (slo(timeWindow=[{"duration": "1M", "isRolling": False}]), "is rolling .* or has a calendar"),
        (slo(timeWindow=[{"duration": "1M", "calendar": {"startTime": "2026-01-01 00:00:00", "timeZone": "America/New_York"}}]), "America/New_York"),
        (slo(timeWindow=[{"duration": "1M", "calendar": {"startTime": "2026-01-15 00:00:00", "timeZone": "UTC"}}]), "a calendar window of 1M"),
        (slo(timeWindow=[{"duration": "1Q", "calendar": {"startTime": "2026-02-01 00:00:00", "timeZone": "UTC"}}]), "no Q of the calendar"),
        (slo(timeWindow=[{"duration": "4x", "isRolling": True}]), "timeWindow.0.duration"),
        (slo(alertPolicies=["gone"]), "the AlertPolicy gone"),
        (slo(source=_selected(namespace="batch"), alertPolicies=["x"]), "no alerts of its own"),
        (slo(colour="red"), "colour"),
        ({"apiVersion": "openslo/v2alpha", "kind": "SLO"}, "apiVersion is openslo/v2alpha"),
        ({"apiVersion": "openslo/v1", "kind": "Dashboard"}, "no kind Dashboard"),
        ({"apiVersion": "openslo/v1", "kind": "Service", "metadata": {"name": "Not Valid"}, "spec": {}}, "name"),
        ({"apiVersion": "openslo/v1", "kind": "Service", "metadata": {"name": "a"}, "spec": {}, "status": {}}, "status is no key"),
        ({"apiVersion": "openslo/v1", "kind": "Service"}, "metadata|valid dictionary"),
        ("text", "no mapping"),
    ],
)
def test_what_we_cannot_do_has_a_reason_and_a_remedy(document: object, what: str) -> None:
    with pytest.raises(RuleError, match=what) as error:
        read([document], "slos.yaml")
    assert str(error.value.where).startswith("slos.yaml")
    assert error.value.remedy


def test_a_burn_rate_over_a_window_that_we_do_not_keep() -> None:
    documents = list(yaml.safe_load_all(DOCUMENTS.replace("lookbackWindow: 60m", "lookbackWindow: 7h")))
    with pytest.raises(RuleError, match="no burn rate over 7h"):
        read(documents, "file")


def test_what_we_write_we_read(tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text("""
objectives:
  - {kind: pod_create, objective: wall, target: 0.98, window: 28d, targets: {namespace: {batch: 0.9}, workload_kind: {Job: 0.95}}, alerts: [{name: fast, window: 1h, burn_rate: 14.4}]}
  - {kind: pod_create, objective: sig_startup, target: 0.97, minute_target: 0.95, window: 1Q}
""")
    loaded = rules.load([own])
    path = tmp_path / "slos.yaml"
    path.write_text(yaml.safe_dump_all(write(loaded["objectives"])))
    again = {(rule["kind"], rule["objective"]): rule for rule in rules.load([path])["objectives"]}
    for rule in loaded["objectives"]:
        same = again[rule["kind"], rule["objective"]]
        for name, default in (
            ("target", None),
            ("minute_target", None),
            ("budget", "deliveries"),
            ("window", "1M"),
            ("targets", {}),
            ("limits", None),
        ):
            assert same.get(name, default) == rule.get(name, default), (rule["objective"], name)
        assert [alert["burn_rate"] for alert in same.get("alerts", [])] == [alert["burn_rate"] for alert in rule.get("alerts", [])]


_DURATION = r"[1-9][0-9]*[mhdwMQY]"
_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"


@pytest.fixture
def written(tmp_path: Path) -> list[dict[str, Any]]:
    """What is written of objectives that have everything, read back as others would."""
    own = tmp_path / "own.yaml"
    own.write_text(f"""
objectives:
  - {{kind: pod_create, objective: wall, target: 0.98, targets: {{namespace: {{{"b" * 60}: 0.9}}}}, alerts: [{{name: Fast burn, window: 1h, burn_rate: 14.4}}]}}
""")
    return list(yaml.safe_load_all(yaml.safe_dump_all(write(rules.load([own])["objectives"]))))


def test_what_we_write_names_everything_by_dns_labels(written: list[dict[str, Any]]) -> None:
    names = [(document["kind"], document["metadata"]["name"]) for document in written]
    assert [name for _, name in names if not re.fullmatch(_LABEL, name)] == []
    assert len(set(names)) == len(names)


def test_an_alert_that_we_write_has_all_that_the_specification_asks_for(written: list[dict[str, Any]]) -> None:
    (policy,) = [policy for document in written for policy in document["spec"].get("alertPolicies", [])]
    assert {name: policy["spec"][name] for name in ("alertWhenNoData", "alertWhenResolved", "alertWhenBreaching")} == {
        "alertWhenNoData": False,
        "alertWhenResolved": False,
        "alertWhenBreaching": True,
    }
    targets = [document["metadata"]["name"] for document in written if document["kind"] == "AlertNotificationTarget" and document["spec"]["target"]]
    assert [target["targetRef"] for target in policy["spec"]["notificationTargets"]] == targets != []
    (condition,) = policy["spec"]["conditions"]
    assert [policy["metadata"]["name"], condition["metadata"]["name"]] == ["fast-burn", "fast-burn"]
    assert all(re.fullmatch(_DURATION, condition["spec"]["condition"][name]) for name in ("lookbackWindow", "alertAfter"))


def test_an_slo_that_we_write_has_one_window_one_indicator_and_one_objective(written: list[dict[str, Any]]) -> None:
    services = {document["metadata"]["name"] for document in written if document["kind"] == "Service"}
    slos = [document["spec"] for document in written if document["kind"] == "SLO"]
    assert slos
    for spec in slos:
        (window,), (objective,) = spec["timeWindow"], spec["objectives"]
        assert spec["service"] in services
        assert window["isRolling"] != ("calendar" in window)
        assert re.fullmatch(_DURATION, window["duration"])
        assert 0 <= objective["target"] < 1
        assert (spec["budgetingMethod"] == "Timeslices") == ("timeSliceTarget" in objective) == ("timeSliceWindow" in objective)
        assert spec["indicator"]["spec"]["ratioMetric"].keys() == {"counter", "good", "total"}
