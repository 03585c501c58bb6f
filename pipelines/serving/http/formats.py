"""Rows as JSON, CSV or an Arrow stream, as the caller accepts them.

Here: choosing the form, and writing it. Not here: which rows.
"""

from __future__ import annotations

import io
from enum import StrEnum
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from fastapi import Response
from pydantic_core import to_json

from pipelines.serving.http.problems import HttpError
from pipelines.serving.plain_rows import write_csv

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipelines.serving.limits import QueryResult


class Form(StrEnum):
    """The forms, as `?format=` names them."""

    JSON = "json"
    CSV = "csv"
    ARROW = "arrow"


MEDIA_TYPES = {Form.JSON: "application/json", Form.CSV: "text/csv", Form.ARROW: "application/vnd.apache.arrow.stream"}
IS_CUT = "X-Lorgnette-Is-Cut"


def chosen(asked: Form | None, accept: str | None) -> Form:
    """The form that is asked for, else the first that is accepted.

    Raises:
        HttpError: None is.
    """
    if asked is not None:
        return asked
    ranked = sorted(enumerate((accept or "*/*").split(",")), key=lambda each: (-_quality(each[1]), each[0]))
    for _, each in ranked:
        if _quality(each) <= 0:
            continue
        wanted = each.partition(";")[0].strip().lower()
        for form, media_type in MEDIA_TYPES.items():
            if wanted in {"*/*", media_type, f"{media_type.partition('/')[0]}/*"}:
                return form
    raise HttpError(
        HTTPStatus.NOT_ACCEPTABLE, "None of the accepted forms can be given", remedy=f"Accept one of {', '.join(MEDIA_TYPES.values())}; or ?format=."
    )


def _quality(part: str) -> float:
    for parameter in part.split(";")[1:]:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0


def response(result: QueryResult, form: Form, more: Mapping[str, Any], headers: Mapping[str, str]) -> Response:
    """The rows in a form.

    Args:
        result: The rows.
        form: The form.
        more: What JSON says beside `rows`; the other forms have headers for it.
        headers: Headers of the answer.
    """
    said = {IS_CUT: "true"} if result.is_cut else {}
    if form is Form.JSON:
        content = to_json({"rows": result.table.to_pylist(), "is_cut": result.is_cut, **more}, inf_nan_mode="null", serialize_unknown=True)
    else:
        out = io.BytesIO()
        if form is Form.CSV:
            write_csv(result.table, out)
        else:
            with pa.ipc.new_stream(out, result.table.schema) as writer:
                writer.write_table(result.table)
        content = out.getvalue()
    media_type = MEDIA_TYPES[form] + ("; charset=utf-8" if form is Form.CSV else "")
    return Response(content, media_type=media_type, headers={**headers, **said})
