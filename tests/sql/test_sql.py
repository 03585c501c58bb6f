"""Every SQL file does with rows what its YAML files say: `<table>.yaml` and `<table>.<topic>.yaml` hold rows in and rows out.

Not here: how a case is run (`sql_cases.py`, whose docstring describes the format).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.sql.sql_cases import load_cases, run_case

CASES = [
    pytest.param(path.name.partition(".")[0], case, id=f"{path.stem}: {case['name']}")
    for path in sorted(Path(__file__).parent.glob("*.yaml"))
    for case in load_cases(path)
]


@pytest.mark.parametrize(("table", "case"), CASES)
def test_rows_in_rows_out(table: str, case: dict[str, Any]) -> None:
    run_case(table, case)
