"""The macros that all queries share: quantities, Go durations, templates and the reasons of a scheduler. Not here: the rules themselves."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

if TYPE_CHECKING:
    import duckdb

# Before 1970 too: what is left of a division must not be negative.
_EARLIEST = datetime.fromisoformat("1900-01-01")


def _value(con: duckdb.DuckDBPyConnection, call: str, *arguments: object) -> object:
    row = con.execute(f"select {call}", list(arguments)).fetchone()
    assert row is not None
    return row[0]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("100m", 0.1),
        ("1.5", 1.5),
        ("2", 2),
        ("64Mi", 64 * 2**20),
        ("1Gi", 2**30),
        ("2G", 2e9),
        ("128974848", 128974848),
        ("129e6", 129e6),
        ("1E", 1e18),
        ("5u", 5e-6),
        ("many", None),
        ("", None),
        (None, None),
    ],
)
def test_a_quantity_is_a_number(con: duckdb.DuckDBPyConnection, text: str | None, number: float | None) -> None:
    assert _value(con, "quantity($1::varchar)", text) == (None if number is None else pytest.approx(number))


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("5.638046961s", 5.638046961),
        ("1m2.3s", 62.3),
        ("313ms", 0.313),
        ("12µs", 12e-6),
        ("87ns", 87e-9),
        ("1h0m0s", 3600),
        ("5", None),
        ("soon", None),
        (None, None),
    ],
)
def test_a_go_duration_is_seconds(con: duckdb.DuckDBPyConnection, text: str | None, seconds: float | None) -> None:
    assert _value(con, "go_duration_s($1::varchar)", text) == (None if seconds is None else pytest.approx(seconds))


def test_a_template_is_filled_with_what_is_known(con: duckdb.DuckDBPyConnection) -> None:
    assert _value(con, "fill_template('condition:{key}:{value}', 'Ready', 'true', null, null)") == "condition:Ready:true"
    assert _value(con, "fill_template('{code} {reason}', null, null, 'Forbidden', 403)") == "403 Forbidden"
    assert _value(con, "fill_template(null, 'Ready', 'true', null, null)") is None


_ALL = "0/5 nodes are available: "
_TAIL = " preemption: 0/5 nodes are available: 2 No preemption victims found for incoming pod, 3 Preemption is not helpful for scheduling."


@pytest.mark.parametrize(
    ("message", "detail"),
    [
        (f"{_ALL}2 Insufficient cpu, 3 Insufficient memory.{_TAIL}", "InsufficientMemory,InsufficientCPU"),
        ("0/1 nodes are available: 1 Insufficient nvidia.com/gpu.", "Insufficientnvidia.com/gpu"),
        (
            "0/4 nodes are available: 1 node(s) had taint {node-role.kubernetes.io/master: }, that the pod didn't tolerate, 3 node(s) didn't match node selector.",
            "NodeSelectorMismatch,UntoleratedTaint",
        ),
        (f"{_ALL}5 node(s) didn't match Pod's node affinity/selector.{_TAIL}", "NodeSelectorMismatch"),
        (f"{_ALL}5 node(s) had untolerated taint {{node.kubernetes.io/not-ready: }}.{_TAIL}", "NodeNotReady"),
        (f"{_ALL}5 node(s) had untolerated taint {{dedicated: db}}.{_TAIL}", "UntoleratedTaint"),
        (f"{_ALL}5 node(s) had untolerated taint(s).{_TAIL}", "UntoleratedTaint"),
        (f"{_ALL}5 node(s) were unschedulable.{_TAIL}", "NodeUnschedulable"),
        (f"{_ALL}5 pod has unbound immediate PersistentVolumeClaims. not found{_TAIL}", "UnboundPVC"),
        ("running PreBind plugin: pod has unbound immediate PersistentVolumeClaims", "UnboundPVC"),
        ('persistentvolumeclaim "data" not found', "PVCNotFound"),
        (f"{_ALL}5 node(s) had volume node affinity conflict.{_TAIL}", "VolumeNodeAffinity"),
        (f"{_ALL}5 node(s) didn't satisfy existing pods anti-affinity rules.{_TAIL}", "PodAntiAffinity"),
        (f"{_ALL}5 node(s) didn't match pod topology spread constraints.{_TAIL}", "TopologySpread"),
        (f"{_ALL}5 node(s) didn't have free ports for the requested pod ports.{_TAIL}", "HostPort"),
        (f"{_ALL}5 Too many pods.{_TAIL}", "TooManyPods"),
        (f"{_ALL}5 node(s) exceed max volume count.{_TAIL}", "Other"),
        (
            f"{_ALL}1 Insufficient cpu, 2 node(s) had untolerated taint {{a: }}, 2 node(s) had untolerated taint {{b: }}.{_TAIL}",
            "UntoleratedTaint,InsufficientCPU",
        ),
        (None, None),
    ],
)
def test_the_reasons_of_a_scheduler_in_words(con: duckdb.DuckDBPyConnection, message: str | None, detail: str | None) -> None:
    assert _value(con, "scheduling_detail($1::varchar)", message) == detail


@settings(deadline=None)
@given(instant=st.datetimes(min_value=_EARLIEST, timezones=st.just(UTC)), unit=st.sampled_from(["hour", "minute", "second"]))
def test_whole_units_are_what_a_calendar_in_utc_says(con: duckdb.DuckDBPyConnection, instant: datetime, unit: str) -> None:
    zeros = {"hour": {"minute": 0, "second": 0, "microsecond": 0}, "minute": {"second": 0, "microsecond": 0}, "second": {"microsecond": 0}}
    assert _value(con, f"{unit}_of($1::timestamptz)", instant) == instant.replace(**zeros[unit])
