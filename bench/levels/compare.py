"""The deliveries of a lowered log against those of the whole one: what is the same, what is told less sharply, what is left out, and what is wrong.

Here: `compare` and its `Outcome`. Not here: building the lakes (`build`), printing (`__main__`), and what really happened (`bench.truth`).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

Row = dict[str, Any]
Pair = tuple[Row, Row]

MILESTONES = ("started", "bound", "kubelet_ack", "sandbox_ready", "initialized", "containers_started", "ready", "deleted", "gone")
# A delete is told by when it was asked for and when it was done; the others say how the pod came to be.
_OF_DELETES = ("started", "deleted", "gone")
_LOWER = frozenset({"started", "deleted"})
# A kubelet tells of a start a moment after the second that the status keeps.
_SLACK = timedelta(milliseconds=10)


@dataclass(slots=True)
class Outcome:
    """What one lowered log tells of what the whole one tells.

    Args:
        deliveries: Deliveries by `told` and `left out`.
        milestones: Moments by `same`, `inside` (the intervals meet), `left out` and `wrong`.
        verdicts: Verdicts by `same`, `left out` and `wrong`.
        codes: Error codes of deliveries that have one, or got one, by `same`, `left out` (none, or `NoEvidence`) and `different`.
        wrong: What is wrong or different, each as (subject, both sides).
    """

    deliveries: Counter[str] = field(default_factory=Counter)
    milestones: Counter[str] = field(default_factory=Counter)
    verdicts: Counter[str] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)
    wrong: list[tuple[str, str]] = field(default_factory=list)


def compare(whole: tuple[list[Row], list[Row]], lesser: tuple[list[Row], list[Row]]) -> Outcome:
    """Deliveries and verdicts of both lakes, compared row by row."""
    outcome = Outcome()
    pairs = list(_pairs(whole[0], lesser[0], outcome))
    verdicts = [{(row["delivery_id"], row["objective"]): row["verdict"] for row in rows} for rows in (whole[1], lesser[1])]
    for one, other in pairs:
        _compare_milestones(one, other, outcome)
        _compare_codes(one, other, outcome)
        for objective in sorted(
            {key[1] for key in verdicts[0] if key[0] == one["delivery_id"]} | {key[1] for key in verdicts[1] if key[0] == other["delivery_id"]}
        ):
            _compare_verdicts(
                one, objective, verdicts[0].get((one["delivery_id"], objective)), verdicts[1].get((other["delivery_id"], objective)), outcome
            )
    _compare_refusals(whole[0], lesser[0], outcome)
    return outcome


def _pairs(whole: list[Row], lesser: list[Row], outcome: Outcome) -> Iterator[Pair]:
    """The rows of one delivery in both; a pod without a UID is found by its name and the nearest start."""
    rest = {(row["kind"], row["uid"]): row for row in whole if row["uid"]}
    by_name: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
    unknown = []
    for row in (row for row in lesser if row["uid"]):
        one = rest.pop((row["kind"], row["uid"]), None)
        if one is not None:
            yield one, row
        else:
            unknown.append(row)
    for row in rest.values():
        by_name[row["kind"], row["namespace"], row["name"]].append(row)
    for row in unknown:
        candidates = by_name[row["kind"], row["namespace"], row["name"]]
        if candidates:
            one = min(candidates, key=lambda each: abs(each["started_at"] - row["started_at"]))
            candidates.remove(one)
            yield one, row
        else:
            outcome.wrong.append((_subject(row, "delivery"), "not in the whole log"))
    outcome.deliveries["left out"] += sum(map(len, by_name.values()))
    outcome.deliveries["told"] += sum(1 for row in lesser if row["uid"])


def _compare_milestones(one: Row, other: Row, outcome: Outcome) -> None:
    for milestone in _OF_DELETES if one["kind"] == "pod_delete" else MILESTONES:
        expected, got = _interval(one, milestone), _interval(other, milestone)
        if expected is None and got is None:
            continue
        if got is None:
            outcome.milestones["left out"] += 1
        elif expected is None or not (expected[0] <= got[1] + _SLACK and got[0] <= expected[1] + _SLACK):
            outcome.milestones["wrong"] += 1
            outcome.wrong.append((_subject(one, milestone), f"{expected and expected[1]} became {got[1]}"))
        else:
            outcome.milestones["same" if one[f"{milestone}_at"] == other[f"{milestone}_at"] else "inside"] += 1


def _interval(row: Row, milestone: str) -> tuple[datetime, datetime] | None:
    at = row[f"{milestone}_at"]
    if at is None:
        return None
    width = timedelta(milliseconds=row[f"{milestone}_uncertainty_ms"] or 0)
    return (at, at + width) if milestone in _LOWER else (at - width, at)


def _compare_codes(one: Row, other: Row, outcome: Outcome) -> None:
    expected, got = one["error_code"], other["error_code"]
    if expected is None and got in {None, "NoEvidence"}:
        return
    kind = "same" if expected == got else "left out" if got in {None, "NoEvidence"} else "different"
    outcome.codes[kind] += 1
    if kind == "different":
        outcome.wrong.append((_subject(one, "code"), f"{expected} became {got}"))


def _compare_verdicts(row: Row, objective: str, expected: str | None, got: str | None, outcome: Outcome) -> None:
    kind = "same" if expected == got else "left out" if got is None else "wrong"
    outcome.verdicts[kind] += 1
    if kind == "wrong":
        outcome.wrong.append((_subject(row, f"verdict {objective}"), f"{expected} became {got}"))


def _compare_refusals(whole: Iterable[Row], lesser: Iterable[Row], outcome: Outcome) -> None:
    """Refused creates by namespace and answer: what repeats is told apart by the body, what was refused is not."""
    counts = []
    for rows in (whole, lesser):
        counts.append(Counter[tuple[str, int, str]]())
        for row in rows:
            if row["uid"] is None:
                counts[-1][row["namespace"], row["code"], row["error_code"]] += row["attempts"]
    outcome.deliveries["refusals left out"] += (counts[0] - counts[1]).total()
    for key, count in sorted((counts[1] - counts[0]).items()):
        outcome.wrong.append((f"refused {key[0]}", f"{count} more of {key[1]} {key[2]}"))


def _subject(row: Row, what: str) -> str:
    return f"{row['kind']} {row['namespace']}/{row['name']} {what}"
