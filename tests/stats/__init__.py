"""The statistics, tested against their definitions."""
