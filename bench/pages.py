"""Tables in Markdown, and the parts of a page that a benchmark writes. Not here: what is measured."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def table_of(rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown; the first row is its head."""
    head, *body = rows
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *body))


def replace_part(page: Path, name: str, text: str) -> None:
    """Put text between `<!-- NAME -->` and `<!-- /NAME -->` of a page.

    Raises:
        ValueError: The page has no such part.
    """
    before = page.read_text(encoding="utf-8")
    after, count = re.subn(rf"(?s)(<!-- {name} -->\n).*?(<!-- /{name} -->)", lambda found: f"{found[1]}\n{text}\n\n{found[2]}", before)
    if count != 1:
        raise ValueError(f"{page} has no part {name}")
    page.write_text(after, encoding="utf-8")
