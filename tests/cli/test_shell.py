"""A session of SQL: what a person types, and what is printed."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import time
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from pipelines.cli.shell import SqlCompleter, is_complete, run_shell
from pipelines.serving.errors import RefusedError
from pipelines.serving.limits import QueryResult
from tests.command import COMMAND, environment

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Session = Callable[..., tuple[list[str], str]]


@pytest.fixture
def session(capsys: pytest.CaptureFixture[str]) -> Session:
    """Type keys; gives the queries that were asked, and what was printed."""

    def typed(keys: str, answer: Callable[[str], QueryResult] | None = None) -> tuple[list[str], str]:
        asked: list[str] = []

        def ask(sql: str) -> QueryResult:
            asked.append(sql)
            return answer(sql) if answer else QueryResult(pa.table({"a": [1, 2]}), is_cut=False)

        with create_pipe_input() as keyboard, create_app_session(input=keyboard, output=DummyOutput()):
            keyboard.send_text(keys)
            run_shell(ask)
        return asked, capsys.readouterr().out

    return typed


def test_a_statement_ends_with_a_semicolon_on_any_line(session: Session) -> None:
    asked, text = session("select 1\rfrom pods\rwhere name = ';\r'\r;\rselect 2;\r\\q\r")
    assert asked == ["select 1\nfrom pods\nwhere name = ';\n'\n;", "select 2;"]
    assert "(2 rows)" in text


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("select 1", False),
        ("select 1;", True),
        ("select 1; -- all", True),
        ("select ';", False),
        ("select ';'", False),
        ("select 1 -- ;", False),
        ("select /* ; */ 1", False),
        ('select ";";', True),
        ("select 'it''s;';", True),
        ("", True),
        (r"\d", True),
        ("help", True),
        ("quit;", True),
    ],
)
def test_enter_sends_what_is_complete(typed: str, expected: bool) -> None:  # noqa: FBT001 - a parameter of the test
    assert is_complete(typed) is expected


def test_tables_and_columns_are_listed(session: Session) -> None:
    asked, text = session("\\d\r\\d verdicts\rshow tables;\rdescribe pods;\r\\d nothing\r\\?\rexit\r")
    assert asked == []
    assert text.count("one_row_is") == 2
    assert "SUCCESS" in text
    assert "restart_policy" in text
    assert "There is no table nothing" in text
    assert "Ctrl-C ends a query" in text


def test_an_error_is_printed_and_ends_nothing(session: Session) -> None:
    def refuse(_: str) -> QueryResult:
        raise RefusedError("No", remedy="Do so.")

    asked, text = session("drop table x;\rselect 1;\r\x04", refuse)
    assert len(asked) == 2
    assert text.count("Error: No\n  remedy: Do so.") == 2


def test_an_interrupt_ends_the_query_and_not_the_session(session: Session) -> None:
    def interrupted(_: str) -> QueryResult:
        raise KeyboardInterrupt

    asked, text = session("select 1;\rselect 2;\rhalf a statem\x03\\q\r", interrupted)
    assert asked == ["select 1;", "select 2;"]
    assert text.count("Cancelled.") == 2


def test_rows_that_were_cut_off_are_said(session: Session) -> None:
    _, text = session("select 1;\r\\q\r", lambda _: QueryResult(pa.table({"a": [1]}), is_cut=True))
    assert "(1 row; there are more" in text


def test_what_was_asked_is_remembered(session: Session) -> None:
    session("select 1;\r\\q\r")
    asked, _ = session("\x1b[A\x1b[A\r\\q\r")  # twice up: before \q
    assert asked == ["select 1;"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("select * from verd", "verdicts"),
        ("select * from pods join deliv", "deliveries"),
        (r"\d slo_h", "slo_hourly"),
        ("select * from phases where duration", "duration_s"),
        ("sel", "select"),
        ("select v.ob| from verdicts v", "objective"),
    ],
)
def test_words_are_completed(text: str, expected: str) -> None:
    position = text.find("|") if "|" in text else len(text)
    document = Document(text.replace("|", ""), position)
    assert expected in [each.text for each in SqlCompleter().get_completions(document, CompleteEvent())]


def test_at_a_terminal(lake_path: Path, tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, "sql", "--lake", str(lake_path)],
        cwd=tmp_path,
        env=environment(TERM="dumb", COLUMNS="200"),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    seen = ""

    def until(words: str) -> None:
        nonlocal seen
        deadline = time.monotonic() + 60
        while words not in seen and time.monotonic() < deadline:
            seen += os.read(ours, 65536).decode(errors="replace")
        assert words in seen
        seen = ""

    until("for help")
    os.write(ours, b"select count(*) > 100 as many from deliveries;\r")
    until("yes")
    os.write(ours, b"select count(*) from range(100000000000) r where r.range % 7 = 3;\r")
    time.sleep(1.5)
    os.kill(process.pid, signal.SIGINT)
    until("Cancelled.")
    os.write(ours, b"select 6 * 7 as answer;\r")
    until("42")
    os.write(ours, b"\\q\r")
    assert process.wait(30) == 0
    os.close(ours)
