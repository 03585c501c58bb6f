"""How the lake's numbers agree with what a recorded cluster really did.

Here: an oracle that reads the corpus' watch streams and raw audit lines with code of its own, and the comparison of a built
lake with it. Not here: anything that the product uses, and nothing of the product but the names of its columns.
"""
