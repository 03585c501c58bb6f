"""The lake and the settings, as Dagster hands them to assets and sensors.

Here: `LakeResource`, and which days there are to do. Not here: what is done with them.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import dagster as dg

from pipelines.errors import ConfigError
from pipelines.lake import Lake
from pipelines.orchestration.partitions import DAYS_SHOWN
from pipelines.orchestration.reading import SAMPLE_DAY, config_path, settings_or_sample
from pipelines.orchestration.steps import days_touched
from pipelines.sql_files import load

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipelines.config import Settings

CONFIG_VARIABLE = "LORGNETTE_CONFIG"
FIRST_DAY_VARIABLE = "LORGNETTE_FIRST_DAY"


@dataclass(frozen=True, slots=True)
class OpenLake:
    """A lake that is open, with the settings that say how."""

    lake: Lake
    settings: Settings


class LakeResource(dg.ConfigurableResource[OpenLake]):
    """The lake that the settings name.

    Args:
        config: Path of `lorgnette.yaml`. Left out: `$LORGNETTE_CONFIG`, else `lorgnette.yaml` of the working folder, else the sample.
    """

    config: str = ""

    @contextmanager
    def opened(self) -> Iterator[OpenLake]:
        """The lake, closed again afterwards.

        Raises:
            ConfigError: The settings are missing or not understood.
        """
        settings = settings_or_sample(self.config or os.environ.get(CONFIG_VARIABLE, ""))
        lake = Lake.open(settings.lake)
        try:
            yield OpenLake(lake, settings)
        finally:
            lake.close()


def first_day() -> date:
    """The first day that has partitions: `$LORGNETTE_FIRST_DAY`, else 90 days ago; the sample's own day where nothing is configured.

    Raises:
        ConfigError: The variable holds no day.
    """
    text = os.environ.get(FIRST_DAY_VARIABLE, "")
    try:
        if text:
            return date.fromisoformat(text)
    except ValueError as error:
        raise ConfigError(f"{text!r} is no day", where=FIRST_DAY_VARIABLE, remedy="Write it like 2026-11-01.") from error
    rolling = (datetime.now(UTC) - timedelta(days=DAYS_SHOWN)).date()
    has_config = config_path(os.environ.get(CONFIG_VARIABLE, "")) is not None
    return rolling if has_config else min(rolling, SAMPLE_DAY)


def first_recent_day(today: date) -> date:
    """The first of the days that are computed each hour: those whose rows look ahead into today."""
    before, _ = days_touched(load())
    return max(today - timedelta(days=before), first_day())
