"""How values are shown to people and to programs."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal

import pyarrow as pa
import pytest

from pipelines.cli.output import Format, err, in_words, json_rows, show
from pipelines.errors import LorgnetteError

AT = datetime(2026, 11, 23, 7, 2, 18, 500_000, tzinfo=UTC)
TABLE = pa.table(
    {"at": pa.array([AT], pa.timestamp("us", tz="UTC")), "names": [["a", "b,c"]], "n": pa.array([Decimal(5)], pa.decimal128(38, 0)), "x": ["[bold]"]}
)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("total_s", 0.0342, "34\u202fms"),
        ("total_s", 12.34, "12.3\u202fs"),
        ("total_s", 245.0, "4\u202fmin 5\u202fs"),
        ("total_s", 7800.0, "2\u202fh 10\u202fmin"),
        ("success_rate", 0.99814, "99.81 %"),
        ("lift", 3.14159, "3.142"),
        ("count", 1234567, "1,234,567"),
        ("count", Decimal(5653), "5,653"),
        ("at", AT, "2026-11-23 07:02:18"),
        ("is_static", True, "yes"),
        ("names", ["a", "b"], "a, b"),
        ("by_node", [("n1", 2), (AT, None)], "n1: 2, 2026-11-23 07:02:18: -"),
        ("object", {"wait_s": 0.5, "n": 1}, "wait_s: 500\u202fms, n: 1"),
        ("took", pa.MonthDayNano([0, 0, 90_500_000_000]), "1\u202fmin 30\u202fs"),
        ("took", pa.MonthDayNano([0, 3, 0]), "3 days"),
        ("took", [pa.MonthDayNano([0, 3, 0])], "3 days"),
        ("took", pa.MonthDayNano([1, 3, 500_000_000]), "1 months 3 days 500\u202fms"),
        ("anything", None, "-"),
    ],
)
def test_values_in_words(name: str, value: object, words: str) -> None:
    assert in_words(name, value) == words


def test_json_holds_numbers_lists_and_iso_instants() -> None:
    assert json.loads(json.dumps(json_rows(TABLE))) == [{"at": "2026-11-23T07:02:18.500000Z", "names": ["a", "b,c"], "n": 5, "x": "[bold]"}]


ODD = pa.table(
    {
        "took": pa.array([pa.MonthDayNano([0, 1, 1_500_000_000]), None], pa.month_day_nano_interval()),
        "by_at": pa.array([[(AT, float("nan"))], []], pa.map_(pa.timestamp("us", tz="UTC"), pa.float64())),
        "x": [float("inf"), 1.5],
        "b": [b"\x07\xff", None],
    }
)


def test_json_is_json_whatever_the_values_are() -> None:
    def refuse(word: str) -> None:
        pytest.fail(word)

    read = json.loads(json.dumps(json_rows(ODD)), parse_constant=refuse)
    assert read == [
        {"took": "P0M1DT1.5S", "by_at": {"2026-11-23T07:02:18.500000Z": None}, "x": None, "b": "07ff"},
        {"took": None, "by_at": [], "x": 1.5, "b": None},
    ]


def test_csv_holds_intervals_and_maps(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    show(ODD, Format.CSV)
    first = capfdbinary.readouterr().out.decode().splitlines()[1]
    assert first == '"P0M1DT1.5S","{""2026-11-23T07:02:18.500000Z"": null}",inf,"07ff"'


def test_csv_holds_iso_instants_and_lists_as_json(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    show(TABLE, Format.CSV)
    assert capfdbinary.readouterr().out.decode() == '"at","names","n","x"\n"2026-11-23T07:02:18.500000Z","[""a"", ""b,c""]",5,"[bold]"\n'


def test_a_table_shows_brackets_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    show(TABLE, Format.TABLE)
    assert "[bold]" in capsys.readouterr().out


@pytest.mark.parametrize("number", [1, 40])
def test_control_characters_of_values_do_not_reach_the_terminal(capsys: pytest.CaptureFixture[str], number: int) -> None:
    # Whoever may ask an API server chooses a user agent, and would choose the colour of our terminal.
    table = pa.table({f"x{column}": ["a\x1b]0;title\x07\x9b31m\r\tb\nc\x7f"] for column in range(number)})
    show(table, Format.TABLE)
    err().print("\x1b[31mred", markup=False)
    printed = "".join(capsys.readouterr())
    assert "]0;title" in printed
    assert not [each for each in printed if each not in "\n\t" and not each.isprintable()]


def test_a_table_of_many_columns_is_shown_row_by_row(capsys: pytest.CaptureFixture[str]) -> None:
    show(pa.table({f"column_{number}": [number, None] for number in range(40)}), Format.TABLE)
    lines = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    assert [line for line in lines if line.startswith("row")] == ["row 1", "row 2"]
    assert "column_39  39" in lines
    assert "column_39  -" in lines


def test_parquet_that_cannot_hold_a_column_has_its_remedy() -> None:
    with pytest.raises(LorgnetteError, match="epoch"):
        show(ODD, Format.PARQUET)
