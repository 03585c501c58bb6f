"""How the comparison is shown: tables for people, JSON for machines.

Here: rendering only. Not here: any check.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from rich.table import Table

if TYPE_CHECKING:
    from rich.console import Console

    from bench.truth.findings import Explanation, Finding, Section


_SHOWN = 40


def as_json(sections: list[Section], unused: list[Explanation]) -> str:
    """All sections, and the explanations that nothing needed."""
    body = {
        "ok": not any(finding.fails for section in sections for finding in section.findings),
        "sections": [asdict(section) for section in sections],
        "unused_explanations": [{"run": e.run, "check": e.check, "match": e.match.pattern} for e in unused],
    }
    return json.dumps(body, indent=1, ensure_ascii=False)


def show(sections: list[Section], unused: list[Explanation], console: Console) -> None:
    """Prints one table per section, its findings below it, and the outcome."""
    for section in sections:
        console.print(_table(section))
        for note in section.notes:
            console.print(f"  {note}", markup=False, style="dim")
        _show_findings(section, console)
    for explanation in unused:
        text = f"out of date: {explanation.run} {explanation.check} {explanation.match.pattern!r} explains nothing"
        console.print(text, markup=False, style="yellow")
    failing = [finding for section in sections for finding in section.findings if finding.fails]
    explained = sum(len(section.findings) for section in sections) - len(failing)
    console.print(f"{len(failing)} unexplained or wrong, {explained} explained", style="bold red" if failing else "bold green")


def _table(section: Section) -> Table:
    table = Table(title=f"{section.run}: {section.title}", title_justify="left")
    for column in section.columns:
        table.add_column(column)
    for row in section.rows:
        table.add_row(*row)
    return table


def _show_findings(section: Section, console: Console) -> None:
    failing = [finding for finding in section.findings if finding.fails]
    for finding in failing[:_SHOWN]:
        console.print(f"  ✗ {finding.subject}: {finding.text}", markup=False, style="red", soft_wrap=True)
    if len(failing) > _SHOWN:
        console.print(f"  ✗ and {len(failing) - _SHOWN} more; -o json has them all", markup=False, style="red")
    explained: dict[str, list[Finding]] = {}
    for finding in section.findings:
        if not finding.fails:
            explained.setdefault(finding.why or "", []).append(finding)
    for why, findings in explained.items():
        console.print(f"  {len(findings)} x {why}", markup=False, style="cyan", soft_wrap=True)
        for finding in findings:
            console.print(f"      {finding.subject}: {finding.text}", markup=False, style="dim", soft_wrap=True)
