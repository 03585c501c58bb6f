"""From what the user names to files: paths, folders, globs and URLs, less what is excluded and what cannot hold anything of the wanted time.

Here: `discover`. Not here: listing (`local_files`, `remote_files`), what names and times tell (`when`), and what the files hold (`sniff`).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pipelines.sources.found import Found, Selection
from pipelines.sources.local_files import folder_id, local_files
from pipelines.sources.remote_files import Unlisted, remote_files
from pipelines.sources.templates import NameFilter
from pipelines.sources.when import Rotations, outside

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

STDIN = "-"
BY_PATTERN = "--include and --exclude"
_EVERYTHING = Selection()


@dataclass(slots=True)
class Discovery:
    """What there is to read.

    Attributes:
        files: Each file once, in the order of their names below each path.
        skipped: How many files are left out, by what they were told.
        unlisted: How many folders of stores were not even listed.
    """

    files: list[Found] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)
    unlisted: int = 0


def discover(paths: Sequence[str], selection: Selection = _EVERYTHING, *, cluster: str = "", apart: Sequence[str] = ()) -> Discovery:
    """All files that paths, folders (recursively), globs and URLs name, as far as they are wanted.

    Args:
        paths: As the user writes them.
        selection: Which files are wanted.
        cluster: What `{cluster}` stands for in a path.
        apart: Folders and URLs that are not looked into, such as the lake.
    """
    unlisted = Unlisted()
    named = [path.replace("{cluster}", cluster) for path in paths if path != STDIN]
    listed = list(_listed(named, selection, unlisted, apart))
    rotations = Rotations(found.uri for found in listed)
    names = NameFilter(selection.include, selection.exclude)
    result = Discovery()
    for found in listed:
        reason = None if found.problem else _reason(found, rotations, names, selection)
        if reason is None:
            result.files.append(found)
        else:
            result.skipped[reason] += 1
    result.unlisted = unlisted.folders
    return result


def _listed(paths: Iterable[str], selection: Selection, unlisted: Unlisted, apart: Sequence[str]) -> Iterator[Found]:
    """Each file once."""
    ids = [known for path in apart if "://" not in path and (known := folder_id(path)) is not None]
    prefixes = tuple(f"{path.rstrip('/')}/" for path in apart)
    seen: set[str] = set()
    for path in paths:
        local = path.removeprefix("file://") if path.startswith("file://") or "://" not in path else None
        for found in remote_files(path, selection, unlisted) if local is None else local_files(local, ids):
            if found.uri not in seen and not found.uri.startswith(prefixes):
                seen.add(found.uri)
                yield found


def _reason(found: Found, rotations: Rotations, names: NameFilter, selection: Selection) -> str | None:
    if not names.admits(found.below):
        return BY_PATTERN
    return None if selection.span.is_all else outside(found, rotations, selection)
