"""How numbers are written for people: seconds, shares, counts, instants, and the commands that give the rows behind them.

Here: pure functions, used as filters of the page and in the summary. Not here: what is said (`headline`) and where it stands (templates).
"""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

DASH = "–"
_MS_PER_S = 1000
_MINUTE_S = 60
_HOUR_S = 3600
_DAY_S = 86_400
_KIB = 1024
_MOST_DECIMALS = 4
_GAP = "\u202f"
_IN_DOUBLE_QUOTES = str.maketrans({"\\": r"\\", '"': r"\"", "$": r"\$", "`": r"\`"})

KIND_WORDS = {
    "pod_create": "Pod creation",
    "pod_delete": "Pod deletion",
    "pod_upgrade": "In-place upgrade",
    "pvc_bind": "Volume binding",
    "api_call": "API calls",
}
OBJECTIVE_WORDS = {
    ("pod_create", "wall"): "Ready in time",
    ("pod_create", "platform"): "Platform in time",
    ("pod_create", "sig_startup"): "Started in time",
    ("pod_delete", "10m"): "Gone within 10 min",
    ("pod_delete", "1h"): "Gone within 1 h",
    ("pod_delete", "24h"): "Gone within 24 h",
    ("pod_upgrade", "wall"): "Upgraded in time",
    ("pvc_bind", "wall"): "Bound in time",
    ("api_call", "mutating"): "Writes in time",
    ("api_call", "read"): "Reads in time",
}


def seconds(value: float | None) -> str:
    """A duration with the unit that fits: `43 ms`, `2.03 s`, `12.7 s`, `4 min 40 s`, `1 h 12 min`, `2 d 3 h`."""
    if value is None:
        return DASH
    sign, size = ("−" if value < 0 else "", abs(value))
    return sign + _unsigned(size)


def _unsigned(size: float) -> str:
    if size == 0:
        return f"0{_GAP}s"
    if size < 0.9995:  # noqa: PLR2004 - what would be written as 1000 ms
        ms = size * _MS_PER_S
        return f"{ms:.0f}{_GAP}ms" if ms >= 9.95 else f"{ms:.2g}{_GAP}ms"  # noqa: PLR2004 - two digits from there on
    if size < 59.95:  # noqa: PLR2004 - what would be written as 60.0 s
        return f"{size:.2f}{_GAP}s" if size < 9.995 else f"{size:.1f}{_GAP}s"  # noqa: PLR2004
    whole = round(size)
    for unit_s, unit, part_s, part in ((_DAY_S, "d", _HOUR_S, "h"), (_HOUR_S, "h", _MINUTE_S, "min"), (_MINUTE_S, "min", 1, "s")):
        if whole >= unit_s:
            rest = whole % unit_s // part_s
            return f"{whole // unit_s}{_GAP}{unit}" + (f" {rest}{_GAP}{part}" if rest else "")
    return f"{whole}{_GAP}s"


def share(value: float | None) -> str:
    """A rate in per cent, with as many decimals as it takes not to call 0.9996 the whole nor 0.0004 nothing."""
    if value is None:
        return DASH
    if value in {0, 1} or abs(value) > 1:
        return f"{value * 100:,.0f}{_GAP}%".replace("-", "−")
    decimals = 1
    while decimals < _MOST_DECIMALS and f"{value * 100:.{decimals}f}" in {f"{100:.{decimals}f}", f"{0:.{decimals}f}"}:
        decimals += 1
    return f"{value * 100:.{decimals}f}{_GAP}%"


def target(value: float | None) -> str:
    """A target in per cent, without needless zeros."""
    return DASH if value is None else f"{round(value * 100, 6):g}{_GAP}%"


def aim(row: Mapping[str, Any]) -> str:
    """An objective's target with what it is a share of, if that is minutes."""
    return target(row["target"]) + (" of minutes" if row["budget"] == "minutes" and row["target"] is not None else "")


