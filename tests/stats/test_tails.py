"""The binomial tail is exact, in the middle and deep in the tail, from Python and from SQL."""

from __future__ import annotations

from fractions import Fraction
from math import comb
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines import stats
from pipelines.stats import binomial_tail

if TYPE_CHECKING:
    import duckdb


def by_definition(successes: int, trials: int, rate: float) -> float:
    p = Fraction(rate)
    return float(sum(comb(trials, k) * p**k * (1 - p) ** (trials - k) for k in range(max(successes, 0), trials + 1)))


@given(trials=st.integers(0, 60), successes=st.integers(-1, 61), rate=st.floats(0, 1, allow_subnormal=False).map(lambda p: round(p, 6)))
def test_equals_the_sum_of_the_probabilities(trials: int, successes: int, rate: float) -> None:
    assert binomial_tail(successes, trials, rate) == pytest.approx(by_definition(successes, trials, rate), rel=1e-10, abs=1e-300)


def test_keeps_its_accuracy_deep_in_the_tail() -> None:
    assert binomial_tail(60, 60, 1e-4) == pytest.approx(1e-240, rel=1e-10)


def test_stays_within_zero_and_one_for_a_million_trials() -> None:
    tail = binomial_tail(np.arange(0, 1_000_001, 1000), 1_000_000, 0.01)
    assert tail.min() >= 0
    assert tail.max() == 1
    assert (np.diff(tail) <= 0).all()


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [((0, 10, 0.1), 1.0), ((11, 10, 0.1), 0.0), ((1, 10, 0.0), 0.0), ((10, 10, 1.0), 1.0), ((0, 0, 0.5), 1.0)],
    ids=["none are at least none", "more than there are", "impossible", "certain", "no trials"],
)
def test_edges(arguments: tuple[int, int, float], expected: float) -> None:
    assert binomial_tail(*arguments) == expected


def test_sql_gives_null_for_null_and_works_across_batches(con: duckdb.DuckDBPyConnection) -> None:
    query = "select k, binomial_tail(k, 5000, case when k % 2 = 0 then 0.5 end) from range(5000) as ks(k) order by k"
    tails = [tail for _, tail in con.execute(query).fetchall()]
    assert tails[1::2] == [None] * 2500
    assert tails[0::2] == pytest.approx(binomial_tail(np.arange(0, 5000, 2), 5000, 0.5).tolist(), rel=1e-12)


def test_registering_twice_is_harmless(con: duckdb.DuckDBPyConnection) -> None:
    stats.register(con)
    assert con.execute("select binomial_tail(1, 2, 0.5)").fetchall() == [(0.75,)]
