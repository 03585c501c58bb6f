"""Rows on a terminal of any width: numbers and times stay on one line, text is folded, and what matters least is left out first.

Here: how wide each column is, and rows one below the other where columns do not fit. Not here: what stands in the cells (the commands).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.console import Group
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rich.console import RenderableType

_BETWEEN = 2
# Text that is folded shorter than this cannot be read, and a word that is no longer than that is not broken.
_LEGIBLE, _WORD = 12, 24


@dataclass(frozen=True, slots=True)
class Column:
    """A column of numbers; of words or times if it stands at the left, which may be folded down to `least` characters if that is given."""

    name: str
    is_left: bool = False
    least: int | None = None


def fixed(name: str) -> Column:
    """A column of words or times that stay on one line."""
    return Column(name, is_left=True)


def folded(name: str, least: int = _LEGIBLE) -> Column:
    """A column of text, which may be folded."""
    return Column(name, is_left=True, least=least)


def grid(
    columns: Sequence[Column],
    rows: Iterable[Sequence[str | Text]],
    width: int,
    *,
    spare: Sequence[str] = (),
    title: str | None = None,
    header_style: str = "dim",
) -> RenderableType:
    """Rows under columns, or one below the other if there is no room for the columns.

    Args:
        columns: The columns.
        rows: Their cells.
        width: How many characters there is room for.
        spare: Names of columns that may be left out, the first of them first.
        title: What stands above.
        header_style: How the columns' names look.
    """
    # Text, not markup: values come from logs and may hold brackets.
    cells = [[cell if isinstance(cell, Text) else Text(cell) for cell in row] for row in rows]
    contents = [max((_longest(row[index].plain.split("\n")) for row in cells), default=0) for index in range(len(columns))]
    needed = [_needed(column, contents[index], [row[index] for row in cells]) for index, column in enumerate(columns)]
    kept = _kept(columns, needed, width, spare)
    if _taken(needed, kept) > width:
        return _records(columns, cells, title)
    shown = _table(title, header_style=header_style)
    natural = [max(cell_len(column.name), content) for column, content in zip(columns, contents, strict=True)]
    for index, chars in zip(kept, _shared([needed[index] for index in kept], [natural[index] for index in kept], width), strict=True):
        column = columns[index]
        shown.add_column(Text(column.name), justify="left" if column.is_left else "right", overflow="fold", width=chars)
    for row in cells:
        shown.add_row(*(row[index] for index in kept))
    if not cells:
        shown.caption = Text("No rows.")
    if gone := [column.name for index, column in enumerate(columns) if index not in kept]:
        shown.caption = Text(f"No room for {', '.join(gone)}: a wider terminal shows them.")
    return shown


def _longest(parts: Iterable[str]) -> int:
    return max(map(cell_len, parts), default=0)


def _needed(column: Column, content: int, cells: Iterable[Text]) -> int:
    """A column's name is broken between its words if need be."""
    least = content
    if column.least is not None:
        least = min(content, max(column.least, min(_WORD, max((_longest(cell.plain.split()) for cell in cells), default=0))))
    return max(_longest(column.name.split()), least)


def _kept(columns: Sequence[Column], needed: Sequence[int], width: int, spare: Sequence[str]) -> list[int]:
    kept = list(range(len(columns)))
    for name in spare:
        if _taken(needed, kept) > width:
            kept = [index for index in kept if columns[index].name != name]
    return kept


def _taken(needed: Sequence[int], kept: Sequence[int]) -> int:
    return sum(needed[index] for index in kept) + _BETWEEN * (len(kept) - 1)


def _shared(needed: Sequence[int], natural: Sequence[int], width: int) -> list[int]:
    """What is wider than others gives way first."""
    for level in range(width, -1, -1):
        widths = [max(least, min(whole, level)) for least, whole in zip(needed, natural, strict=True)]
        if sum(widths) + _BETWEEN * (len(widths) - 1) <= width:
            return widths
    return list(needed)


def _records(columns: Sequence[Column], cells: Sequence[Sequence[Text]], title: str | None) -> Group:
    parts: list[RenderableType] = [] if title is None else [Text(title, style="bold")]
    for number, row in enumerate(cells, start=1):
        record = _table(f"row {number:,}" if len(cells) > 1 else None, has_header=False)
        record.add_column(no_wrap=True)
        record.add_column(overflow="fold")
        for column, cell in zip(columns, row, strict=True):
            record.add_row(Text(column.name), cell)
        parts.append(record)
    return Group(*parts)


def _table(title: str | None, *, header_style: str = "", has_header: bool = True) -> Table:
    return Table(
        title=title,
        title_justify="left",
        title_style="bold",
        caption_justify="left",
        header_style=header_style,
        show_header=has_header,
        box=None,
        pad_edge=False,
        padding=(0, _BETWEEN, 0, 0),
    )