def is_missed(row: Mapping[str, Any]) -> bool:
    """Whether an objective's target was missed; not before anything is decided."""
    return row["attained"] is not None and row["target"] is not None and bool(row["attained"] < row["target"])


def count(value: float | None) -> str:
    """A number of things, in groups of three; decimals only where they are."""
    if value is None:
        return DASH
    return f"{value:,.0f}" if value == round(value) else f"{value:,.2f}"


def times(value: float | None) -> str:
    """How many times as much: `32×`, `2.7×`."""
    if value is None:
        return DASH
    return f"{value:,.0f}×" if value >= 9.95 or value == 0 else f"{value:.1f}×"  # noqa: PLR2004 - two digits


def odds(value: float | None) -> str:
    """A probability; a tiny one as a power of ten."""
    if value is None:
        return DASH
    if value >= 0.001:  # noqa: PLR2004 - three decimals say enough
        return f"{value:.3f}"
    if value == 0:
        return "≈ 0"
    digit, _, exponent = f"{value:.0e}".partition("e")
    return f"{digit}·10{_superscript(int(exponent))}"


def _superscript(number: int) -> str:
    return str(number).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))


def size(value: float | None) -> str:
    """Bytes in binary units."""
    if value is None:
        return DASH
    for unit in ("B", "KiB", "MiB", "GiB"):
        if value < _KIB:
            return f"{value:.0f}{_GAP}{unit}" if unit == "B" or value >= 9.95 else f"{value:.1f}{_GAP}{unit}"  # noqa: PLR2004 - two digits
        value /= _KIB
    return f"{value:.1f}{_GAP}TiB"


def milliseconds(value: float | None) -> str:
    """A time of a clock or an uncertainty, given in ms."""
    return DASH if value is None else seconds(value / _MS_PER_S)


def clock(value: datetime | None) -> str:
    """The time of day in UTC, to the second."""
    return DASH if value is None else f"{value:%H:%M:%S}"


def day(value: datetime | None) -> str:
    """The date, such as `23 Nov 2026`."""
    return DASH if value is None else f"{value.day} {value:%b %Y}"


def instant(value: datetime | None) -> str:
    """Date and time of day in UTC, to the second."""
    return DASH if value is None else f"{value:%Y-%m-%d %H:%M:%S}"


def moment(value: datetime | None, is_one_day: bool) -> str:  # noqa: FBT001 - a filter's argument
    """The time of day; with the day where the report covers several."""
    return clock(value) if is_one_day or value is None else f"{value:%d %b %H:%M:%S}"


def stretch(first: datetime, last: datetime, is_one_day: bool) -> str:  # noqa: FBT001 - a filter's argument
    """From the first to the last moment; only one if they are the same second."""
    ends = dict.fromkeys((moment(first, is_one_day), moment(last, is_one_day)))
    return " – ".join(ends)


def breakable(word: str) -> Markup:
    """A CamelCase word that may be broken between its parts."""
    return Markup("<wbr>").join(re.findall(r"[A-Z]?[^A-Z]+|[A-Z]+(?![a-z])", word) or [word])


def kind(value: str) -> str:
    """A kind of delivery in words."""
    return KIND_WORDS.get(value, value)


def objective(kind_: str, name: str) -> str:
    """An objective in words."""
    return OBJECTIVE_WORDS.get((kind_, name), name)


def command(sql: str, cluster: str) -> str:
    """The command that gives the rows of a query: safe to paste into a POSIX shell."""
    return f'lorgnette sql -c {shlex.quote(cluster)} "{" ".join(sql.split()).translate(_IN_DOUBLE_QUOTES)}"'


def file_name(uri: str | None) -> str:
    """The last part of a source's URI."""
    return DASH if uri is None else uri.rstrip("/").rpartition("/")[2]


# What templates call as filters.
FILTERS = (
    aim,
    seconds,
    share,
    target,
    count,
    times,
    odds,
    size,
    milliseconds,
    clock,
    day,
    instant,
    moment,
    stretch,
    breakable,
    kind,
    file_name,
)
