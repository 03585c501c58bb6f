"""What names and times tell of when the records of files happened."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.sources.found import Found, Selection, Span
from pipelines.sources.when import BY_CHANGE, BY_FOLDER, BY_ROTATION, Rotations, folder_dates, outside, stretch

DAY = "2026-11-23"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text if "T" in text else f"{DAY}T{text}").replace(tzinfo=UTC)


def log(time: str, folder: str = "/logs", stem: str = "audit", suffix: str = ".log") -> str:
    return f"{folder}/{stem}-{DAY}T{time.replace(':', '-')}.000{suffix}"


def wanted(first: str | None, end: str | None, lag: timedelta = timedelta()) -> Selection:
    return Selection(span=Span(at(first) if first else None, at(end) if end else None), lag=lag)


def kept(uris: list[str], first: str | None, end: str | None) -> list[str]:
    rotations = Rotations(uris)
    return [uri for uri in uris if outside(Found(uri, 1, is_explicit=False), rotations, wanted(first, end)) is None]


SERIES = [log("06:00:00", suffix=".log.gz"), log("07:00:00", suffix=".log.gz"), log("08:00:00"), "/logs/audit.log"]


@pytest.mark.parametrize(
    ("first", "end", "expected"),
    [
        ("07:10", "07:30", [2]),
        ("06:10", "07:30", [1, 2]),
        ("08:10", None, [3]),
        (None, "05:00", [0]),
        (None, None, [0, 1, 2, 3]),
        # Clocks differ by some minutes.
        ("07:58", "08:02", [2, 3]),
        ("07:02", "07:10", [1, 2]),
        ("06:30", "06:56", [1, 2]),
    ],
)
def test_a_rotated_log_holds_what_was_before_its_time_and_after_the_rotation_before(first: str, end: str, expected: list[int]) -> None:
    assert kept(SERIES, first, end) == [SERIES[number] for number in expected]


def test_the_first_rotated_log_may_begin_at_any_time() -> None:
    assert kept([log("08:00:00")], None, "01:00") == [log("08:00:00")]


def test_logs_of_other_folders_and_of_other_stems_are_no_rotation_before() -> None:
    uris = [log("08:00:00"), log("07:00:00", folder="/other"), log("07:00:00", stem="m1-audit"), log("07:30:00", suffix=".json")]
    assert log("08:00:00") in kept(uris, "06:00", "06:30")


def test_the_log_of_one_master_of_a_must_gather_is_bounded_by_its_own_rotations() -> None:
    folder = "/must-gather/audit_logs/kube-apiserver"
    uris = [log(time, folder, f"{host}-audit", ".log.gz") for host in ("master-0", "master-1") for time in ("06:00:00", "08:00:00")]
    uris += [f"{folder}/{host}-audit.log" for host in ("master-0", "master-1")]
    assert kept(uris, "06:30", "07:00") == [uris[1], uris[3]]


@pytest.mark.parametrize("name", ["audit-2026-13-23T07-00-00.000.log", "audit-2026-11-23T07-00-00.log", "audit.log.1", "audit.log-20261123.gz"])
def test_other_names_tell_nothing(name: str) -> None:
    assert kept([name], "23:00", None) == [name]


@given(st.lists(st.integers(0, 86_399), min_size=1, max_size=12, unique=True), st.integers(0, 86_399), st.integers(1, 4000))
def test_no_log_that_holds_a_row_of_the_span_is_left_out(rotations: list[int], start_s: int, length_s: int) -> None:
    midnight = at("00:00")
    times = sorted(rotations)
    uris = [f"/logs/audit-{midnight + timedelta(seconds=each):%Y-%m-%dT%H-%M-%S}.000.log" for each in times]
    selection = Selection(span=Span(midnight + timedelta(seconds=start_s), midnight + timedelta(seconds=start_s + length_s)))
    known = Rotations(uris)
    for uri, (begun_s, ended_s) in zip(uris, pairwise([-(10**6), *times]), strict=True):
        holds_some = begun_s < start_s + length_s and ended_s > start_s
        assert not holds_some or outside(Found(uri, 1, is_explicit=False), known, selection) is None


def test_what_was_last_written_before_the_span_holds_nothing_of_it() -> None:
    found = Found("/logs/x.json", 1, is_explicit=False, modified_at=at("07:00"))
    assert outside(found, Rotations([]), wanted("08:00", None)) == BY_CHANGE
    assert outside(found, Rotations([]), wanted("07:02", None)) is None
    assert outside(found, Rotations([]), wanted(None, "03:00")) is None


def test_a_time_before_kubernetes_was_is_no_time_of_change() -> None:
    found = Found("/logs/x.json", 1, is_explicit=False, modified_at=datetime(1980, 1, 1, tzinfo=UTC))
    assert outside(found, Rotations([]), wanted("08:00", None)) is None


def test_a_dated_folder_holds_what_is_within_the_lag_of_its_date() -> None:
    found = Found("/logs/x.gz", 1, is_explicit=False, dated=stretch([2026, 11, 23, 7]))
    assert outside(found, Rotations([]), wanted("08:00", None)) == BY_FOLDER
    assert outside(found, Rotations([]), wanted(None, "07:00")) == BY_FOLDER
    assert outside(found, Rotations([]), wanted("08:30", "09:00", timedelta(hours=1))) is None
    assert outside(found, Rotations([]), wanted("05:30", "06:30", timedelta(hours=1))) is None
    assert outside(found, Rotations([]), wanted("09:00", None, timedelta(hours=1))) == BY_FOLDER


def test_the_reason_is_the_rotation_where_the_name_has_one() -> None:
    found = Found(log("07:00:00"), 1, is_explicit=False, modified_at=at("07:00"))
    assert outside(found, Rotations([found.uri]), wanted("09:00", None)) == BY_ROTATION


@pytest.mark.parametrize(
    ("folders", "first", "hours"),
    [
        ("2026/11/23/07", "2026-11-23T07:00", 1),
        ("2026/11/23", "2026-11-23T00:00", 24),
        ("prod/2026/11", "2026-11-01T00:00", 720),
        ("y=2026/m=11/d=23/h=07/m=00", "2026-11-23T07:00", 1),
        ("resourceId=/SUBSCRIPTIONS/X/y=2026/m=11/d=23/h=07", "2026-11-23T07:00", 1),
        ("year=2026/month=1/day=2/hour=3", "2026-01-02T03:00", 1),
        ("year=2026", "2026-01-01T00:00", 8760),
        ("date=2026-11-23/hour=07", "2026-11-23T07:00", 1),
        ("dt=2026-11-23/cluster=a", "2026-11-23T00:00", 24),
        ("date=20261123", "2026-11-23T00:00", 24),
        ("hour=2026-11-23-07", "2026-11-23T07:00", 1),
        ("2026-11-23", "2026-11-23T00:00", 24),
        ("AWSLogs/123456789012/vpc/2026/11/23", "2026-11-23T00:00", 24),
        ("1234/2026/11/23", "2026-11-23T00:00", 24),
        ("2026/11/23/55", "2026-11-23T00:00", 24),
        ("2026/12", "2026-12-01T00:00", 744),
    ],
)
def test_dates_in_folders_are_understood(folders: str, first: str, hours: int) -> None:
    found = folder_dates(folders.split("/"))
    assert found is not None
    assert (found.first, found.end - found.first) == (at(first), timedelta(hours=hours))


@pytest.mark.parametrize("folders", ["", "2026", "prod/07", "1234/5678/11", "2026/13/01", "2026/11/45", "cluster=2026", "v2026/11", "0001/01/01"])
def test_other_numbers_are_no_dates(folders: str) -> None:
    assert folder_dates(folders.split("/")) is None
