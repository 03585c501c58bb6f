"""Everything that runs. Not here: the lake's columns (`lake_schema`) and its queries (`sql/`)."""

import os

# DuckDB's allocator reads this when it is loaded. By default it gives freed pages back within a second, and an ingest needs the same
# ones for its next chunk: clearing them anew each time cost a tenth of the CPU. Large blocks skip that wait; the second one keeps them too.
os.environ.setdefault("DUCKDB_JE_MALLOC_CONF", "dirty_decay_ms:30000,muzzy_decay_ms:30000")
# numpy brings a library for linear algebra, which nothing here needs: its threads would only wait, and spin while they do.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
