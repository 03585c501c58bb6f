"""What the OpenAPI document says of each answer: its forms, an example, and the problems that it may be instead."""

from __future__ import annotations

from typing import Any

from pipelines.serving.http.formats import MEDIA_TYPES, Form
from pipelines.serving.http.problems import MEDIA_TYPE

_PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string", "description": "What went wrong."},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "Where."},
        "remedy": {"type": "string", "description": "What to do next."},
    },
}
_PROBLEMS = {
    400: "The query is refused or fails",
    401: "No token, or a wrong one",
    403: "The token may not read bodies",
    404: "There is no such thing that you may see",
    406: "None of the accepted forms can be given",
    422: "The request is not understood, or reaches a limit",
    429: "Too many requests",
    503: "All workers are busy",
}


def _problem(description: str) -> dict[str, Any]:
    return {"description": description, "content": {MEDIA_TYPE: {"schema": _PROBLEM}}}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The problems of an endpoint, beside those that each may have."""
    return {status: _problem(text) for status, text in _PROBLEMS.items() if status in {401, 404, 422, 429, 503, *statuses}}


def rows_of(example: dict[str, Any], description: str = "The rows", *statuses: int, **more: object) -> dict[int | str, dict[str, Any]]:
    """An answer of rows in one of the three forms.

    Args:
        example: One row.
        description: What the rows are.
        statuses: Further problems.
        more: What JSON says beside `rows` and `is_cut`, by example.
    """
    schema = {
        "type": "object",
        "required": ["rows", "is_cut"],
        "properties": {
            "rows": {"type": "array", "items": {"type": "object", "additionalProperties": True}},
            "is_cut": {"type": "boolean", "description": "Whether more rows were there than are given."},
        },
        "additionalProperties": True,
    }
    content = {
        MEDIA_TYPES[Form.JSON]: {"schema": schema, "example": {"rows": [example], "is_cut": False, **more}},
        MEDIA_TYPES[Form.CSV]: {"schema": {"type": "string"}},
        MEDIA_TYPES[Form.ARROW]: {"schema": {"type": "string", "format": "binary"}},
    }
    return {
        200: {"description": description, "content": content},
        304: {"description": "Unchanged: If-None-Match names its ETag"},
        **problems(406, *statuses),
    }


def json_of(example: dict[str, Any], description: str, *statuses: int) -> dict[int | str, dict[str, Any]]:
    """An answer of one JSON object."""
    content = {MEDIA_TYPES[Form.JSON]: {"schema": {"type": "object", "additionalProperties": True}, "example": example}}
    return {
        200: {"description": description, "content": content},
        304: {"description": "Unchanged: If-None-Match names its ETag"},
        **problems(*statuses),
    }
