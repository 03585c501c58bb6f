"""A session of SQL at a terminal: history, completion, statements over several lines, and Ctrl-C that ends a query and not the session.

Here: the loop and what it understands beside SQL. Line editing is prompt_toolkit's. Not here: answering, which the caller hands in.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import Completer, Completion
from prompt_toolkit.filters import Condition
from prompt_toolkit.history import FileHistory, History, InMemoryHistory
from prompt_toolkit.key_binding import KeyBindings
from prompt_toolkit.lexers import PygmentsLexer
from pygments.lexers.sql import SqlLexer

from lake_schema import TABLES
from pipelines.cli.output import Format, out, show
from pipelines.cli.tables import describe_columns, describe_tables
from pipelines.errors import LorgnetteError
from pipelines.lake.cache_file import cache_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from prompt_toolkit.completion import CompleteEvent
    from prompt_toolkit.document import Document
    from prompt_toolkit.key_binding import KeyPressEvent

    from pipelines.serving.limits import QueryResult

_PROMPT, _MORE = "lorgnette> ", "      ...> "
_HELP = r"""A SELECT ends with ; and may have several lines. Tab completes, arrows go through what was asked before.
  \d          the tables          \d TABLE    its columns
  \?          this help           \q          leave (Ctrl-D too)
Ctrl-C ends a query that runs, or clears what is typed."""
_LEAVE = {r"\q", "quit", "exit"}
_ASK_HELP = {r"\?", r"\h", "help"}
# What a person who knows other databases types.
_TABLES = re.compile(r"(\\dt?|show\s+(all\s+)?tables)\s*;?", re.IGNORECASE)
_COLUMNS = re.compile(r"(\\d|describe|desc)\s+(?P<table>\w+)\s*;?", re.IGNORECASE)
# Quoted text and comments, in which a semicolon ends nothing.
_NO_CODE = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*|/\*.*?\*/|'.*|\"(?:.*)|/\*.*", re.DOTALL)
_TABLE_COMES = re.compile(r"\b(?:from|join|describe|desc|summarize|\\d)\s+\w*$", re.IGNORECASE)
_WORD = re.compile(r"\w+$")
_KEYWORDS = re.findall(
    r"\w+",
    """select from where group by order limit having join left using on with as and or not in is null between like ilike case when then else end
    distinct count sum avg min max quantile_cont date_trunc union all desc asc exists interval filter over partition""",
)


def run_shell(ask: Callable[[str], QueryResult]) -> None:
    """Answer what is typed until the person leaves.

    Args:
        ask: Answers one query.
    """
    session: PromptSession[str] = PromptSession(
        _PROMPT,
        multiline=True,
        prompt_continuation=_MORE,
        history=_history(),
        completer=SqlCompleter(),
        complete_while_typing=False,
        lexer=PygmentsLexer(SqlLexer),
        key_bindings=_enter_sends(),
    )
    out().print(r"SQL over the lake. \? for help.", markup=False)
    while True:
        try:
            typed = session.prompt().strip()
        except KeyboardInterrupt:
            continue
        except EOFError:
            return
        if typed.rstrip("; ").lower() in _LEAVE:
            return
        _answer(typed, ask)


def _answer(typed: str, ask: Callable[[str], QueryResult]) -> None:
    """Print the answer to one input; an error is printed too, and ends nothing."""
    try:
        if not typed.strip("; \n"):
            return
        if typed.rstrip("; ").lower() in _ASK_HELP:
            out().print(_HELP, markup=False)
        elif _TABLES.fullmatch(typed):
            show(describe_tables().select(["table", "zone", "one_row_is"]), Format.TABLE)
        elif found := _COLUMNS.fullmatch(typed):
            show(describe_columns(found["table"]), Format.TABLE)
        else:
            _print(ask(typed))
    except LorgnetteError as error:
        out().print(f"Error: {error}", markup=False, style="red")
    except KeyboardInterrupt:
        out().print("Cancelled.", markup=False)


def _print(answer: QueryResult) -> None:
    show(answer.table, Format.TABLE)
    rows = f"{answer.table.num_rows:,} row{'' if answer.table.num_rows == 1 else 's'}"
    more = '; there are more: `lorgnette sql "..." -o csv > file` gives all' if answer.is_cut else ""
    out().print(f"({rows}{more})", markup=False, style="dim")


def is_complete(typed: str) -> bool:
    """Whether Enter sends what is typed: a statement that ends, or a command of the session."""
    text = typed.strip()
    words = text.rstrip("; ").lower()
    if not text or text.startswith("\\") or words in _LEAVE | _ASK_HELP:
        return True
    return _NO_CODE.sub(lambda found: "" if found[0].startswith(("--", "/*")) else "x", text).rstrip().endswith(";")


class SqlCompleter(Completer):
    """Completes tables where one comes, else columns of the tables that the statement names, and words of SQL."""

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterator[Completion]:  # noqa: ARG002 - prompt_toolkit calls it so
        """What the word before the cursor may become."""
        before = document.text_before_cursor
        found = _WORD.search(before)
        word = found[0].lower() if found else ""
        for candidate in self._candidates(before, document.text):
            if candidate.startswith(word) and candidate != word:
                yield Completion(candidate, start_position=-len(word))

    def _candidates(self, before: str, text: str) -> list[str]:
        if _TABLE_COMES.search(before):
            return list(TABLES)
        named = [TABLES[name] for name in dict.fromkeys(re.findall(r"\w+", text.lower())) if name in TABLES]
        columns = dict.fromkeys(column for table in named for column in table.column_names)
        return [*columns, *_KEYWORDS, *TABLES]


def _enter_sends() -> KeyBindings:
    bindings = KeyBindings()

    def _is_complete() -> bool:
        from prompt_toolkit.application import get_app

        return is_complete(get_app().current_buffer.text)

    @bindings.add("enter", filter=Condition(_is_complete))
    def _send(event: KeyPressEvent) -> None:
        event.current_buffer.validate_and_handle()

    return bindings


def _history() -> History:
    """What was asked before, in the user's cache folder where that can be written."""
    path = cache_folder() / "sql_history"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
    except OSError:
        return InMemoryHistory()
    return FileHistory(str(path))
