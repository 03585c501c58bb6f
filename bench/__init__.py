"""Measurements of the product: its speed against its peers', and its numbers against the truth (`bench.truth`).

Not here: anything that the product needs to run.
"""
