"""A component's `/metrics` as it was scraped: histograms by their labels.

Here: the text format, as far as histograms and single values need it. Not here: what they are compared with.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bench.truth.corpus import raw_lines

if TYPE_CHECKING:
    from pathlib import Path

_SAMPLE = re.compile(r"^(?P<name>[a-z_]+)(?:\{(?P<labels>.*)\})? (?P<value>\S+)$")
_LABEL = re.compile(r'([a-z_]+)="((?:[^"\\]|\\.)*)"')
Labels = tuple[str, ...]


@dataclass(slots=True)
class Histogram:
    """Counts up to each upper bound; those of several series or processes add up."""

    buckets: dict[float, int] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """All observations."""
        return self.buckets.get(float("inf"), 0)

    def add(self, bound: float, count: int) -> None:
        """Add what one series counts up to a bound."""
        self.buckets[bound] = self.buckets.get(bound, 0) + count

    def quantile_bucket(self, share: float) -> int:
        """The position of the bucket that holds the nearest rank of a quantile."""
        bounds = sorted(self.buckets)
        rank = -(-self.count * share // 1)
        return next(i for i, bound in enumerate(bounds) if self.buckets[bound] >= rank)

    def bucket_of(self, value: float) -> int:
        """The position of the bucket that a value falls into."""
        return bisect_left(sorted(self.buckets), value)


def histograms(path: Path, family: str, labels: tuple[str, ...]) -> dict[Labels, Histogram]:
    """A histogram family of one scrape, summed up by some of its labels."""
    found: dict[Labels, Histogram] = {}
    for raw in raw_lines(path):
        line = raw.decode().rstrip()
        if line.startswith(f"{family}_bucket") and (match := _SAMPLE.match(line)):
            values = dict(_LABEL.findall(match["labels"]))
            key = tuple(values.get(label, "") for label in labels)
            found.setdefault(key, Histogram()).add(float(values["le"].replace("+Inf", "inf")), int(float(match["value"])))
    return found


def value(path: Path, name: str) -> float:
    """A metric without labels.

    Raises:
        KeyError: The scrape has none of that name.
    """
    for raw in raw_lines(path):
        match = _SAMPLE.match(raw.decode().rstrip())
        if match and match["name"] == name and not match["labels"]:
            return float(match["value"])
    raise KeyError(name)
