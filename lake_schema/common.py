"""Columns that several tables share, so that the same quantity has the same name and words everywhere.

Not here: columns of one table only.
"""

from __future__ import annotations

from lake_schema.model import COUNT, INSTANT, INT, RATE, SECONDS, TEXT, Column

CLUSTER = Column("cluster", TEXT, "The cluster's name, as the source's configuration gives it.", nullable=False)
SOURCE_ID = Column("source_id", TEXT, "The source file: a hash of (cluster, uri); `sources` has the file.", nullable=False)
SOURCE_LINE = Column("source_line", INT, "The 1-based line (or item of a List) of the source file.", nullable=False)
UID = Column("uid", TEXT, "The object's UID; null for a refused create.")
NAMESPACE = Column("namespace", TEXT, "The object's namespace; null if it has none.")
NAME = Column("name", TEXT, "The object's name; null for a generated name that the log never shows.")
NODE = Column("node", TEXT, "The node that the pod was bound to.")
KIND = Column("kind", TEXT, "`pod_create`, `pod_delete`, `pod_upgrade` or `pvc_bind`; in days and months of the SLO also `api_call`.", nullable=False)
DELIVERY_ID = Column("delivery_id", TEXT, "Names a delivery: a hash of what it delivers and when it starts.", nullable=False)
ERROR_CODE = Column("error_code", TEXT, "Why: one word of the closed vocabulary; null for a plain success.")
ERROR_DETAIL = Column("error_detail", TEXT, "Which one: the resource that was short, the Secret, the probe, the exit code.")
FAULT = Column("fault", TEXT, "Whose matter the error code is: `platform`, `capacity`, `user` or `unknown`.")
COMPONENT = Column("component", TEXT, "The component that reported the decisive evidence.")
MESSAGE = Column("message", TEXT, "The decisive evidence's message.")
OBJECTIVE = Column("objective", TEXT, "`wall`, `platform`, `sig_startup`, `10m`, `1h` or `24h`; of API calls `mutating` or `read`.", nullable=False)
PHASE = Column("phase", TEXT, "The phase's name.", nullable=False)
SCOPE = Column(
    "scope", TEXT, "What the row is about: `cluster`, `namespace`, `workload_kind`, `size_class`, `api_resource` and others.", nullable=False
)
SCOPE_VALUE = Column("scope_value", TEXT, "Which one of the scope; the cluster's name for the scope `cluster`.", nullable=False)


def bucket_at(length: str, *, of_deliveries: bool = True) -> Column:
    """The start of the bucket that a row sums up, such as an hour: of deliveries that started in it, or of the log."""
    whose = ", by the delivery's start" if of_deliveries else ""
    return Column("bucket_at", INSTANT, f"Start of the {length}{whose}.", nullable=False)


def count(name: str, description: str) -> Column:
    """A number of things, never negative."""
    return Column(name, COUNT, description, nullable=False, check=f"{name} >= 0")


def rate(name: str, description: str) -> Column:
    """A share in [0, 1]; null over nothing."""
    return Column(name, RATE, description, check=f"{name} between 0 and 1")


def seconds(name: str, description: str) -> Column:
    """A duration in seconds."""
    return Column(name, SECONDS, description)


def instant(name: str, description: str, *, nullable: bool = True) -> Column:
    """A UTC instant."""
    return Column(name, INSTANT, description, nullable=nullable)


def milestone(stem: str, description: str, *, is_lower: bool = False, nullable: bool = True) -> tuple[Column, ...]:
    """A milestone's point in time, its uncertainty and its source (domain: the time ladder).

    Args:
        stem: The milestone's name, before `_at`.
        description: What happened then.
        is_lower: Whether the point is the earliest possible moment (of a request) and not the latest.
        nullable: Whether the milestone may be missing.
    """
    end, direction = ("earliest", "later") if is_lower else ("latest", "earlier")
    return (
        instant(f"{stem}_at", f"{description} The {end} moment that all sources allow.", nullable=nullable),
        Column(f"{stem}_uncertainty_ms", SECONDS, f"How much {direction} than `{stem}_at` it may have been, in ms."),
        Column(f"{stem}_source", TEXT, f"Where `{stem}_at` is from: `audit`, `event_name`, `event`, `condition`, `container_status` or `object`."),
    )
