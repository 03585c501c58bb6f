"""Other limits and targets as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines import rules
from pipelines.errors import LorgnetteError
from pipelines.rules.objectives import seconds
from pipelines.slo import Change, changed_rules
from pipelines.slo.changes import share


@pytest.mark.parametrize(
    ("text", "expected"),
    [("120", 120), ("120s", 120), ("2m", 120), ("1h30m", 5400), ("500ms", 0.5), ("1.5s", 1.5), ("1d", 86_400)],
)
def test_a_duration_as_people_write_it(text: str, expected: float) -> None:
    assert seconds(text) == expected


@given(st.integers(0, 99), st.integers(0, 59), st.integers(0, 59), st.integers(0, 999))
def test_parts_of_a_duration_add_up(hours: int, minutes: int, secs: int, ms: int) -> None:
    assert seconds(f"{hours}h{minutes}m{secs}s{ms}ms") == pytest.approx(hours * 3600 + minutes * 60 + secs + ms / 1000)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "pod_create",
        "pod_create/wall",
        "wall=3s",
        "pod_create/wall=",
        "pod_create/wall=3q",
        "pod_create/wall=0s",
        "pod_create/wall=-3s",
        "a/b/c/d=3",
        "/wall=3",
    ],
)
def test_what_is_no_limit_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(LorgnetteError, match="is no limit") as error:
        Change.parsed(text)
    assert error.value.remedy


@pytest.mark.parametrize(("text", "expected"), [("99%", 0.99), ("99.9 %", 0.999), ("0.95", 0.95), ("100%", 1), ("1", 1)])
def test_a_target_as_people_write_it(text: str, expected: float) -> None:
    assert share(text) == expected


@pytest.mark.parametrize("text", ["", "x", "0%", "101%", "99"])
def test_what_is_no_target_is_refused(text: str) -> None:
    with pytest.raises(LorgnetteError, match="is no target"):
        share(text)


def test_a_limit_for_all_and_a_limit_for_one() -> None:
    loaded = rules.load()
    changed = changed_rules(loaded, [Change("pod_create", "wall", None, 60), Change("pod_create", "platform", "typical", 30)], 0.9)
    told = {rule["objective"]: rule for rule in changed["objectives"] if rule["kind"] == "pod_create"}
    assert told["wall"]["limits"] == {"long_running": 60, "run_to_completion": 60}
    assert told["platform"]["limits"] == {"unbounded": None, "large": 1800, "complex": 600, "typical": 30}
    assert (told["wall"]["target"], told["platform"]["target"], told["sig_startup"]["target"]) == (0.9, 0.9, 0.99)
    assert loaded == rules.load(), "the rules in force stay what they are"


@pytest.mark.parametrize(
    ("change", "what"), [(Change("pod_create", "speed", None, 1), "no objective"), (Change("pod_create", "wall", "huge", 1), "no limit for huge")]
)
def test_an_objective_that_is_not_there(change: Change, what: str) -> None:
    with pytest.raises(LorgnetteError, match=what):
        changed_rules(rules.load(), [change], None)
