"""When an answer is still good: an ETag from the fingerprints of the partitions that it was made of.

Only names, sizes and footers of files are looked at here, never a row. Not here: comparing it with what the caller has (`asking`).
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from pipelines.lake.datasets import touches

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pipelines.lake import Lake
    from pipelines.serving.http.reading import Window


def etag(lake: Lake, tables: Iterable[str], clusters: Sequence[str], window: Window, *asked: str) -> str:
    """A weak ETag: it changes with what is asked and with every partition inside of the window.

    Args:
        lake: The lake.
        tables: The tables that are read.
        clusters: The clusters that are read.
        window: Only partitions that it touches count.
        asked: Everything else that the answer depends on.
    """
    digest = hashlib.blake2b(digest_size=16)
    for each in asked:
        digest.update(f"{len(each)}:{each}".encode("utf-8", "surrogatepass"))
    for table in sorted(tables):
        for cluster in sorted(clusters):
            stretch = (window.from_at, window.to_at)
            files = [file for file in lake.visible_files(table, cluster, stretch) if touches(file, stretch)]
            footers = lake.footers(files)
            for file in files:
                # The writer says in the footer what the rows are: the same rows written again are no change.
                made_of = footers.get(file.path, {}).get("content") or f"{file.size_bytes} {file.version}"
                digest.update(f"{file.path} {made_of}\n".encode())
    return f'W/"{digest.hexdigest()}"'


def is_known(etag_: str, header: str | None) -> bool:
    """Whether `If-None-Match` names it."""
    return header is not None and (header.strip() == "*" or etag_ in {each.strip() for each in header.split(",")})
