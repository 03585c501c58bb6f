"""What a report reads: one cluster's tables of the lake over some hours, through the queries in `sql/reports`.

Here: `Reader`. A query's header names its inputs (tables of the lake, stages beginning with `_`, tables of the rules); nothing
repeats them. Not here: what is made of the rows.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias

import duckdb

from lake_schema import TABLES, Grain
from pipelines import sql_files
from pipelines.errors import LorgnetteError
from pipelines.lake import bucket_end
from pipelines.refresh import rules_in_force
from pipelines.refresh.batch import connection

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pipelines.config import Settings
    from pipelines.lake import Lake, LakeFile

Row: TypeAlias = dict[str, Any]

_INPUTS = re.compile(r"^-- inputs: (.+)$", re.MULTILINE)
_HOUR = timedelta(hours=1)


class Reader:
    """One cluster's rows. Views over files are made when a query first asks for them, stages once.

    Args:
        con: A connection with the rules' tables and macros; see `reading`.
        lake: The lake.
        cluster: The cluster's name.
        from_at: Only deliveries from this hour on; all if None.
        to_at: Only deliveries before this hour's end; all if None.
    """

    def __init__(self, con: duckdb.DuckDBPyConnection, lake: Lake, cluster: str, from_at: datetime | None, to_at: datetime | None) -> None:
        self.cluster = cluster
        self.versions: set[str] = set()
        self._con, self._lake = con, lake
        self._from_at = _floor(from_at) if from_at else None
        self._to_at = _ceiling(to_at) if to_at else None
        self._made: set[str] = set()
        self._set_params()

    def rows(self, name: str, /, **params: object) -> list[Row]:
        """The rows of `sql/reports/<name>.sql`, in its order.

        Raises:
            LorgnetteError: The query fails, most likely because the lake was made by another version.
        """
        text = self._prepared(name)
        with self._explained(name):
            found = self._con.sql(text, params=params) if params else self._con.sql(text)
            return [{key: plain(value) for key, value in row.items()} for row in found.to_arrow_table().to_pylist()]

    def several(self, asked: Sequence[tuple[str, Mapping[str, object]]]) -> list[list[Row]]:
        """The rows of several queries, each with its parameters."""
        return [self.rows(name, **params) for name, params in asked]

    def _prepared(self, name: str) -> str:
        """The text of a query, with everything that it reads in place."""
        text = (sql_files.folder() / "reports" / f"{name}.sql").read_text(encoding="utf-8")
        header = _INPUTS.search(text)
        for each in header[1].split(", ") if header else ():
            if each not in self._made:
                self._make(each)
                self._made.add(each)
        return text

    def _make(self, name: str) -> None:
        if name in TABLES:
            self._make_view(name)
        elif name.startswith("_"):
            text = self._prepared(name)
            with self._explained(name):
                self._con.execute(f'create or replace temp table "{name}" as {text}')

    def _make_view(self, name: str) -> None:
        table = TABLES[name]
        files = [file for file in self._lake.visible_files(name, self.cluster) if self._is_wanted(file)]
        select = table.duckdb_empty()
        if files:
            self.versions |= {footer["version"] for footer in self._lake.footers(files).values() if "version" in footer}
            self._con.execute(f'set variable "{name}_files" = $1', [[self._lake.native(file.path) for file in files]])
            select = table.duckdb_files(f"getvariable('{name}_files')")
        with self._explained(name):
            self._con.execute(f'create or replace temp view "{name}" as {select}')

    def _is_wanted(self, file: LakeFile) -> bool:
        grain = TABLES[file.table].grain
        if file.bucket_at is None or grain is Grain.SOURCE:
            return True
        return (self._from_at is None or bucket_end(grain, file.bucket_at) > self._from_at) and (self._to_at is None or file.bucket_at < self._to_at)

    def _set_params(self) -> None:
        last_at = [at for at in self._lake.read("sources", self.cluster, columns=["last_at"])["last_at"].to_pylist() if at is not None]
        self._con.execute(
            "create or replace temp table params as select $cluster::varchar as cluster, coalesce($from_at::timestamptz, '-infinity') as from_at, "
            "coalesce($to_at::timestamptz, 'infinity') as to_at, $watermark_at::timestamptz as watermark_at",
            {"cluster": self.cluster, "from_at": self._from_at, "to_at": self._to_at, "watermark_at": max(last_at, default=None)},
        )

    @contextmanager
    def _explained(self, name: str) -> Iterator[None]:
        """Turn an error of DuckDB into one that names the query."""
        try:
            yield
        except duckdb.Error as error:
            raise LorgnetteError(
                f"The report cannot be computed: {error}",
                where=f"sql/reports/{name}.sql, cluster {self.cluster}, {self._lake.url}",
                remedy="Run `lorgnette refresh` so that all tables are of this version, then write the report again.",
            ) from error


@contextmanager
def reading(lake: Lake, settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that every `Reader` of a report can use."""
    with connection(lake, settings, rules_in_force(settings)) as con:
        yield con


def plain(value: Any) -> Any:  # noqa: ANN401 - any value of a row
    """Sums come as decimals: back to int or float; instants to UTC."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    if isinstance(value, list):
        return [plain(each) for each in value]
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    return value


def _floor(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def _ceiling(at: datetime) -> datetime:
    floor = _floor(at)
    return floor if floor == at else floor + _HOUR
