"""A user's rules tried on a sample: what each of them catches.

Here: `try_rules`, which reads the sample into a lake that is thrown away and computes it with the rules. Not here: how it is shown
(`pipelines.cli.rules`), and what rules mean (`pipelines.rules`).
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from pipelines.ingest import ingest
from pipelines.lake import Lake
from pipelines.refresh import refresh
from pipelines.rules import own_rules
from pipelines.serving.door import Door
from pipelines.serving.limits import Limits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipelines.config import Settings

_SCHEMA = pa.schema([
    ("rule_set", pa.string()), ("rule", pa.string()), ("caught", pa.int64()), ("objects", pa.int64()),
    ("first_at", pa.timestamp("us", tz="UTC")), ("last_at", pa.timestamp("us", tz="UTC")), ("example", pa.string()),
])  # fmt: skip
_CAUGHT = {
    "hyper_events": """
        select rule, count(*) as caught, count(distinct coalesce(uid, namespace || '/' || name, name)) as objects, min("at") as first_at, max("at") as last_at,
            arg_min(concat_ws(' ', operation, subject, 'of', concat_ws('/', namespace, name), message), ("at", operation, name)) as example
        from hyper_events group by rule""",
    "phases": """
        select kind || '.' || phase as rule, count(*) as caught, count(distinct delivery_id) as objects, min(started_at) as first_at, max(started_at) as last_at,
            arg_max(concat_ws(' ', round(duration_s, 3) || ' s', 'of', concat_ws('/', namespace, name)), (duration_s, name)) as example
        from phases group by kind, phase""",
    "diagnosis": """
        select rule, count(*) as caught, count(distinct delivery_id) as objects, min(judged_at) as first_at, max(judged_at) as last_at,
            arg_min(concat_ws(' ', error_code, error_detail, message), (judged_at, delivery_id)) as example
        from diagnoses where rule is not null group by rule""",
    "error_codes": """
        select error_code as rule, count(*) as caught, count(distinct delivery_id) as objects, min(judged_at) as first_at, max(judged_at) as last_at,
            arg_min(concat_ws(' ', error_detail, message), (judged_at, delivery_id)) as example
        from diagnoses group by error_code""",
}
_CLUSTER = "trial"


def try_rules(rules: Path, samples: Sequence[tuple[Sequence[str], str | None]], settings: Settings) -> pa.Table:
    """What each rule of a file catches in a sample.

    Args:
        rules: The file of rules.
        samples: Paths, each with the shape that they are read as or None.
        settings: Everything else, other rule files included.

    Returns:
        One row per rule, in the order of the file: `rule_set`, `rule`, `caught` (HyperEvents, phases or diagnoses), `objects`, `first_at`,
        `last_at`, `example`. Rules that caught nothing are there with 0.

    Raises:
        LorgnetteError: The rules or the sample are not understood.
    """
    own = own_rules(rules)
    tried = settings.model_copy(update={"rules": [rules, *(path for path in settings.rules if path.resolve() != rules.resolve())]})
    with tempfile.TemporaryDirectory(prefix="lorgnette-rules-") as folder:
        lake = Lake.open(str(Path(folder) / "lake"))
        for paths, shape in samples:
            ingest(lake, _CLUSTER, paths, tried, shape=shape)
        refresh(lake, _CLUSTER, settings=tried)
        lake.close()
        with Door(lake.url, Limits(max_rows=None, max_bytes=None), workers=1) as door:
            rows = [row for rule_set, of_set in own.items() if rule_set in _CAUGHT for row in _rows(door, rule_set, of_set)]
    return pa.Table.from_pylist(rows, _SCHEMA)


def _rows(door: Door, rule_set: str, rules: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    found = door.query(_CAUGHT[rule_set]).table.to_pylist()
    caught = {row["rule"]: row for row in found}
    nothing = {"caught": 0, "objects": 0}
    return [{"rule_set": rule_set, "rule": name, **caught.get(name, nothing)} for name in (_name(rule_set, rule) for rule in rules)]


def _name(rule_set: str, rule: dict[str, Any]) -> str:
    if rule_set == "phases":
        return f"{rule['kind']}.{rule['phase']}"
    return str(rule["error_code"] if rule_set == "error_codes" else rule["rule"])
