"""How numbers are written for people."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime

import pytest

from pipelines.reports import words

FIRST, LAST = datetime(2026, 11, 23, 7, 2, 18, tzinfo=UTC), datetime(2026, 11, 23, 7, 2, 19, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        (0, "0 s"),
        (0.00042, "0.42 ms"),
        (0.0432, "43 ms"),
        (0.9996, "1.00 s"),
        (2.034, "2.03 s"),
        (12.68, "12.7 s"),
        (59.96, "1 min"),
        (279.96, "4 min 40 s"),
        (4320, "1 h 12 min"),
        (3600, "1 h"),
        (183_600, "2 d 3 h"),
        (-0.5, "−500 ms"),
    ],
)
def test_seconds_have_the_unit_that_fits(value: float | None, text: str) -> None:
    assert words.seconds(value).replace("\u202f", " ") == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        (1, "100 %"),
        (0, "0 %"),
        (0.914286, "91.4 %"),
        (0.9996, "99.96 %"),
        (0.99999, "99.999 %"),
        (0.0004, "0.04 %"),
        (-7.28, "−728 %"),
    ],
)
def test_a_share_is_never_rounded_to_all_or_nothing(value: float | None, text: str) -> None:
    assert words.share(value).replace("\u202f", " ") == text


@pytest.mark.parametrize(("value", "text"), [(None, "–"), (0.041, "0.041"), (2.6e-17, "3·10⁻¹⁷"), (0.0, "≈ 0")])
def test_tiny_odds_are_powers_of_ten(value: float | None, text: str) -> None:
    assert words.odds(value) == text


@pytest.mark.parametrize(("value", "text"), [(512, "512 B"), (83_421_622, "80 MiB"), (1536, "1.5 KiB"), (3 * 1024**4, "3.0 TiB")])
def test_bytes_have_binary_units(value: int, text: str) -> None:
    assert words.size(value).replace("\u202f", " ") == text


@pytest.mark.parametrize(("value", "text"), [(None, "–"), (32.16, "32×"), (2.66, "2.7×"), (0, "0×")])
def test_how_many_times_as_much(value: float | None, text: str) -> None:
    assert words.times(value) == text


def test_a_stretch_within_one_second_is_one_moment() -> None:
    assert words.stretch(FIRST, FIRST, is_one_day=True) == "07:02:18"
    assert words.stretch(FIRST, LAST, is_one_day=False) == "23 Nov 07:02:18 – 23 Nov 07:02:19"


@pytest.mark.parametrize("word", ["ImagePullTooMuchTime", "OOMKilled", "FailedAllocateIP", "x", ""])
def test_a_word_may_be_broken_between_its_parts_only(word: str) -> None:
    parts = str(words.breakable(word)).split("<wbr>")
    assert "".join(parts) == word
    assert all(part[:1].isupper() for part in parts[1:])


@pytest.mark.parametrize("cluster", ["prod-eu-1", "it's $(id)", '"`\\'])
def test_a_command_can_be_pasted_into_a_shell(cluster: str) -> None:
    sql = "select \"user\", '$HOME' || '`'\n  from audit_events"
    script = f'lorgnette() {{ printf "%s\\0" lorgnette "$@"; }}; {words.command(sql, cluster)}'
    done = subprocess.run(["/bin/sh", "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split("\0")[:-1] == ["lorgnette", "sql", "-c", cluster, "select \"user\", '$HOME' || '`' from audit_events"]
