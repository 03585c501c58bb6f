"""The counts that have to be right: every input line, every pod, every refused create.

Here: `check_accounting` and `check_deliveries`. A finding here fails the command. Not here: when or why (the other checks).
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from bench.truth.findings import Section

if TYPE_CHECKING:
    from collections.abc import Iterable

    import polars as pl

    from bench.truth.expected import Expectations
    from bench.truth.truth import Truth

_ACCOUNT = ["source", "lines", "kept", "filtered", "duplicates", "quarantined", "lines in the file"]
_DELIVERIES = ["kind", "state", "objective", "verdict", "count"]


def check_accounting(truth: Truth, sources: pl.DataFrame) -> Section:
    """Lines = kept + filtered + duplicates + quarantined for each source, and lines = what the audit files hold."""
    section = Section(truth.run.name, "accounting", "Account of the input's lines", _ACCOUNT)
    for row in sources.sort("uri").iter_rows(named=True):
        name = row["uri"].rpartition("/")[2]
        parts = [row[part] for part in ("kept", "filtered", "duplicates", "quarantined")]
        in_file = truth.audit.lines.get(name) if "/audit/" in row["uri"] else None
        section.rows.append([name, *(str(n) for n in (row["lines"], *parts)), "" if in_file is None else str(in_file)])
        if row["lines"] != sum(parts):
            section.find(name, f"{row['lines']} lines, but kept + filtered + duplicates + quarantined = {sum(parts)}", is_fatal=True)
        if in_file not in (None, row["lines"]):
            section.find(name, f"the ledger says {row['lines']} lines, the file has {in_file}", is_fatal=True)
    read = {uri.rpartition("/")[2] for uri in sources["uri"] if "/audit/" in uri}
    for name in sorted(truth.audit.lines.keys() - read):
        section.find(name, "a file of the audit log was not read", is_fatal=True)
    return section


def check_deliveries(truth: Truth, deliveries: pl.DataFrame, verdicts: pl.DataFrame, expectations: Expectations) -> Section:
    """One creation per pod that ever was, one deletion per pod that was deleted, one row per key of refused creates."""
    section = Section(truth.run.name, "deliveries", "Deliveries", _DELIVERIES)
    section.rows = _breakdown(deliveries, verdicts)
    real = truth.pods.keys() | truth.scenario_pods.keys()
    deleted = {uid for uid, pod in truth.pods.items() if "deleted" in pod.seen} | truth.audit.deleted_uids
    _match_uids(section, "pod_create", deliveries, real, truth)
    _match_uids(section, "pod_delete", deliveries, deleted, truth)
    _match_refusals(section, truth, deliveries, expectations)
    return section


def _breakdown(deliveries: pl.DataFrame, verdicts: pl.DataFrame) -> list[list[str]]:
    judged = verdicts.select("delivery_id", "objective", "verdict")
    rows = deliveries.select("delivery_id", "kind", "state").join(judged, on="delivery_id", how="left")
    counts = rows.group_by("kind", "state", "objective", "verdict").len().sort("kind", "state", "objective", "verdict")
    return [[str(cell) if cell is not None else "-" for cell in row] for row in counts.iter_rows()]


def _match_uids(section: Section, kind: str, deliveries: pl.DataFrame, truth_uids: Iterable[str], truth: Truth) -> None:
    rows = deliveries.filter((deliveries["kind"] == kind) & deliveries["uid"].is_not_null())
    ours, expected = Counter(rows["uid"].to_list()), set(truth_uids)
    section.notes.append(f"{kind}: truth {len(expected)} pods, ours {len(ours)} with a uid")
    for uid in sorted(expected - ours.keys()):
        section.find(f"{kind} {_label(truth, uid)}", "no delivery", is_fatal=True)
    for uid in sorted(ours.keys() - expected):
        invented = " (a dry run)" if uid in truth.audit.dry_run_uids else ""
        section.find(f"{kind} {uid}", f"a delivery of a pod that neither the watch nor the log shows{invented}", is_fatal=True)
    for uid in sorted(uid for uid, count in ours.items() if count > 1):
        section.find(f"{kind} {_label(truth, uid)}", f"{ours[uid]} deliveries instead of one", is_fatal=True)


def _label(truth: Truth, uid: str) -> str:
    return truth.pods[uid].label if uid in truth.pods else uid


def _match_refusals(section: Section, truth: Truth, deliveries: pl.DataFrame, expectations: Expectations) -> None:
    """Refused creates by (namespace, name, HTTP code, error code): how many rows and how many attempts."""
    expected, ours = _expected_refusals(truth, expectations), Counter[tuple[str, str, str, str, int]]()
    refused = deliveries.filter((deliveries["kind"] == "pod_create") & deliveries["uid"].is_null())
    for row in refused.iter_rows(named=True):
        ours[row["namespace"], row["name"] or "-", str(row["code"]), str(row["error_code"]), row["attempts"]] += 1
    attempts_of_all = sum(key[4] * count for key, count in expected.items())
    section.notes.append(f"refused creates: truth {expected.total()} rows of {attempts_of_all} attempts, ours {ours.total()} rows")
    for key in sorted((expected - ours) | (ours - expected)):
        namespace, name, code, error, attempts = key
        section.find(f"refused {namespace}/{name} {code} {error} x{attempts}", f"truth {expected[key]} rows, ours {ours[key]}", is_fatal=True)


def _expected_refusals(truth: Truth, expectations: Expectations) -> Counter[tuple[str, str, str, str, int]]:
    groups: Counter[tuple[str, str, str, str, str]] = Counter()
    for refusal in sorted(truth.audit.refusals, key=lambda r: r.at):
        who = refusal.owner or f"{refusal.user} {refusal.name}"
        key = (refusal.namespace, refusal.name or "-", str(refusal.code), expectations.refused_as(refusal.code, refusal.message))
        # A key's hour is that of its attempt: the same refusal in the next hour is a row of its own.
        hour = f"{refusal.at:%Y-%m-%dT%H}"
        groups[(*key, f"{who} {hour}")] += 1
    return Counter((*key[:4], count) for key, count in groups.items())
