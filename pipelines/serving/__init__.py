"""Answers to people's own questions: the guarded read-only query layer.

Not here: how tables are computed (`sql/`) and how the command line shows a result (`pipelines.cli`).
"""
