"""The Dagster code location, and nothing else."""

from __future__ import annotations

from pipelines.orchestration.build import build_defs

defs = build_defs()
