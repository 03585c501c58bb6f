"""Tables as files: where they lie, how one is replaced whole, what its footer says.

Here: `Lake` and `LakeFile`. Not here: which file is stale and how it is computed (`pipelines.refresh`).
"""

from __future__ import annotations

from pipelines.lake.lake import Lake, is_committed_by_ledger, open_existing
from pipelines.lake.layout import LakeFile, bucket_end, bucket_start, partition_path

__all__ = ["Lake", "LakeFile", "bucket_end", "bucket_start", "is_committed_by_ledger", "open_existing", "partition_path"]
