"""The example of `docs/custom-sources.md`: its commands, run as they stand there."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

import pytest
import yaml

from tests.command import call
from tests.conftest import REPOSITORY

if TYPE_CHECKING:
    from pathlib import Path

_PAGE = (REPOSITORY / "docs" / "custom-sources.md").read_text(encoding="utf-8")
_EXAMPLE = REPOSITORY / "docs" / "examples" / "address-manager"


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What each command of the page prints, in their order, on a lake of its own."""
    folder = tmp_path_factory.mktemp("custom")
    commands = re.findall(r"^lorgnette (.+)$", _PAGE, flags=re.MULTILINE)
    return [_run(folder, command) for command in commands]


def _run(folder: Path, command: str) -> str:
    shown = command + (f" --report {folder / 'report.html'}" if command.startswith("run") else "")
    done = call(REPOSITORY, *shlex.split(shown), LORGNETTE_LAKE=str(folder / "lake"), COLUMNS="160")
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def test_trying_the_rules_says_what_each_catches_and_which_catch_nothing(told: list[str]) -> None:
    assert re.search(r"ip_requested +77 ", told[0])
    assert re.search(r"pod_create\.ip_allocation +77 ", told[0])
    assert "Caught nothing: ip_refused, manifest_refused" in told[0]


def test_the_phase_has_its_lane_in_the_waterfall(told: list[str]) -> None:
    assert re.search(r"^ip_allocation pods-a +█+ +456\sms", told[2], flags=re.MULTILINE)


def test_the_phase_has_its_percentiles(told: list[str]) -> None:
    for line in re.findall(r"^(?:cluster|namespace) .+ s$", _PAGE, flags=re.MULTILINE):
        assert line.split() in [row.split() for row in told[3].splitlines()]


def test_records_without_pods_are_joined_by_image_and_by_address_and_those_of_no_pod_are_counted(told: list[str]) -> None:
    assert re.search(r"pod_create\.registry +94 +79 ", told[0])
    assert re.search(r"pod_create\.network +304 +304 ", told[0])
    assert re.search(r"^registry shop/web +█+ +268\sms", told[2], flags=re.MULTILINE)
    assert re.search(r"^network +█+ ", told[2], flags=re.MULTILINE)
    assert re.search(r"^unjoined_records +1$", told[4], flags=re.MULTILINE)


@pytest.mark.parametrize("name", ["lorgnette.yaml", "rules.yaml"])
def test_the_page_shows_what_the_files_hold(name: str) -> None:
    shown = re.findall(rf"```yaml\n# docs/examples/address-manager/{re.escape(name)}\n(.+?)```", _PAGE, flags=re.DOTALL)
    assert len(shown) == 2
    stored = yaml.safe_load((_EXAMPLE / name).read_text(encoding="utf-8"))
    assert all(_holds(stored, yaml.safe_load(each)) for each in shown)


def _holds(stored: object, shown: object) -> bool:
    """Whether all that is shown is stored."""
    if isinstance(stored, dict) and isinstance(shown, dict):
        return all(key in stored and _holds(stored[key], value) for key, value in shown.items())
    if isinstance(stored, list) and isinstance(shown, list):
        return all(each in stored for each in shown)
    return stored == shown
