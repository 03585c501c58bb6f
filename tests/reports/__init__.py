"""Tests of the report and the summary."""
