"""The few things that SQL can't say: exact tails, and the macros that read a sketch.

Here: `register`, which gives a connection what `sql/tail` needs beyond plain SQL. Not here: the tables' queries (`sql/`).
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.stats.tails import binomial_tail, register_tails

if TYPE_CHECKING:
    import duckdb

__all__ = ["binomial_tail", "digest", "register"]

MACROS = Path(__file__).with_name("macros.sql")


def digest() -> str:
    """A digest of what `register` gives, for the fingerprint of what was computed with it."""
    return hashlib.blake2b(MACROS.read_bytes() + MACROS.with_name("tails.py").read_bytes(), digest_size=8).hexdigest()


def register(con: duckdb.DuckDBPyConnection) -> None:
    """Give a connection the function `binomial_tail` and the macros of `macros.sql`.

    A cursor inherits none of it: register on the connection that runs the query. Registering twice is harmless.
    """
    register_tails(con)
    con.execute(MACROS.read_text()).fetchall()
