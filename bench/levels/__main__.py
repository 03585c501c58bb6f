"""`python -m bench.levels`: what the log of a recorded cluster still tells when an audit policy lowers it or the log of an API server is lost.

Here: the command line and what is printed. Not here: the comparison (`compare`).
"""

from __future__ import annotations

import gzip
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from bench.levels.build import derive, lines_of, rows
from bench.levels.compare import Outcome, compare
from bench.levels.variants import VARIANTS
from bench.truth.findings import Section, explain, read_explanations

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipelines.lake import Lake

_EXPLANATIONS = Path(__file__).with_name("explanations.yaml")
_COLUMNS = ("What is logged", "deliveries", "moments", "verdicts", "error codes", "wrong")
_MARKS = ("<!-- levels: by `python -m bench.levels --guide` -->", "<!-- /levels -->")
_SHOWN = 40


def main(
    corpus: Annotated[Path, typer.Option(help="Folder of the recorded runs.", exists=True, file_okay=False)],
    run: Annotated[str, typer.Option(help="The run.")] = "real-a",
    variant: Annotated[list[str] | None, typer.Option(help="Only these variants.")] = None,
    guide: Annotated[Path | None, typer.Option(help="The guide whose table has to say the same; it is written if it does not.", exists=True)] = None,
) -> None:
    """Lowers the log of a run by each policy and loses each server, derives it again and compares; exits with 1 if anything is wrong that nobody explained."""
    section = Section(run, "levels", "The same log at lesser levels", list(_COLUMNS))
    with tempfile.TemporaryDirectory(prefix="levels-") as scratch:
        for name, title, outcome in _outcomes(corpus / run, Path(scratch), variant):
            section.rows.append(_row(title, outcome))
            for subject, text in outcome.wrong:
                section.find(f"{name}: {subject}", text)
    unused = explain([section], read_explanations(_EXPLANATIONS))
    _show(section)
    failing = [finding for finding in section.findings if finding.fails]
    stale = variant is None and guide is not None and not _is_in(guide, section)
    if variant is None and unused:
        typer.echo(f"out of date: {[each.match.pattern for each in unused]}", err=True)
    if stale:
        typer.echo(f"{guide} had another table; it has this one now.", err=True)
    raise typer.Exit(int(bool(failing) or stale))


def _outcomes(folder: Path, scratch: Path, names: list[str] | None) -> Iterator[tuple[str, str, Outcome]]:
    whole = _judged(derive(scratch / "whole", lines_of(folder / "audit")))
    for variant in VARIANTS:
        if names and variant.name not in names:
            continue
        feeds = []
        if variant.has_feed:
            feeds = [scratch / f"{variant.name}.jsonl"]
            feeds[0].write_bytes(b"".join(variant.feed(gzip.decompress((folder / "events-watch.jsonl.gz").read_bytes()).splitlines())))
        lake = derive(scratch / variant.name, variant.lowered(lines_of(folder / "audit")), feeds)
        yield variant.name, variant.title, compare(whole, _judged(lake))


def _judged(lake: Lake) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    return rows(lake, "deliveries"), rows(lake, "verdicts")


def _row(title: str, outcome: Outcome) -> list[str]:
    told, lost = outcome.deliveries["told"], outcome.deliveries["left out"]
    moments, verdicts, codes = outcome.milestones, outcome.verdicts, outcome.codes
    return [
        title,
        f"{told:,} of {told + lost:,}",
        f"{_share(moments, 'same')} the same, {_share(moments, 'inside')} less sharp, {_share(moments, 'left out')} not told",
        f"{_share(verdicts, 'same')}, {_share(verdicts, 'left out')} not judged",
        f"{_share(codes, 'same')}, {_share(codes, 'left out')} `NoEvidence`",
        str(moments["wrong"] + verdicts["wrong"] + codes["different"]),
    ]


def _share(counts: dict[str, int], kind: str) -> str:
    total = sum(counts.values())
    share = 100 * counts.get(kind, 0) / total if total else 0.0
    return f"{share:.0f} %" if share in {0.0, 100.0} else f"{share:.1f} %"


def _show(section: Section) -> None:
    console = Console(width=200)
    table = Table(title=f"{section.run}: {section.title}", title_justify="left")
    for column in section.columns:
        table.add_column(column)
    for row in section.rows:
        table.add_row(*row)
    console.print(table)
    for finding in section.findings[:_SHOWN]:
        console.print(f"  {'✗' if finding.fails else '·'} {finding.subject}: {finding.text}", markup=False, soft_wrap=True)
    for why in dict.fromkeys(finding.why for finding in section.findings if finding.why):
        console.print(f"  {sum(finding.why == why for finding in section.findings)} x {why}", markup=False, style="cyan", soft_wrap=True)
    failing = sum(finding.fails for finding in section.findings)
    console.print(f"{failing} unexplained, {len(section.findings) - failing} explained", style="bold red" if failing else "bold green")


def _is_in(guide: Path, section: Section) -> bool:
    """Whether the guide's table says what was found; it is put there if not."""
    lines = ["| " + " | ".join(cells) + " |" for cells in (_COLUMNS, ["---"] * len(_COLUMNS), *section.rows)]
    text = guide.read_text(encoding="utf-8")
    written = re.sub(f"(?s)({re.escape(_MARKS[0])}\n).*?({re.escape(_MARKS[1])})", lambda m: m[1] + "\n".join(lines) + "\n" + m[2], text)
    guide.write_text(written, encoding="utf-8")
    return written == text


if __name__ == "__main__":
    typer.run(main)
