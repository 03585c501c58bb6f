"""What became of one delivery, out of its row and its verdicts.

Here for one delivery whose rows are at hand, where a query would cost more to plan than to answer; `sql/reports/_judged.sql` says the same of many
at once, and a test holds them together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipelines.reports.reading import Row

# It measures how quick a start is, not whether the delivery went well.
_STARTUP = "sig_startup"


def outcome(delivery: Mapping[str, Any], verdicts: Sequence[Row]) -> Row:
    """The worst that was said of a delivery, and which objectives failed.

    Args:
        delivery: With `state` and `settled`.
        verdicts: All of its verdicts.
    """
    judged = [each for each in verdicts if each["objective"] != _STARTUP]
    said = {each["verdict"] for each in judged}
    failed = sorted(each["objective"] for each in judged if each["verdict"] == "FAIL")
    return {"outcome": _worst(delivery, said), "failed_objectives": failed}


def _worst(delivery: Mapping[str, Any], said: set[str]) -> str:
    state = delivery["state"]
    if "FAIL" in said or state == "failed":
        return "FAIL"
    if delivery["settled"] is False:
        return "unsettled"
    if "KILL" in said or state == "killed":
        return "KILL"
    return "PENDING" if "PENDING" in said or state == "pending" else "SUCCESS"
