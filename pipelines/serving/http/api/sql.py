"""Somebody's own SQL."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Response
from pydantic import BaseModel, ConfigDict, Field

from pipelines.serving.http.asking import Answering
from pipelines.serving.http.documented import rows_of
from pipelines.serving.http.reading import ALL_TIME

router = APIRouter(tags=["sql"])


class Question(BaseModel):
    """One SELECT."""

    model_config = ConfigDict(extra="forbid")

    sql: str = Field(min_length=1, max_length=1_000_000, description="One SELECT over tables of the lake; the data dictionary has them all.")
    params: dict[str, str | int | float | bool | None] = Field(default_factory=dict, max_length=100, description="Values of its `$name` parameters.")


_EXAMPLES = {
    "codes": {
        "summary": "The most frequent error codes",
        "value": {"sql": "select error_code, count(*) as n from deliveries group by all order by n desc limit 10"},
    },
    "one": {"summary": "With a parameter", "value": {"sql": "select * from verdicts where delivery_id = $id", "params": {"id": "d1"}}},
}


@router.post(
    "/sql", summary="One read-only SELECT over the tables of the lake", responses=rows_of({"error_code": "FailedMount", "n": 6}, "Its rows", 400)
)
def free_sql(answer: Answering, question: Annotated[Question, Body(openapi_examples=_EXAMPLES)]) -> Response:
    """Rows are those that the token may see, whatever the query says; limits of time, memory and size apply."""
    answer.asked.request.state.sql = question.sql
    result = answer.asked.reading_of(ALL_TIME).free(question.sql, dict(question.params) or None)
    return answer.table(result, {})
