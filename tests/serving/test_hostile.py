"""The hostile list: every statement of `hostile.yaml` is refused or stopped for a clear reason, and nothing is changed by it."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from pipelines.serving.errors import LimitError, QueryError, RefusedError

if TYPE_CHECKING:
    from pipelines.lake import Lake
    from pipelines.serving.door import Door

_GROUPS: dict[str, dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("hostile.yaml").read_text(encoding="utf-8"))
_KINDS = {"refused": RefusedError, "stopped": LimitError, "fails": QueryError}
_SECRET = "what nobody may read"  # noqa: S105 - of this test


def _bytes_of(lake: Lake) -> dict[str, str]:
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(Path(lake.url).rglob("*")) if path.is_file()}


def _text(statement: str | list[Any], names: dict[str, str]) -> str:
    if isinstance(statement, list):
        start, part, times, end = statement
        return str(start + part * times + end)
    for name, path in names.items():
        statement = statement.replace(f"{{{name}}}", path)
    return statement


def test_the_list_is_long_and_says_nothing_twice() -> None:
    statements = [str(statement) for group in _GROUPS.values() for statement in group["statements"]]
    assert len(set(statements)) == len(statements) >= 150


@pytest.mark.parametrize("group", _GROUPS)
def test_nothing_gets_through(group: str, shared_lake: Lake, door: Door, tmp_path: Path) -> None:
    before = _bytes_of(shared_lake)
    folder, secret = tmp_path / "out", tmp_path / "secret.csv"
    folder.mkdir()
    secret.write_text(_SECRET, encoding="utf-8")
    names = {"out": str(folder / "written"), "secret": str(secret), "file": next(name for name in before if name.endswith(".parquet"))}
    for statement in _GROUPS[group]["statements"]:
        sql = _text(statement, names)
        with pytest.raises(QueryError) as caught:
            pytest.fail(f"{sql[:200]} was answered: {door.query(sql).table.slice(0, 3).to_pylist()!r:.300}")
        error = caught.value
        assert isinstance(error, _KINDS[_GROUPS[group]["expect"]]), f"{sql[:200]}: {error!r}"
        assert error.what, sql[:200]
        assert error.remedy, sql[:200]
        assert _SECRET not in str(error)
        if isinstance(error, LimitError) or statement == _GROUPS[group]["statements"][-1]:
            assert door.query("select count(*) as n from audit_events").table.to_pylist() == [{"n": 4}], sql[:200]
    assert _bytes_of(shared_lake) == before
    assert not list(folder.iterdir())
