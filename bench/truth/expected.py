"""What each delivery should be diagnosed as: `expected.yaml`, and by rules on the watch what depends on when things happened.

Here: `Expectations`, `expect_create` and `expect_delete`. They read what was done to a pod and when, never what a lake says.
Not here: the comparison (`diagnosis_check`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import yaml

from bench.truth.oracle import base_limit_s, breaking

if TYPE_CHECKING:
    from pathlib import Path

    from bench.truth.truth import Truth
    from bench.truth.watch import Pod

PLATFORM_LIMIT_S = 90.0
DELETE_LIMIT_S = 600.0
# Ends of stretches are known to a second, and the product may well count the fraction.
_BLUR_S = 1.5
_START_CODES = frozenset({"ImagePullTooMuchTime", "ContainerCreateTooMuchTime", "ContainerStartTooMuchTime"})
_DELAYS = {"ScheduleDelay", "KubeletDelay"}
_STUCK_DELETES = frozenset({"FinalizerStuck", "GracePeriodOverrun", "FailedKillPod", "FailedPreStopHook", "NodeUnreachable", "CleanupTooMuchTime"})


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a delivery may be diagnosed as.

    Args:
        codes: The error codes that are right; None is a plain success.
        detail: What the whole of the detail has to match, if that matters.
        faults: Whose fault it may be, if the code leaves it open.
    """

    codes: frozenset[str | None]
    detail: re.Pattern[str] | None = None
    faults: frozenset[str] | None = None

    @property
    def label(self) -> str:
        """The codes as tables show them."""
        return " or ".join(sorted(code or "null" for code in self.codes))


_FINE = Expectation(frozenset({None}))


@dataclass(frozen=True, slots=True)
class Expectations:
    """The data file.

    Args:
        scenarios: Scenario to what it says of `undelivered`, `broken`, `slow` and `delivered` pods.
        refused: HTTP code, message shape and error code of refused creates, first match wins.
        faults: Error code to whom it may blame.
    """

    scenarios: dict[str, dict[str, Any]]
    refused: list[tuple[int, re.Pattern[str], str]]
    faults: dict[str, frozenset[str]]

    def refused_as(self, code: int, message: str) -> str:
        """The error code of a refused create."""
        return next((error for http, shape, error in self.refused if http == code and shape.search(message)), "no shape fits")

    def of(self, scenario: str, state: str) -> Expectation | None:
        """What the file says of a scenario's pods in one state, if anything."""
        entry = self.scenarios.get(scenario, {}).get(state)
        if entry is None:
            return None
        detail, fault = entry.get("detail"), entry.get("fault")
        return Expectation(frozenset(entry["codes"]), re.compile(detail) if detail else None, frozenset(fault) if fault else None)


def read_expectations(path: Path) -> Expectations:
    """Reads the data file."""
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    codes = {code for group in data["faults"].values() for code in group}
    return Expectations(
        scenarios={name: entry or {} for name, entry in data["scenarios"].items()},
        refused=[(entry["code"], re.compile(entry["shape"]), entry["error"]) for entry in data["refused"]],
        faults={code: frozenset(fault for fault, group in data["faults"].items() if code in group) for code in codes},
    )


def expect_create(truth: Truth, pod: Pod, scenario: str, expectations: Expectations) -> Expectation:
    """What a pod's creation should be diagnosed as."""
    if pod.delivered_at is None:
        named, judged_at = expectations.of(scenario, "undelivered"), _judged_at(truth, pod)
        return named if named and _got_that_far(pod, named, judged_at) else _bystander(truth, pod, judged_at)
    if breaking(pod):
        # Broken without a scenario that says so: whatever names a container that ended.
        return expectations.of(scenario, "broken") or Expectation(frozenset({"CrashLoopBackOff", "ContainerFailed", "OOMKilled"}))
    fine = expectations.of(scenario, "delivered") or _FINE
    waits_for_user = bool(expectations.scenarios.get(scenario, {}).get("waits_for_user"))
    platform = [stretch for stretch in _stretches(truth, pod, waits_for_user=waits_for_user) if stretch.codes]
    total_s = sum(stretch.seconds for stretch in platform)
    if total_s < PLATFORM_LIMIT_S / 2 - _BLUR_S:
        return fine
    slow = expectations.of(scenario, "slow") or _named_by_longest(platform)
    if total_s < PLATFORM_LIMIT_S / 2 + _BLUR_S:
        return Expectation(slow.codes | fine.codes)
    if total_s < PLATFORM_LIMIT_S - _BLUR_S:
        return slow
    # The platform's own deadline passed first: until the kubelet took the pod, those who were silent by then are to blame.
    deadline, ack = _created(pod) + timedelta(seconds=PLATFORM_LIMIT_S), pod.at("kubelet_ack")
    silent = ack is None or ack > deadline
    return Expectation(slow.codes | (_bystander(truth, pod, deadline).codes if silent else frozenset()))


