"""How the process keeps memory that it will need again in a moment.

An ingest allocates and frees the same few hundred megabytes for every chunk. Allocators that hand freed pages back to the system at once
have each of them cleared anew on its next use, which cost a fifth of the CPU. Here: `keep_freed_pages`. Not here: DuckDB's own
allocator, which reads its setting when it is loaded (`pipelines/__init__.py`).
"""

from __future__ import annotations

import contextlib
import ctypes
import gc

import pyarrow as pa

# From glibc's malloc.h.
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
_MIB = 1024 * 1024


def keep_freed_pages() -> None:
    """Let glibc keep up to 512 MiB of freed memory, and Arrow allocate from there; other C libraries stay as they are."""
    # What is loaded by now stays: the collector need not look at all of it again and again.
    gc.freeze()
    with contextlib.suppress(AttributeError, OSError):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(_TRIM_THRESHOLD, 512 * _MIB)
        mallopt(_MMAP_THRESHOLD, 512 * _MIB)
        pa.set_memory_pool(pa.system_memory_pool())
