"""Other engines at the same file, one module each, run as its own process: `python -m bench.engines.<name> SOURCE OUTPUT`.

Not here: how they are measured (`bench.ingest`).
"""
