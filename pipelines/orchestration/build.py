"""Puts the code location together.

Here: `build_defs`, which makes a fresh one for the UI and for each test. Not here: any asset, schedule or sensor of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import dagster as dg

from pipelines.orchestration import housekeeping, jobs, live_assets, sensors
from pipelines.orchestration.derived_assets import derived_assets
from pipelines.orchestration.partitions import partitions
from pipelines.orchestration.raw_assets import raw_assets
from pipelines.orchestration.resources import LakeResource, first_day
from pipelines.orchestration.specs import source_files
from pipelines.sql_files import load

if TYPE_CHECKING:
    from collections.abc import Mapping


def build_defs(*, resource_overrides: Mapping[str, object] | None = None) -> dg.Definitions:
    """All definitions.

    Args:
        resource_overrides: Resources that take the place of ours, by name.
    """
    partitions_def = partitions(first_day())
    return dg.Definitions(
        assets=[
            source_files(),
            live_assets.live_snapshot,
            raw_assets(partitions_def),
            *derived_assets(load(), partitions_def),
            housekeeping.report_asset,
        ],
        jobs=[live_assets.SNAPSHOT_JOB, jobs.REFRESH_JOB, jobs.REPORT_JOB, housekeeping.retention],
        schedules=[live_assets.hourly_snapshot, jobs.hourly_refresh, jobs.daily_report, jobs.nightly_retention],
        sensors=[sensors.clusters_sensor, sensors.new_files_sensor, sensors.late_days_sensor, sensors.failed_runs_sensor],
        resources={"lake": LakeResource(), **(resource_overrides or {})},
        # Steps of one run share the machine anyway, and a process per step would cost more than most steps take.
        executor=dg.in_process_executor,
    )
