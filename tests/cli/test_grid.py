"""Tables on terminals of any width."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from pipelines.cli.grid import Column, fixed, folded, grid

if TYPE_CHECKING:
    from collections.abc import Sequence

COLUMNS = [fixed("code"), folded("message"), Column("good minutes"), Column("share"), fixed("last")]
ROW = ("ImageNotFound", "manifest of registry.corp.example/shop/web:7.7.7 unknown", "1,234,567", "91.7 %", "2026-11-23 07:05:44")


def printed(width: int, rows: Sequence[Sequence[str]] = (ROW,), columns: Sequence[Column] = COLUMNS, spare: Sequence[str] = ()) -> list[str]:
    console = Console(file=io.StringIO(), width=width)
    console.print(grid(columns, rows, width, spare=spare))
    assert isinstance(console.file, io.StringIO)
    return [line.rstrip() for line in console.file.getvalue().splitlines()]


def test_with_room_a_row_is_a_line() -> None:
    assert printed(160)[1] == "ImageNotFound  manifest of registry.corp.example/shop/web:7.7.7 unknown     1,234,567  91.7 %  2026-11-23 07:05:44"


def test_without_room_text_is_folded_and_nothing_else() -> None:
    lines = printed(90)
    assert len(lines) > 3
    assert any("ImageNotFound" in line and "1,234,567" in line and "2026-11-23 07:05:44" in line for line in lines)


def test_what_may_be_left_out_is_named_in_its_order() -> None:
    assert "No room for last: a wider terminal shows them." in printed(70, spare=("last", "share"))
    assert "No room for share, last: a wider terminal shows them." in printed(57, spare=("last", "share"))
    assert not any("No room" in line for line in printed(90, spare=("last", "share")))


def test_no_rows_are_said_to_be_none() -> None:
    assert printed(90, rows=[])[-1] == "No rows."


def test_where_columns_do_not_fit_rows_stand_one_below_the_other() -> None:
    lines = printed(40, rows=[ROW, ROW])
    assert [line for line in lines if line.startswith("row")] == ["row 1", "row 2"]
    assert "good minutes  1,234,567" in lines


@given(st.lists(st.tuples(st.text("ab c\n漢", max_size=40), st.integers(0).map(str)), max_size=4), st.integers(30, 120))
def test_no_line_is_longer_than_the_terminal_and_no_number_is_broken(rows: list[tuple[str, str]], width: int) -> None:
    lines = printed(width, rows, [folded("text"), Column("a number")], spare=("text",))
    numbers = [number for _, number in rows if len(number) <= width - len("a number") - 2]
    assert all(any(line.endswith(number) for line in lines) for number in numbers)
