"""`records` in the settings: logs of the user's own, and where each thing stands in them.

Not here: reading them (`pipelines.sources.own_records`), and what rules make of them.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from pipelines.config_section import Pattern, Section


def _is_path(path: str) -> str:
    if not re.fullmatch(r'\$(\.(\w[\w-]*|"[^"]+")|\[\d+\])+', path):
        message = "not a JSON path such as $.pod.name"
        raise ValueError(message)
    return path


def _is_told(told: str) -> str:
    return _is_path(told) if told.startswith("$") else told


JsonPath = Annotated[str, AfterValidator(_is_path)]
PathOrWord = Annotated[str, AfterValidator(_is_told)]


class Found(Section):
    """A field that is a part of what stands at a path.

    Args:
        path: A JSON path, such as `$.request.uri`.
        pattern: A regular expression (RE2) whose first group is the field.
    """

    path: JsonPath
    pattern: Pattern


Told = PathOrWord | Found
Join = Literal["uid", "name", "container_id", "pod_ip", "image", "node"]


class Records(Section):
    """A log of your own, one JSON object per line. A field is a JSON path (`$.pod.name`), one word for all records, or `{path: …, pattern: …}`.

    Args:
        at: When it happened; if it took time, when it began.
        end: When it ended, written as `at` is. Rules know the end as another fact, `<name>:end`.
        duration: How long it took, in the place of `end`: a number.
        duration_unit: Unit of `duration`: `s`, `ms`, `us` or `ns`.
        at_is: `end` if `at` says when it ended, as access logs do; needs `duration`.
        time_unit: Unit of times that are numbers since 1970: `s`, `ms`, `us` or `ns`. Times are ISO 8601 text if left out; UTC unless they say otherwise.
        time_format: Format of times that are other text, as `strptime` has it.
        uncertainty_ms: How far this log's clock may be off, either way.
        kind: Kind of the object that a record is about.
        namespace: The object's namespace.
        name: The object's name; it stands for the pod that has it at that time.
        uid: The object's UID, if the log knows it.
        node: The node.
        pod_ip: The address of the pod.
        image: The image, with or without its registry, tag and digest.
        container_id: The container, by the runtime's ID, with or without its scheme.
        join: By what a record's pod is found, the first that it has: `uid`, `name`, `container_id`, `pod_ip`, `image`, `node`. In this order, without `node`, if left out.
        key: The part that it happened to: a container, an image, an address. Rules call it `{key}`.
        value: What rules may look at, such as a result.
        detail: More about the part.
        reason: What happened, in one word.
        message: Text for people.
        code: A number, such as an HTTP status code.
    """

    at: JsonPath | Found
    end: JsonPath | Found | None = None
    duration: JsonPath | Found | None = None
    duration_unit: Literal["s", "ms", "us", "ns"] = "s"
    at_is: Literal["begin", "end"] = "begin"
    time_unit: Literal["s", "ms", "us", "ns"] | None = None
    time_format: str | None = None
    uncertainty_ms: float = Field(default=0.0, ge=0)
    kind: Told = "Pod"
    namespace: Told | None = None
    name: Told | None = None
    uid: Told | None = None
    node: Told | None = None
    pod_ip: Told | None = None
    image: Told | None = None
    container_id: Told | None = None
    join: list[Join] | None = Field(default=None, min_length=1)
    key: Told | None = None
    value: Told | None = None
    detail: Told | None = None
    reason: Told | None = None
    message: Told | None = None
    code: Told | None = None

    @model_validator(mode="after")
    def _tells_one_end(self) -> Self:
        if self.end is not None and self.duration is not None:
            message = "`end` and `duration` say the same: give one"
            raise ValueError(message)
        if self.at_is == "end" and self.duration is None:
            message = "`at_is: end` needs a `duration`"
            raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _tells_what_it_is_joined_by(self) -> Self:
        missing = [field for field in self.join or () if getattr(self, field) is None]
        if missing:
            message = f"`join` names `{missing[0]}`, and nothing says where that stands: add `{missing[0]}`"
            raise ValueError(message)
        if self.join and self.kind != "Pod":
            message = "`join` finds pods, and `kind` names something else: leave one of them out"
            raise ValueError(message)
        return self
