"""The text of each query that HTTP asks: a file of `sql/serving`, or one of the report's, with everything that it reads as a WITH part.

A file's header names its inputs, as in `sql/reports`: tables of the lake, stages beginning with `_`, or `series`, one of the tables of
the SLO. Each table is read through a part that holds it to the window of time: a filter on the table's own instant is what lets the
door leave files unopened. So no query says `where started_at >= …`. Not here: the values of the parameters (`reading`).
"""

from __future__ import annotations

import re
from functools import cache

from lake_schema import TABLES, Grain
from pipelines import sql_files

SERIES = {"minute": "slo_minutely", "hour": "slo_hourly", "day": "slo_daily", "month": "slo_monthly"}
_INPUTS = re.compile(r"^-- inputs: (.+)$", re.MULTILINE)
_COMMENT = re.compile(r"^\s*--.*$", re.MULTILINE)
_WITH = re.compile(r"\s*with\s+", re.IGNORECASE)
_PARAMETER = re.compile(r"\$(\w+)")
_PARAMS = "params as (select $from_at::timestamptz as from_at, $to_at::timestamptz as to_at, (select max(last_at) from sources) as watermark_at)"


@cache
def statement(name: str, length: str = "hour") -> str:
    """The whole text of a query.

    Args:
        name: The file, such as `search`.
        length: Which table of the SLO `series` is.
    """
    parts: dict[str, str] = {}
    body = _placed(name, length, parts)
    head, body = ("", body) if not (found := _WITH.match(body)) else (body[: found.end()], body[found.end() :])
    if not parts:
        return head + body
    joined = ",\n".join(parts.values())
    return f"with {joined},\n{body}" if head else f"with {joined}\n{body}"


def parameters(text: str) -> frozenset[str]:
    """The names of the parameters of a text."""
    return frozenset(_PARAMETER.findall(text))


def tables(name: str) -> frozenset[str]:
    """The tables of the lake that a query reads; for a query of `series` all that it can be; a table's name stands for itself."""
    if name in TABLES:
        return frozenset({name})
    found: set[str] = set()
    for each in _inputs(_text(name)):
        found |= {each} if each in TABLES else set(SERIES.values()) if each == "series" else tables(each) if each.startswith("_") else set()
    return frozenset(found)


def _placed(name: str, length: str, parts: dict[str, str]) -> str:
    """A file's text that reads from `parts`, which are added in the order in which they need each other."""
    text = _text(name)
    inputs = _inputs(text)
    text = _COMMENT.sub("", text).strip()
    for each in inputs:
        table = SERIES[length] if each == "series" else each
        if table in TABLES:
            parts.setdefault(each, _narrowed(each, table))
            text = re.sub(rf"\b(from|join)\s+{each}\b(?!\.|\s+as\b)", rf"\1 narrow_{each} as {each}", text)
            text = re.sub(rf"\b(from|join)\s+{each}\b(?=\s+as\b)", rf"\1 narrow_{each}", text)
        elif each.startswith("_") and each not in parts:
            stage = _placed(each, length, parts)
            parts[each] = f'"{each}" as (\n{stage}\n)'
    if re.search(r",\s*params\b", text):
        parts.setdefault("params", _PARAMS)
    return text


def _narrowed(name: str, table: str) -> str:
    """A table held to the window; whole if it has no instant."""
    instant = TABLES[table].instant
    if instant is None:
        return f"narrow_{name} as not materialized (select * from {table})"  # noqa: S608 - names of lake_schema
    begin = "at" if instant != "bucket_at" or table.endswith("_minutely") else TABLES[table].grain.value
    held = f"{instant} >= $from_{begin}::timestamptz and {instant} < $to_at::timestamptz"
    return f"narrow_{name} as not materialized (select * from {table} where {held})"  # noqa: S608 - the same


def begins() -> tuple[str, ...]:
    """The parameters that a window's start is given as: exact, and the start of its hour, day and month."""
    return ("from_at", *(f"from_{grain.value}" for grain in (Grain.HOUR, Grain.DAY, Grain.MONTH)))


def _inputs(text: str) -> list[str]:
    header = _INPUTS.search(text)
    return header[1].split(", ") if header else []


@cache
def _text(name: str) -> str:
    for folder in ("serving", "reports"):
        path = sql_files.folder() / folder / f"{name}.sql"
        if path.is_file():
            return path.read_text(encoding="utf-8")
    message = f"there is no query {name}"
    raise ValueError(message)
