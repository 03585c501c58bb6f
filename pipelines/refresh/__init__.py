"""What is stale, in which order it is built, and making it so.

Here: `refresh` and its report. Not here: the SQL files and their headers (`pipelines.sql_files`), and files (`pipelines.lake`).
"""

from __future__ import annotations

from pipelines.refresh.engine import RefreshReport, TableReport, refresh, rules_in_force, stale_partitions

__all__ = ["RefreshReport", "TableReport", "refresh", "rules_in_force", "stale_partitions"]
