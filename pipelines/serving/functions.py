"""The functions that a query may call: those of DuckDB's that compute from their arguments alone, by name.

Here: the few table functions that are allowed, the list of all others that are (`functions.txt`), and those that are not, by what they do,
so that people are told why. What is in neither list is refused, whatever version of DuckDB it comes with. Not here: walking a query (`gate`).
"""

from __future__ import annotations

import difflib
from importlib.resources import files

# All others read files, the catalog or the settings, or run text as SQL.
TABLE_FUNCTIONS = frozenset({"range", "generate_series", "unnest", "json_each", "json_tree"})

_REFUSED = {
    "reads settings or the environment": {"current_setting", "getvariable", "getenv"},
    "tells about the server and not about the lake": {
        "version",
        "current_catalog",
        "current_connection_id",
        "current_database",
        "current_query",
        "current_query_id",
        "current_role",
        "current_schema",
        "current_schemas",
        "current_transaction_id",
        "current_user",
        "session_user",
        "user",
        "txid_current",
        "in_search_path",
        "get_block_size",
        "col_description",
        "obj_description",
        "shobj_description",
        "map_to_pg_oid",
        "map_type_id_to_pg_oid",
        "stats",
        "vector_type",
    },
    "keeps state between rows or queries": {"nextval", "currval", "setval", "setseed", "write_log"},
    "only waits": {"sleep_ms", "pg_sleep"},
    "handles SQL as data": {
        "json_serialize_sql",
        "json_deserialize_sql",
        "json_serialize_plan",
        "json_execute_serialized_sql",
        "query",
        "query_table",
    },
    "is for DuckDB's own use": {
        "combine",
        "finalize",
        "to_aggregate_state",
        "invoke",
        "index_key",
        "create_sort_key",
        "icu_sort_key",
        "remap_struct",
        "replace_type",
        "variant_bytes_to_variant",
        "variant_to_parquet_variant",
        "parse_duckdb_log_message",
        "enum_code",
    },
}
_REFUSED_PREFIXES = {
    "__internal": "is for DuckDB's own use",
    "pg_": "tells about the server and not about the lake",
    "has_": "tells about the server and not about the lake",
    "inet_": "tells about the server and not about the lake",
    "duckdb_": "tells about the server and not about the lake",
}
_WHY = {name: why for why, names in _REFUSED.items() for name in names}
REFUSED = frozenset(_WHY)
_LINES = files(__package__).joinpath("functions.txt").read_text(encoding="utf-8").splitlines()
FUNCTIONS = frozenset(name for line in _LINES if not line.startswith("# ") for name in line.split())
# One for each language that ICU knows: what they do is to compare words.
_COLLATIONS = ("collate_", "icu_collate_")


def is_allowed(function: str) -> bool:
    """Whether a function may be called; where a table function may stand is another matter."""
    name = function.lower()
    return name in FUNCTIONS or name in TABLE_FUNCTIONS or name.startswith(_COLLATIONS)


def why_refused(function: str) -> str | None:
    """Why a function may not be called, to follow its name; None if it may, or if nothing is said of it."""
    name = function.lower()
    if name in FUNCTIONS:
        return None
    return _WHY.get(name) or next((why for prefix, why in _REFUSED_PREFIXES.items() if name.startswith(prefix)), None)


def nearest(function: str) -> str | None:
    """The allowed function whose name is most like another."""
    return next(iter(difflib.get_close_matches(function.lower(), FUNCTIONS, n=1)), None)
