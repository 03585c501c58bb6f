"""The few things that SQL can't say: exact tails, JSON patches, and the macros that read a sketch.

Here: `register`, which gives a connection what `sql/` needs beyond plain SQL. Not here: the tables' queries (`sql/`).
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.stats.json_patches import register_json_patches
from pipelines.stats.tails import binomial_tail, register_tails

if TYPE_CHECKING:
    import duckdb

__all__ = ["binomial_tail", "digest", "register"]

MACROS = Path(__file__).with_name("macros.sql")
_MODULES = ("tails.py", "json_patches.py")


def digest() -> str:
    """A digest of what `register` gives, for the fingerprint of what was computed with it."""
    return hashlib.blake2b(MACROS.read_bytes() + b"".join(MACROS.with_name(name).read_bytes() for name in _MODULES), digest_size=8).hexdigest()


def register(con: duckdb.DuckDBPyConnection) -> None:
    """Give a connection the functions `binomial_tail` and `json_patch_as_merge`, and the macros of `macros.sql`.

    A cursor inherits none of it: register on the connection that runs the query. Registering twice is harmless.
    """
    register_tails(con)
    register_json_patches(con)
    con.execute(MACROS.read_text()).fetchall()
