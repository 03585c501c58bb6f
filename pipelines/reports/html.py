"""The HTML file: pages of clusters through one Jinja template, styles and scripts inside.

Here: `write_report`. Not here: what a page says (`page`) and how it looks (`templates`).
"""

from __future__ import annotations

from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import jinja2

from pipelines.config import Settings
from pipelines.errors import LorgnetteError
from pipelines.reports import charts, words
from pipelines.reports.page import cluster_page
from pipelines.reports.reading import Reader, reading

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from pipelines.lake import Lake
    from pipelines.reports.page import ClusterPage


STYLES = Path(__file__).with_name("templates") / "report.css"
THEME = STYLES.with_name("theme.js")


def write_report(
    lake: Lake,
    clusters: Sequence[str] | None,
    out: Path,
    *,
    from_at: datetime | None = None,
    to_at: datetime | None = None,
    settings: Settings | None = None,
) -> Path:
    """Write the report of some clusters as one HTML file that needs nothing else.

    Args:
        lake: The lake.
        clusters: The clusters, in this order; all of the lake if None.
        out: The file; its folder is made if need be.
        from_at: Only deliveries that start in this hour or later.
        to_at: Only deliveries that start before this, rounded up to the hour.
        settings: Limits; the defaults if left out.

    Returns:
        The file.

    Raises:
        LorgnetteError: A table cannot be read, or the file cannot be written.
    """
    pages = _pages(lake, lake.clusters() if clusters is None else clusters, from_at, to_at, settings or Settings())
    text = (
        _environment()
        .get_template("report.html.j2")
        .render(
            pages=pages,
            is_cut=from_at is not None or to_at is not None,
            versions={name: version(name) for name in ("duckdb", "altair", "vl-convert-python")},
            verdict_colours=charts.VERDICTS,
            chart_times=charts.TIMES,
        )
    )
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise LorgnetteError(f"The report cannot be written: {error.strerror}", where=str(out), remedy="Give another place with --out.") from error
    return out


def _pages(lake: Lake, clusters: Sequence[str], from_at: datetime | None, to_at: datetime | None, settings: Settings) -> list[ClusterPage]:
    is_cut = from_at is not None or to_at is not None
    with reading(lake, settings) as con:
        return [
            cluster_page(Reader(con, lake, cluster, from_at, to_at), position, is_cut=is_cut) for position, cluster in enumerate(clusters, start=1)
        ]


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("pipelines.reports"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {each.__name__: each for each in words.FILTERS}
    environment.tests["missed"] = words.is_missed
    environment.globals |= {"objective_words": words.objective, "command": words.command, "include_text": partial(_text, environment)}
    return environment


def _text(environment: jinja2.Environment, name: str) -> str:
    """A file beside the templates as it is."""
    assert environment.loader is not None  # noqa: S101 - set above
    return environment.loader.get_source(environment, name)[0]
