"""Exact tails of the binomial distribution, over whole columns.

Here: the tail as a numpy function and as a DuckDB function. Not here: which counts and rates are tested and how the
results are adjusted for their number (`sql/tail/_error_clusters.sql`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from duckdb.func import ARROW

if TYPE_CHECKING:
    import duckdb
    from numpy.typing import ArrayLike, NDArray

NAME = "binomial_tail"


def binomial_tail(successes: ArrayLike, trials: ArrayLike, rate: ArrayLike) -> NDArray[np.float64]:
    """P(X >= successes) for X ~ Binomial(trials, rate), elementwise.

    Uses the identity with the regularised incomplete beta function (NIST DLMF 8.17.5), which keeps its relative accuracy
    deep in the tail where summing probabilities would cancel.

    Args:
        successes: Counts; 0 or less gives 1, more than `trials` gives 0.
        trials: Counts, at least 0.
        rate: Probabilities in [0, 1].
    """
    from scipy.special import betainc  # a quarter of a second that most commands need not pay

    k, n, p = (np.asarray(column, dtype=np.float64) for column in (successes, trials, rate))
    inside = (k > 0) & (k <= n)
    tail = betainc(np.where(inside, k, 1.0), np.where(inside, n - k + 1.0, 1.0), p)
    return np.where(inside, tail, np.where(k <= 0, 1.0, 0.0))


def _arrow_tail(successes: pa.ChunkedArray, trials: pa.ChunkedArray, rate: pa.ChunkedArray) -> pa.Array:
    return pa.array(binomial_tail(successes.to_numpy(), trials.to_numpy(), rate.to_numpy()), type=pa.float64())


def register_tails(con: duckdb.DuckDBPyConnection) -> None:
    """Add `binomial_tail(successes bigint, trials bigint, rate double) -> double` to a connection, null for a null argument."""
    known = con.execute("select 1 from duckdb_functions() where function_name = $name", {"name": NAME}).fetchall()
    if not known:
        con.create_function(NAME, _arrow_tail, ["BIGINT", "BIGINT", "DOUBLE"], "DOUBLE", type=ARROW)
