"""Tests of `pipelines.slo`."""
