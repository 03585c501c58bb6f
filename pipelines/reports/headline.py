"""What is worst, in one sentence, and what the report's first screen says.

Here: sentences made of rows. Not here: how numbers are written (`words`) and how the page looks (templates).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipelines.reports.words import aim, count, is_missed, kind, objective, seconds, share, target, times

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipelines.reports.reading import Row


@dataclass(frozen=True, slots=True)
class Headline:
    """The sentence, the section that it leads to, and how the objectives stand: `missed`, `met` or `open`."""

    text: str
    section: str
    status: str


def headline(objectives: Sequence[Row], errors: Sequence[Row], fail_codes: Sequence[Row], gathering: Sequence[Row], tails: Sequence[Row]) -> Headline:
    """Say what is worst: the objective with the most failures beyond what its target allows, else the phase that makes the tail.

    Args:
        objectives: Rows of `objectives.sql`.
        errors: Rows of `top_errors.sql`.
        fail_codes: Rows of `fail_codes.sql`.
        gathering: Rows of `gathering.sql`.
        tails: Rows of `long_tail.sql`.
    """
    missed, untold = [row for row in objectives if is_missed(row)], _untold(errors)
    if missed:
        # A failed delivery is worse than a slow minute.
        worst = max(missed, key=lambda row: (row["budget"] != "minutes", _excess(row), _burn(row)))
        several = [f"{len(missed)} of {len(objectives)} objectives were missed. Worst:"] if len(missed) > 1 else []
        return Headline(" ".join([*several, _missed(worst, fail_codes, gathering), *untold]), "errors", "missed")
    if not any(row["success_rate"] is not None for row in objectives):
        return Headline(" ".join(["No delivery has been decided yet.", *untold]), "slo", "open")
    return Headline(" ".join(["Every objective was met.", *untold, *_slow(tails)]), "phases", "met")


def _untold(errors: Sequence[Row]) -> list[str]:
    """How many deliveries count nowhere, since the log does not hold what became of them."""
    untold = sum(row["pending"] for row in errors if row["error_code"] == "NoEvidence")
    return [f"The log does not tell what became of {count(untold)} deliver{'y' if untold == 1 else 'ies'} (NoEvidence)."] if untold else []


def _excess(row: Row) -> float:
    """How many failures are more than the target allows: one of two says less than thirty of three hundred."""
    return float(row["fail"] - (1 - row["target"]) * (row["success"] + row["fail"]))


def _burn(row: Row) -> float:
    """How many times over the allowed failures were used up; a target of 1 allows none."""
    allowed = round(1 - row["target"], 12)
    return (1 - row["attained"]) / allowed if allowed else float("inf")


def _missed(worst: Row, fail_codes: Sequence[Row], gathering: Sequence[Row]) -> str:
    decided, burn = worst["success"] + worst["fail"], _burn(worst)
    if worst["budget"] == "minutes":
        what, allowed = f"{count(worst['good_minutes'])} of {count(worst['minutes'])} minutes were good", "bad minutes"
    else:
        what, allowed = f"{count(worst['fail'])} of {count(decided)} decided deliveries failed", "failures"
    parts = [
        f"{kind(worst['kind'])}, “{objective(worst['kind'], worst['objective'])}”: {what}"
        f" – {share(worst['attained'])} against a target of {aim(worst)}"
        + (f", {times(burn)} the {allowed} that it allows." if burn != float("inf") else ".")
    ]
    codes = [row for row in fail_codes if (row["kind"], row["objective"]) == (worst["kind"], worst["objective"])]
    if codes:
        first = codes[0]
        parts.append(
            f"Most often {first['error_code']} ({count(first['failures'])}, fault: {first['fault']}){_where(first, worst['kind'], gathering)}."
        )
    return " ".join(parts)


def _where(code: Row, kind_: str, gathering: Sequence[Row]) -> str:
    for row in gathering:
        if row["is_cluster"] and (row["kind"], row["error_code"]) == (kind_, code["error_code"]):
            lift = f", {times(row['lift'])} the rate elsewhere" if row["lift"] is not None else ", none elsewhere"
            return f", gathering at {row['dimension']} {row['value']} ({count(row['failures'])} of {count(row['exposure'])}{lift})"
    return ""


def _slow(tails: Sequence[Row]) -> list[str]:
    """What makes the tail of the first kind that has one."""
    named = [row for row in tails if row["phase"] != "(no phase)" and row["tail_s"] > (row["middle_s"] or 0)]
    if not named:
        return []
    first = max(named, key=lambda row: (row["kind"] == "pod_create", row["tail_s"] - (row["middle_s"] or 0)))
    return [
        f"The slowest {target(1 - first['level'])} of {kind(first['kind']).lower()}s took {seconds(first['tail_from_s'])} or longer, against {seconds(first['p50_s'])} at the median;",
        f"{share(first['tail_share'])} of their time is {first['phase']}.",
    ]
