"""Lost Events: the same log derived again without half of its Event lines, chosen at random, must judge and explain alike.

Here: dropping, deriving and the differences. Not here: what really happened (the other checks), and logs at lesser levels (`bench.levels`).
"""

from __future__ import annotations

import json
import random
import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.levels.build import derive, lines_of, rows
from bench.truth.findings import Section

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bench.truth.corpus import Run

SEEDS = (1, 2, 3, 4, 5)
_KEPT = 0.5
_LEAST = 0.95
_BY_EVENTS = "sig_startup"
_TABLES = ("pods", "hyper_events", "coverage", "diagnoses", "verdicts", "deliveries")
_COLUMNS = ["seed", "Event lines", "dropped", "verdicts", "changed", "start-ups left out", "codes", "unchanged", "share"]
_Told = tuple[dict[tuple[str, str], dict[str, Any]], dict[str, dict[str, Any]]]


def check_drops(run: Run, seeds: Iterable[int] = SEEDS) -> Section:
    """Derives the run's audit log as it is and once per seed with each Event line dropped or kept by the toss of a coin, and compares the results.

    A changed verdict is wrong whoever explains it, and so are codes of which too few stay. A verdict of `sig_startup` may be left out: by
    its definition its clock leaves out image pulls, and Events alone tell of those.
    """
    section = Section(run.name, "drops", "Half of the Event lines lost", list(_COLUMNS))
    lines = [(line, is_event_line(line)) for line in lines_of(run.folder / "audit")]
    with tempfile.TemporaryDirectory(prefix="drops-") as scratch:
        whole = _told(Path(scratch) / "whole", (line for line, _ in lines))
        for seed in seeds:
            kept = list(thinned(lines, seed))
            _compare(section, seed, (sum(is_event for _, is_event in lines), len(lines) - len(kept)), whole, _told(Path(scratch) / str(seed), kept))
    return section


def is_event_line(line: bytes) -> bool:
    """Whether an audit line is the write of an Event."""
    if b'"events"' not in line:
        return False
    audit = json.loads(line)
    return (audit.get("objectRef") or {}).get("resource") == "events" and audit.get("verb") in {"create", "patch", "update"}


def thinned(lines: Iterable[tuple[bytes, bool]], seed: int) -> Iterator[bytes]:
    """All lines but about half of those of Events; a seed always drops the same ones."""
    coin = random.Random(seed)  # noqa: S311 - chance that can be repeated, no secret
    return (line for line, is_event in lines if not is_event or coin.random() < _KEPT)


def _told(folder: Path, lines: Iterable[bytes]) -> _Told:
    lake = derive(folder, lines, tables=_TABLES)
    verdicts = {(row["delivery_id"], row["objective"]): row for row in rows(lake, "verdicts")}
    return verdicts, {row["delivery_id"]: row for row in rows(lake, "deliveries")}


def _compare(section: Section, seed: int, events: tuple[int, int], whole: _Told, less: _Told) -> None:
    verdicts: Counter[bool] = Counter()
    startups = 0
    for key in sorted(whole[0].keys() | less[0].keys()):
        one, other = (told[0].get(key, {}).get("verdict") for told in (whole, less))
        is_left_out = other is None and key[1] == _BY_EVENTS
        startups += is_left_out
        verdicts[one == other or is_left_out] += 1
        if one != other and not is_left_out:
            section.find(f"seed {seed} {_subject(whole, less, key[0])} {key[1]}", f"verdict {one} became {other}", is_fatal=True)
    codes: Counter[bool] = Counter()
    for key in sorted(whole[1].keys() | less[1].keys()):
        one, other = (told[1].get(key, {}).get("error_code") for told in (whole, less))
        if one is None and other is None:
            continue
        codes[one == other] += 1
        if one != other:
            section.find(f"seed {seed} {_subject(whole, less, key)}", f"{one} became {other}")
    share = codes[True] / max(1, codes.total())
    if share < _LEAST:
        section.find(f"seed {seed}", f"only {share:.1%} of the codes stay", is_fatal=True)
    section.rows.append(
        [
            str(seed),
            *map(str, events),
            str(verdicts.total()),
            str(verdicts[False]),
            str(startups),
            str(codes.total()),
            str(codes[True]),
            f"{share:.1%}",
        ]
    )


def _subject(whole: _Told, less: _Told, delivery_id: str) -> str:
    row = whole[1].get(delivery_id) or less[1][delivery_id]
    return f"{row['kind']} {row['namespace']}/{row['name'] or row['owner_name']}"
