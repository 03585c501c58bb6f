"""Tests of the comparison with the ground truth: the oracle on real slices, the comparison on lakes made by hand."""
