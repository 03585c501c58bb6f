"""What a check hands back: a table to read, and each disagreement with the reason that somebody wrote down for it.

Here: `Finding`, `Section`, and the matching of findings with `explanations.yaml`. Not here: any check, any printing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Finding:
    """One disagreement between the lake and the truth.

    Args:
        run: The run of the corpus.
        check: The check that found it, such as `milestones`.
        subject: What it is about, such as a pod and a milestone.
        text: Both sides of it.
        is_fatal: Whether it fails the command even if somebody explained it: counts have to be right.
        why: The written explanation, if there is one.
    """

    run: str
    check: str
    subject: str
    text: str
    is_fatal: bool = False
    why: str | None = None

    @property
    def fails(self) -> bool:
        """Whether the command fails for it."""
        return self.is_fatal or self.why is None


@dataclass(slots=True)
class Section:
    """The outcome of one check of one run."""

    run: str
    check: str
    title: str
    columns: list[str]
    rows: list[list[str]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def find(self, subject: str, text: str, *, is_fatal: bool = False) -> None:
        """Adds a disagreement."""
        self.findings.append(Finding(self.run, self.check, subject, text, is_fatal))


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why some findings are no mistake of the product."""

    run: str
    check: str
    match: re.Pattern[str]
    why: str

    def covers(self, finding: Finding) -> bool:
        """Whether the finding is one of those meant."""
        return finding.run == self.run and finding.check == self.check and bool(self.match.search(f"{finding.subject} | {finding.text}"))


def read_explanations(path: Path) -> list[Explanation]:
    """The explanations of a YAML file: a list of `{run, check, match, why}`, `match` a regular expression over `subject | text`."""
    entries = yaml.safe_load(path.read_text(encoding="utf-8")) or []
    return [Explanation(entry["run"], entry["check"], re.compile(entry["match"]), " ".join(entry["why"].split())) for entry in entries]


def explain(sections: Iterable[Section], explanations: list[Explanation]) -> list[Explanation]:
    """Writes the explanations into the findings.

    Returns:
        The explanations that no finding of the same runs and checks needed: they are out of date.
    """
    used: set[int] = set()
    seen: set[tuple[str, str]] = set()
    for section in sections:
        seen.add((section.run, section.check))
        for position, finding in enumerate(section.findings):
            index = next((i for i, e in enumerate(explanations) if e.covers(finding)), None)
            if index is not None:
                used.add(index)
                section.findings[position] = replace(finding, why=explanations[index].why)
    return [e for i, e in enumerate(explanations) if i not in used and (e.run, e.check) in seen]
