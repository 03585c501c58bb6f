"""The charts over time, drawn by Altair as SVG text that the page holds.

Here: rows of counts and seconds in, SVG out. Each colour below stands for a meaning; the page's style sheet replaces it by the
theme's own (`[fill="#…"]`), so that one drawing serves light, dark and print. Legends are the page's, too. Not here: bars in
table cells and waterfalls, which are plain HTML.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    import altair as alt

    from pipelines.reports.reading import Row

Length = Literal["minute", "hour", "day"]

# Meaning → the light theme's colour, in the order in which bars are stacked.
VERDICTS = {
    "success": "#b5d3c4",
    "fail_platform": "#1f66b0",
    "fail_capacity": "#d98200",
    "fail_user": "#b0468c",
    "fail_unknown": "#4d4d57",
    "kill": "#9aa1ab",
    "pending": "#dfe3e8",
}
RATES = {"success_rate": "#20262e", "platform_success_rate": "#1f67b1"}
TARGET = "#c2410c"
TIMES = {"p50_s": "#7fb2dd", "p90_s": "#3f86c6", "p99_s": "#17508f", "max_s": "#8d959f"}
_TEXT, _GRID, _AXIS = "#5b6471", "#e4e7eb", "#aab1ba"

_WIDTH = 1040
_LENGTHS = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1)}
_FORMATS = {"minute": "%H:%M", "hour": "%d %b %H:%M", "day": "%d %b"}
_SECONDS_TICKS = [0.001, 0.01, 0.1, 1, 10, 60, 600, 3600, 36_000, 86_400]
_SECONDS_LABELS = (
    "datum.value < 1 ? format(datum.value * 1000, '~g') + ' ms' : datum.value < 60 ? format(datum.value, '~g') + ' s' : "
    "datum.value < 3600 ? format(datum.value / 60, '~g') + ' min' : format(datum.value / 3600, '~g') + ' h'"
)


@dataclass(frozen=True, slots=True)
class Span:
    """The stretch of time that a chart shows, in buckets of one length; `to_at` is exclusive."""

    from_at: datetime
    to_at: datetime
    length: Length


def verdict_chart(rows: Sequence[Row], span: Span, target: float | None, name: str) -> str:
    """Success rates against the target above, verdicts stacked per bucket below.

    Args:
        rows: Counts per bucket as the SLO tables have them, of one kind and objective.
        span: What the x axis shows.
        target: The objective's target share; no line if None.
        name: What a screen reader says that it is.
    """
    import altair as alt

    bars = (
        alt.Chart(_data([bar for row in rows for bar in _stacked(row, span)]), width=_WIDTH, height=130)
        .mark_rect()
        .encode(
            x=_x(span, labels=True),
            x2="end:T",
            y=alt.Y("from:Q", title="deliveries", axis=_y_axis(tickMinStep=1, tickCount=4)),
            y2="to:Q",
            color=alt.Color("verdict:N", scale=alt.Scale(domain=list(VERDICTS), range=list(VERDICTS.values())), legend=None),
        )
    )
    return _svg(alt.vconcat(_rates(rows, span, target), bars, spacing=10).resolve_scale(color="independent"), name)


def time_chart(rows: Sequence[Row], span: Span, name: str) -> str:
    """Percentiles of the delivery time per bucket, on a logarithmic scale.

    Args:
        rows: `p50_s`, `p90_s`, `p99_s` and `max_s` per bucket, of one kind.
        span: What the x axis shows.
        name: What a screen reader says that it is.
    """
    import altair as alt

    points = _points(rows, span, TIMES)
    found = [max(point["value"], _SECONDS_TICKS[0]) for point in points if point["value"] is not None]
    highest, lowest = max(found), min(found)
    domain = [max([tick for tick in _SECONDS_TICKS if tick <= lowest], default=_SECONDS_TICKS[0]), highest * 1.2]
    chart = (
        alt.Chart(_data(points), width=_WIDTH, height=150)
        .mark_line(strokeWidth=1.6, point=alt.OverlayMarkDef(size=18, filled=True, opacity=1))
        .encode(
            x=_x(span, labels=True, end=False),
            y=alt.Y(
                "value:Q",
                title="time to deliver",
                scale=alt.Scale(type="log", domain=domain, nice=False, clamp=True),
                axis=_y_axis(values=[tick for tick in _SECONDS_TICKS if domain[0] <= tick <= domain[1]], labelExpr=_SECONDS_LABELS),
            ),
            color=alt.Color("series:N", scale=alt.Scale(domain=list(TIMES), range=list(TIMES.values())), legend=None),
        )
    )
    return _svg(chart, name)


def _rates(rows: Sequence[Row], span: Span, target: float | None) -> alt.LayerChart | alt.FacetChart:
    import altair as alt

    points = _points(rows, span, RATES)
    lowest = min([point["value"] for point in points if point["value"] is not None] + [0.9 if target is None else target])
    y = alt.Y(
        "value:Q",
        title="success",
        scale=alt.Scale(domain=[max(0.0, round(lowest - 0.05, 1)), 1], nice=False),
        axis=_y_axis(format=".0%", tickCount=3),
    )
    base = alt.Chart(width=_WIDTH, height=70)
    rule = base.mark_rule(color=TARGET, strokeDash=[5, 4], strokeWidth=1.5).encode(y="value:Q")
    lines = base.mark_line(strokeWidth=1.6, point=alt.OverlayMarkDef(size=20, filled=True, opacity=1)).encode(
        x=_x(span, labels=False, end=False),
        y=y,
        color=alt.Color("series:N", scale=alt.Scale(domain=list(RATES), range=list(RATES.values())), legend=None),
    )
    layers = [lines.properties(data=_data(points))]
    if target is not None:
        layers.append(rule.properties(data=_data([{"value": target}])))
    return alt.layer(*layers)


def _x(span: Span, *, labels: bool, end: bool = True) -> alt.X:
    import altair as alt

    scale = alt.Scale(type="utc", domain=[_iso(span.from_at), _iso(span.to_at)], nice=False)
    axis = alt.Axis(format=_FORMATS[span.length], labels=labels, ticks=labels, tickCount=12, grid=False, labelOverlap=True)
    return alt.X("start:T" if end else "at:T", title=None, scale=scale, axis=axis)


def _y_axis(**options: Any) -> alt.Axis:  # noqa: ANN401 - handed on to Altair
    import altair as alt

    return alt.Axis(minExtent=46, maxExtent=46, titleFontWeight="normal", domain=False, ticks=False, **options)


def _bucket(at: datetime, span: Span) -> dict[str, str]:
    """The edges of a bucket's bar, a little apart from its neighbours."""
    length = _LENGTHS[span.length]
    return {"start": _iso(at + length * 0.06), "end": _iso(at + length * 0.94)}


