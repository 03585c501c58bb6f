"""`sources`: the ledger. A source's row is written last and commits its raw files."""

from __future__ import annotations

from lake_schema.common import CLUSTER, SOURCE_ID, count, instant
from lake_schema.model import FLAG, TEXT, TEXTS, Column, Grain, Table

TABLE = Table(
    name="sources",
    zone="raw",
    grain=Grain.SOURCE,
    instant=None,
    description="One source file with the account of its lines: lines = kept + filtered + duplicates + quarantined.",
    columns=(
        CLUSTER,
        SOURCE_ID,
        Column("uri", TEXT, "Where the file is; `k8s://<cluster>?at=<time>` for what came from an API server.", nullable=False),
        Column(
            "digest",
            TEXT,
            "BLAKE2b of what stands for the file's bytes (their own digest, or the ETag of an object) and of how it was read; raw files with another digest are ignored.",
            nullable=False,
        ),
        Column(
            "shape",
            TEXT,
            "What the file was found to hold, such as `audit_lines`; lines inside of a wrapper as `<wrapper>/<lines>`, such as `cri_lines/audit_lines` "
            "(docs/shapes.md has all). `archive` is an archive, whose members are sources of their own, at `<archive>!/<member>`. `live_frames` came from an API server.",
            nullable=False,
        ),
        count("bytes", "Bytes of the file as stored."),
        count("raw_bytes", "Bytes after decompression."),
        count("lines", "Lines (or items of a List)."),
        count("kept", "Lines that became rows."),
        count("filtered", "Lines left out by the configured policy (blank lines among them)."),
        count(
            "duplicates", "Lines that repeat an earlier line of the same source; from an API server also of an earlier such source of the same day."
        ),
        count("quarantined", "Lines that could not be read; `quarantine` has them."),
        Column("is_complete", FLAG, "False if the file ended early, such as a gzip that was cut.", nullable=False),
        Column("problem", TEXT, "What was wrong with the file as a whole."),
        instant("first_at", "Earliest instant of its rows."),
        instant("last_at", "Latest instant of its rows and of the lines that were left out; the cluster's watermark is the latest of its sources."),
        Column("raw_files", TEXTS, "The raw files that this row commits, relative to the lake.", nullable=False),
        Column(
            "withdrawn_files",
            TEXTS,
            "Raw files that it had of hours that it holds no more, though it goes back as far, or is gone from its archive: what was computed of them is computed anew.",
        ),
    ),
    primary_key=("source_id",),
)
