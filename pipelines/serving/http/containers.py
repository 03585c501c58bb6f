"""What went wrong in each container of a pod, out of the HyperEvents and phases that name it.

Here and not in SQL, for one pod whose rows are at hand: planning the query cost more than all of this page's reading. Not here: reading them (`story`).
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pipelines.reports.reading import Row

_STATES = frozenset({"container:waiting", "container:running", "container:terminated", "container:ready"})
_TROUBLES = frozenset({"error", "warning"})


def containers(facts: Iterable[Row], phases: Iterable[Row]) -> list[Row]:
    """One row per container, by name.

    Args:
        facts: HyperEvents of the pod.
        phases: Phases of the pod.
    """
    told, pulled = _by_subject(facts), _by_subject(each for each in phases if each["phase"] == "image_pull")
    # A subject may be anything; what has a container's state is one.
    known = {name: rows for name, rows in told.items() if any(row["operation"].startswith("container:") for row in rows)}
    return [{"container": name} | _pull(pulled.get(name, ())) | _trouble(known.get(name, ())) for name in sorted({*known, *pulled})]


def _by_subject(rows: Iterable[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row["subject"] is not None:
            found[row["subject"]].append(row)
    return found


def _pull(phases: Sequence[Row]) -> Row:
    seconds = [each["duration_s"] for each in phases if each["duration_s"] is not None]
    cached = [each["cached"] for each in phases if each["cached"] is not None]
    return {
        "image": next((each["image"] for each in phases if each["image"] is not None), None),
        "pull_s": sum(seconds) if seconds else None,
        "is_pull_failed": any(each["status"] == "error" for each in phases),
        "is_cached": any(cached) if cached else None,
    }


def _trouble(facts: Sequence[Row]) -> Row:
    severities = [each["severity"] for each in facts]
    restarts = [each["count"] for each in facts if each["operation"] == "container:restarted" and each["count"] is not None]
    said = [(each, text) for each in facts if each["severity"] in _TROUBLES and (text := _said(each)) is not None]
    return {
        "errors": severities.count("error"),
        "warnings": severities.count("warning"),
        "restarts": max(restarts, default=None),
        "last_state": _last((each, each["operation"]) for each in facts if each["operation"] in _STATES),
        "last_trouble": _last(said),
    }


def _said(fact: Row) -> str | None:
    return next((fact[name] for name in ("message", "reason", "detail") if fact[name] is not None), None)


def _last(rows: Iterable[tuple[Row, Any]]) -> Any:  # noqa: ANN401 - a value of a row
    """What the newest row says; of two at once the one whose operation is last."""
    return max(rows, key=lambda each: (each[0]["at"], each[0]["operation"]), default=(None, None))[1]
