"""The functions that a query may call: all of DuckDB's that compute from their arguments alone.

Here: the few table functions that are allowed, and the scalar functions that are not, by what they do. Not here: walking a query (`gate`).
DuckDB itself refuses what it does not know, so a new version's functions are looked at here before the version is taken.
"""

from __future__ import annotations

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
_PLAIN = frozenset({"pg_typeof", "pg_size_pretty"})
_WHY = {name: why for why, names in _REFUSED.items() for name in names}


def why_refused(function: str) -> str | None:
    """Why a scalar or aggregate function may not be called, to follow its name; None if it may."""
    name = function.lower()
    if name in _PLAIN:
        return None
    return _WHY.get(name) or next((why for prefix, why in _REFUSED_PREFIXES.items() if name.startswith(prefix)), None)