def _stacked(row: Row, span: Span) -> Iterator[dict[str, Any]]:
    """The bars of one bucket, each on top of the one before."""
    below = 0
    for verdict in VERDICTS:
        if row[verdict]:
            yield _bucket(row["bucket_at"], span) | {"from": below, "to": below + row[verdict], "verdict": verdict}
            below += row[verdict]


def _points(rows: Sequence[Row], span: Span, series: Iterable[str]) -> list[dict[str, Any]]:
    """A value per bucket and series; null where there is none, so that no line bridges what is not known."""
    by_bucket = {row["bucket_at"]: row for row in rows}
    buckets = [span.from_at + _LENGTHS[span.length] * index for index in range(-(-(span.to_at - span.from_at) // _LENGTHS[span.length]))]
    return [{"at": _middle(at, span), "value": by_bucket.get(at, {}).get(each), "series": each} for at in buckets for each in series]


def _middle(at: datetime, span: Span) -> str:
    return _iso(at + _LENGTHS[span.length] / 2)


def _iso(at: datetime) -> str:
    return at.isoformat()


def _data(rows: Sequence[dict[str, Any]]) -> alt.InlineData:
    import altair as alt

    return alt.InlineData(values=list(rows))


def _svg(chart: alt.VConcatChart | alt.Chart, name: str) -> str:
    """The chart as an SVG element without a size of its own, so that the page decides."""
    import altair as alt
    import vl_convert

    styled = (
        chart.properties(background="transparent", padding=2)
        .configure_view(stroke=None)
        .configure_axis(
            labelColor=_TEXT,
            titleColor=_TEXT,
            gridColor=_GRID,
            domainColor=_AXIS,
            tickColor=_AXIS,
            labelFontSize=11,
            titleFontSize=11,
            labelFont="sans-serif",
            titleFont="sans-serif",
        )
    )
    svg = str(vl_convert.vegalite_to_svg(styled.to_dict(), vl_version=alt.SCHEMA_VERSION.removeprefix("v").rpartition(".")[0], allowed_base_urls=[]))
    head, _, rest = svg.partition(">")
    width, height = (head.partition(f'{side}="')[2].partition('"')[0] for side in ("width", "height"))
    body = rest.replace(' role="graphics-object"', "").replace(' role="graphics-symbol"', "")
    return f'<svg class="chart" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" aria-label="{_escaped(name)}">{body}'


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
