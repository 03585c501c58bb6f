"""What the audit log itself says: refused creates, when each write was answered, and where the log ends.

Here: one pass over the raw lines with the standard library alone, so that it can stand beside the product's reader. Not
here: what the watch saw (`watch`).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bench.truth.corpus import Json, audit_files, instant, raw_lines

if TYPE_CHECKING:
    from pathlib import Path

_STAGE_AT = re.compile(rb'"stageTimestamp":"([^"]+)"')
_ABOUT_PODS = b'"resource":"pods"'
_ANSWERED = b'"stage":"ResponseComplete"'
_WRITES = {"create", "update", "patch", "delete"}
_FIRST_REFUSAL = 400
_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Write:
    """When one write of a pod was received and answered."""

    received_at: datetime
    answered_at: datetime


@dataclass(frozen=True, slots=True)
class Refusal:
    """One refused create of a pod."""

    namespace: str
    name: str | None
    owner: str | None
    user: str
    code: int
    message: str
    at: datetime


@dataclass(slots=True)
class AuditLog:
    """The facts of one run's audit log.

    Args:
        lines: Number of lines of each file, by its name.
        stamps: The `stageTimestamp` of each line.
        last_at: The latest `stageTimestamp`: up to there the log is known to be complete.
        writes: Writes whose answer holds the pod, by uid and `resourceVersion`.
        refusals: Refused creates, dry runs left out.
        dry_run_uids: Uids that dry runs invented.
        deleted_uids: Uids of pods that an accepted DELETE names; the watch may have ended before it showed them.
    """

    lines: dict[str, int] = field(default_factory=dict)
    stamps: list[datetime] = field(default_factory=list)
    last_at: datetime = _NEVER
    writes: dict[tuple[str, str], Write] = field(default_factory=dict)
    refusals: list[Refusal] = field(default_factory=list)
    dry_run_uids: set[str] = field(default_factory=set)
    deleted_uids: set[str] = field(default_factory=set)


def read_audit(folder: Path) -> AuditLog:
    """Reads the audit log of a run's folder once."""
    log = AuditLog()
    last = b""
    for path in audit_files(folder):
        count = 0
        for line in raw_lines(path):
            count += 1
            # Both stamps are RFC 3339 with microseconds in UTC, so bytes compare as instants do.
            stamp = max((m.group(1) for m in _STAGE_AT.finditer(line[-4000:])), default=b"")
            last = max(last, stamp)
            if stamp:
                log.stamps.append(instant(stamp.decode()))
            if _ABOUT_PODS in line and _ANSWERED in line:
                _note(log, json.loads(line))
        log.lines[path.name] = count
    log.last_at = instant(last.decode())
    return log


def _note(log: AuditLog, event: Json) -> None:
    target = event.get("objectRef", {})
    if event["verb"] not in _WRITES or target.get("resource") != "pods":
        return
    answer = event.get("responseObject") or {}
    is_pod = answer.get("kind") == "Pod"
    if "dryRun=All" in event["requestURI"]:
        log.dry_run_uids |= {answer["metadata"]["uid"]} if is_pod and event["verb"] == "create" else set()
    elif event["verb"] == "create" and "subresource" not in target and event["responseStatus"].get("code", 0) >= _FIRST_REFUSAL:
        log.refusals.append(_refusal(event))
    elif is_pod and "resourceVersion" in answer["metadata"]:
        meta = answer["metadata"]
        if event["verb"] == "delete":
            log.deleted_uids.add(meta["uid"])
        write = Write(instant(event["requestReceivedTimestamp"]), instant(event["stageTimestamp"]))
        log.writes.setdefault((meta["uid"], meta["resourceVersion"]), write)


def _refusal(event: Json) -> Refusal:
    body = (event.get("requestObject") or {}).get("metadata", {})
    target, status = event["objectRef"], event["responseStatus"]
    return Refusal(
        namespace=target["namespace"],
        name=target.get("name") or body.get("name"),
        owner=next((owner["name"] for owner in body.get("ownerReferences", [])), None),
        user=event["user"]["username"],
        code=status["code"],
        message=status.get("message", ""),
        at=instant(event["requestReceivedTimestamp"]),
    )
