"""The page of all settings in Markdown, as `docs/configuration.md` has it, from the models of `pipelines.config`.

Run `python -m pipelines.config_page docs/configuration.md` after a change; a test compares the two. Not here: the settings.
"""

from __future__ import annotations

import inspect
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel

from pipelines.config import Cluster, Filters, Ingest, Live, Redaction, Settings, Source
from pipelines.config_records import Records

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

_INTRODUCTION = """# Configuration

Everything has a default: no file is needed. Settings are read from `lorgnette.yaml` in the working folder, or from `--config FILE`. An environment variable wins over the file: `LORGNETTE_LAKE`,
`LORGNETTE_MEMORY_LIMIT`, `LORGNETTE_INGEST__THREADS` (two underscores before the name inside a section). A key that is not known is an error. [An example](../deploy/lorgnette.example.yaml)
is in the project. This page is generated from `pipelines/config.py`.
"""
_SECTIONS: tuple[tuple[str, type[BaseModel]], ...] = (
    ("Top level", Settings),
    ("`clusters.<name>`", Cluster),
    ("`clusters.<name>.sources[]`", Source),
    ("`clusters.<name>.live`", Live),
    ("`records.<name>`", Records),
    ("`redaction`", Redaction),
    ("`filters`", Filters),
    ("`ingest`", Ingest),
)


def render() -> str:
    """The whole page as Markdown."""
    return _INTRODUCTION + "".join(_section(title, model) for title, model in _SECTIONS)


def _section(title: str, model: type[BaseModel]) -> str:
    text = inspect.getdoc(model) or ""
    meanings = dict(re.findall(r"^    (\w+): (.+)$", text, flags=re.MULTILINE))
    rows = "".join(_row(name, field, meanings.get(name, "")) for name, field in model.model_fields.items())
    return f"\n## {title}\n\n{text.splitlines()[0]}\n\n| key | default | meaning |\n|---|---|---|\n{rows}"


def _row(name: str, field: FieldInfo, meaning: str) -> str:
    default = "required" if field.is_required() else _shown(field.get_default(call_default_factory=True))
    escaped = meaning.replace("|", "\\|")
    return f"| `{name}` | {default} | {escaped} |\n"


def _shown(default: object) -> str:
    if default is None or default in ([], {}):
        return "none"
    return "see below" if isinstance(default, BaseModel) else f"`{default}`"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(render(), encoding="utf-8")
