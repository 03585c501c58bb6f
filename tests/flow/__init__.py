"""Tests of the whole line, from files to derived tables."""