def expect_delete(pod: Pod) -> Expectation:
    """What a pod's deletion should be diagnosed as: nothing, unless it took over half of the shortest limit."""
    deleted, gone = pod.at("deleted"), pod.at("gone")
    if deleted and gone and (gone - deleted).total_seconds() < DELETE_LIMIT_S / 2:
        return _FINE
    return Expectation(_STUCK_DELETES | {None})


@dataclass(frozen=True, slots=True)
class _Stretch:
    """A stretch of a delivery: how the vocabulary names it if it is the longest; no codes if it is the user's."""

    seconds: float
    codes: frozenset[str]


def _created(pod: Pod) -> datetime:
    return pod.by("created") or pod.seen["created"].at


def _stretches(truth: Truth, pod: Pod, *, waits_for_user: bool) -> list[_Stretch]:
    ends: list[tuple[str, frozenset[str]]] = [
        ("bound", frozenset({"ScheduleTooMuchTime"})),
        ("kubelet_ack", frozenset({"KubeletDelay"})),
        ("sandbox_ready", frozenset({"VolumeMountTooMuchTime" if _mount_failed(truth, pod) else "SandboxCreateTooMuchTime"})),
        *([("initialized", frozenset[str]())] if pod.has_init else []),
        ("containers_started", frozenset() if waits_for_user else _START_CODES),
        ("ready", frozenset()),
    ]
    stretches, start = [], _created(pod)
    for fact, codes in ends:
        end = pod.by(fact)
        if end is not None:
            stretches.append(_Stretch(max(0.0, (end - start).total_seconds()), codes))
            start = max(start, end)
    return stretches


def _mount_failed(truth: Truth, pod: Pod) -> bool:
    at = truth.events[pod.uid].first_at.get("FailedMount") if pod.uid in truth.events else None
    return at is not None and pod.delivered_at is not None and at < pod.delivered_at


def _named_by_longest(stretches: list[_Stretch]) -> Expectation:
    longest = max(stretch.seconds for stretch in stretches)
    return Expectation(frozenset().union(*(s.codes for s in stretches if s.seconds > longest - _BLUR_S)))


def _judged_at(truth: Truth, pod: Pod) -> datetime:
    """When an undelivered pod's first verdict that is not SUCCESS fell: deleted, failed, a deadline, or the end of the log."""
    created = _created(pod)
    ends = [pod.delete_asked_at, pod.at("failed"), created + timedelta(seconds=base_limit_s(pod)), truth.audit.last_at]
    # While nobody but the platform can act, its own limit runs with the clock.
    ack = pod.at("kubelet_ack")
    platform_deadline = created + timedelta(seconds=PLATFORM_LIMIT_S)
    if ack is None or ack > platform_deadline:
        ends.append(platform_deadline)
    return min(end for end in ends if end)


def _got_that_far(pod: Pod, named: Expectation, judged_at: datetime) -> bool:
    """Whether the pod reached what its scenario breaks: one that no kubelet took, or that was bound after all, shows something else."""
    bound, ack = pod.at("bound"), pod.at("kubelet_ack")
    if "FailedScheduling" in named.codes:
        return bound is None or bound > judged_at
    return ack is not None and ack <= judged_at


def _bystander(truth: Truth, pod: Pod, judged_at: datetime) -> Expectation:
    """A pod of which no scenario says why: where it had got to tells who was silent."""
    bound, ack = pod.at("bound"), pod.at("kubelet_ack")
    events = truth.events.get(pod.uid)
    if bound is None or bound > judged_at:
        complained = events.first_at.get("FailedScheduling") if events else None
        return _silence(pod, judged_at, "FailedScheduling" if complained and complained <= judged_at else "ScheduleDelay")
    if ack is None or ack > judged_at:
        return _silence(pod, judged_at, "NodeNotReady" if _node_was_unready(truth, pod, judged_at) else "KubeletDelay")
    if _node_was_unready(truth, pod, judged_at):
        return Expectation(frozenset({"NodeNotReady"}))
    if pod.delete_asked_at == judged_at:
        return Expectation(frozenset({"DeletedBeforeReady"}))
    # Still under way when the log ends: nothing is wrong yet, or the phase that it is in is the longest so far.
    return Expectation(_START_CODES | {None, "Unknown", "SandboxCreateTooMuchTime", "ContainerReadyTooMuchTime"})


def _silence(pod: Pod, judged_at: datetime, code: str) -> Expectation:
    waited_s = (judged_at - _created(pod)).total_seconds()
    # Nobody promises to act at once: a pod that its user takes back within half of the limit may as well be called just that.
    taken_back = code in _DELAYS and pod.delete_asked_at == judged_at and waited_s < PLATFORM_LIMIT_S / 2
    return Expectation(frozenset({code, "DeletedBeforeReady"} if taken_back else {code}))


def _node_was_unready(truth: Truth, pod: Pod, judged_at: datetime) -> bool:
    created = _created(pod)
    return any(created <= at <= judged_at for at in truth.unready.get(pod.node or "", []))
