"""Dagster: assets, partitions, checks, schedules and sensors over the same plain functions that the command line calls.

Here: one module per concept, put together by `build`. The only package that imports dagster. Not here: anything that computes; a
module without dagster in it (`reading`, `steps`, `webhook`) is only of use to the others.
"""
