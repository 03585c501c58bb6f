"""The product's verdicts, states and settling against the watch's stopwatch.

Here: counts that agree, and each one that does not. Not here: the stopwatch itself (`oracle`).
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from bench.truth.findings import Section
from bench.truth.latency import lateness
from bench.truth.oracle import (
    DELETE_LIMITS_S,
    LONG_RUNNING_S,
    RUN_TO_COMPLETION_S,
    SETTLE_S,
    Judgement,
    init_extension_s,
    is_settled,
    judge_create,
    judge_delete,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    import polars as pl

    from bench.truth.truth import Truth
    from bench.truth.watch import Pod

_COLUMNS = ["kind", "what", "verdict", "agree", "too close to tell", "disagree"]
_STATES = {"SUCCESS": "delivered", "KILL": "killed", "FAIL": "failed", "PENDING": "pending"}
# Init pulls are known to a second, and so is the extension that they give.
_LIMIT_SLACK_S = 2.0
_BASES = (LONG_RUNNING_S, RUN_TO_COMPLETION_S)
_Table = dict[tuple[str, str], dict[str, Any]]


def check_verdicts(truth: Truth, deliveries: pl.DataFrame, verdicts: pl.DataFrame) -> Section:
    """Each verdict that a watch can tell, against the table's; a close call is one inside the watch's lateness."""
    section = Section(truth.run.name, "verdicts", "Verdicts against the watch's stopwatch", _COLUMNS)
    ours = {(row["delivery_id"], row["objective"]): row for row in verdicts.iter_rows(named=True)}
    slack_s = lateness(truth, after="received").band.high_s
    tally: Counter[tuple[str, str, str, str]] = Counter()
    for pod, row in _pods(truth, deliveries):
        for what, expected, got, is_close in _compare(truth, pod, row, ours, slack_s):
            outcome = "agree" if expected == got else "close" if is_close else "disagree"
            tally[row["kind"], what, str(expected), outcome] += 1
            if outcome == "disagree":
                section.find(f"{row['kind']} {what} {pod.label}", f"truth {expected}, ours {got}")
    for kind, what, expected in sorted({key[:3] for key in tally}):
        section.rows.append([kind, what, expected, *(str(tally[kind, what, expected, outcome]) for outcome in ("agree", "close", "disagree"))])
    return section


def _compare(truth: Truth, pod: Pod, row: dict[str, Any], ours: _Table, slack_s: float) -> Iterator[tuple[str, str, str, bool]]:
    """What, truth, ours, and whether the truth is too close to call."""
    judge = _of_create if row["kind"] == "pod_create" else _of_delete
    for objective, judgement in judge(truth, pod):
        got = ours.get((row["delivery_id"], objective))
        yield objective, judgement.verdict, got["verdict"] if got else "no verdict", judgement.margin_s < slack_s
        if got and objective == "wall":
            off_s = abs((got["limit_s"] or 0.0) - judgement.limit_s)
            limit = f"{judgement.limit_s:.0f} s" if judgement.limit_s in _BASES else "extended by init"
            yield "wall limit", limit, limit if off_s <= _LIMIT_SLACK_S else f"{got['limit_s']} s", False
    if row["kind"] == "pod_create":
        yield from _of_state(truth, pod, row, slack_s)


def _of_state(truth: Truth, pod: Pod, row: dict[str, Any], slack_s: float) -> Iterator[tuple[str, str, str, bool]]:
    [(_, judgement)] = _of_create(truth, pod)
    state = "delivered" if pod.delivered_at else _STATES[judgement.verdict]
    yield "state", state, row["state"], judgement.margin_s < slack_s
    yield "settled", str(is_settled(pod, truth.audit.last_at)), str(row["settled"]), state != row["state"] or _ends_near_the_limit(pod)


def _ends_near_the_limit(pod: Pod) -> bool:
    """Whether a container ended so near the end of the settling time that seconds cannot tell."""
    if pod.delivered_at is None:
        return False
    return any(abs((t.finished_at - pod.delivered_at).total_seconds() - SETTLE_S) <= _LIMIT_SLACK_S for t in pod.terminations)


def _of_create(truth: Truth, pod: Pod) -> Iterator[tuple[str, Judgement]]:
    yield "wall", judge_create(pod, init_extension_s(pod, truth.events.get(pod.uid)), truth.audit.last_at)


def _of_delete(truth: Truth, pod: Pod) -> Iterator[tuple[str, Judgement]]:
    for objective, limit_s in DELETE_LIMITS_S.items():
        judgement = judge_delete(pod, limit_s, truth.audit.last_at)
        if judgement is not None:
            yield objective, judgement


def _pods(truth: Truth, deliveries: pl.DataFrame) -> Iterator[tuple[Pod, dict[str, Any]]]:
    for row in deliveries.iter_rows(named=True):
        pod = truth.pods.get(row["uid"] or "")
        if pod is not None and not row["left_censored"] and not pod.is_static and row["kind"] in ("pod_create", "pod_delete"):
            yield pod, row
