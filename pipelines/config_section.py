"""What all sections of the settings share.

Not here: the sections themselves (`pipelines.config`).
"""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict


def _is_pattern(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        message = f"not a regular expression: {error}"
        raise ValueError(message) from error
    return pattern


Pattern = Annotated[str, AfterValidator(_is_pattern)]


class Section(BaseModel):
    """A part of the settings: strict about its keys, fixed once read."""

    model_config = ConfigDict(extra="forbid", frozen=True)
