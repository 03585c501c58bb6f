"""Input that is missing, broken or something else: the good is kept, the bad is named."""

from __future__ import annotations

import gzip
import os
import random
from typing import TYPE_CHECKING

import pytest
import zstandard

from pipelines.errors import ConfigError, InputError
from tests.ingest.logs import audit, compact, lines, pod

if TYPE_CHECKING:
    from tests.ingest.reading import Reading

_NOISE = random.Random(1).randbytes(20_000)  # noqa: S311 - no secret


def _many(count: int) -> bytes:
    return lines(*(audit(auditID=str(number)) for number in range(count)))


def test_a_missing_path_is_named(reading: Reading) -> None:
    with pytest.raises(InputError, match=r"nowhere\.log: No such file or folder"):
        reading.ingest(str(reading.folder / "nowhere.log"))


def test_a_pattern_without_a_match_is_named(reading: Reading) -> None:
    with pytest.raises(InputError, match="No file matches this pattern"):
        reading.ingest(str(reading.folder / "*.log"))


def test_an_empty_folder_is_an_error(reading: Reading) -> None:
    (reading.folder / "logs").mkdir()
    with pytest.raises(InputError, match="There are no files here"):
        reading.ingest()


def test_a_folder_without_logs_is_an_error(reading: Reading) -> None:
    reading.file(b"# Readme\n", "logs/README.md")
    reading.file(b"kind: Policy\napiVersion: audit.k8s.io/v1\n", "logs/audit-policy.yaml")
    with pytest.raises(InputError, match="None of the 2 files"):
        reading.ingest()


def test_other_files_in_a_folder_are_left_aside(reading: Reading) -> None:
    reading.file(_many(3), "logs/deep/audit.log")
    others = [
        reading.file(b'apiserver_request_total{code="200"} 5\n' * 100, "logs/metrics.prom.gz"),
        reading.file(b'{"level":"scenario","kind":"Cluster","at":"2026-11-23T07:24:11Z"}\n' * 3, "logs/scenarios.jsonl"),
        reading.file(_NOISE, "logs/core.bin"),
        reading.file(b"", "logs/empty.log"),
        reading.file(b"metadata:\n  annotations:\n    last: |\n      " + compact(pod()).encode() + b"\n", "logs/pod.yaml"),
    ]
    report = reading.ingest()
    assert sorted(report.left_aside) == sorted(others)
    assert (report.unreadable, report.kept, report.is_clean) == ([], 3, True)


@pytest.mark.parametrize("data", [_NOISE, b"", b"just text\n", b'{"level":"info","msg":"other log"}\n'])
def test_a_named_file_that_is_something_else_is_unreadable(reading: Reading, data: bytes) -> None:
    report = reading.ingest(reading.file(_many(2)), reading.file(data, "logs/other"))
    assert [each.uri for each in report.unreadable] == [str(reading.folder / "logs/other")]
    assert (report.kept, report.is_clean) == (2, False)


def test_a_lake_inside_of_the_folder_is_no_source(reading: Reading) -> None:
    path = reading.file(_many(2))
    reading.ingest(path)
    report = reading.ingest(str(reading.folder))
    assert ([source.uri for source in report.sources], report.left_aside) == ([path], [])


def test_a_gzip_that_was_cut_keeps_its_whole_lines(reading: Reading) -> None:
    data = lines(*(audit(auditID=str(number), requestURI=random.Random(number).randbytes(40).hex()) for number in range(300)))  # noqa: S311
    stored = gzip.compress(data)
    path = reading.folder / "audit.log.gz"
    path.write_bytes(stored[: len(stored) // 2])
    report = reading.ingest(str(path))
    source = report.sources[0]
    assert (source.is_complete, report.is_clean) == (False, False)
    assert "cut" in (source.problem or "")
    assert 50 < source.kept < 250
    assert source.quarantined <= 1
    assert [row["audit_id"] for row in reading.rows("audit_events")] == [str(number) for number in range(source.kept)]
    assert reading.row("sources")["problem"] == source.problem


def test_a_gzip_that_is_damaged_keeps_what_comes_before(reading: Reading) -> None:
    members = [gzip.compress(_many(50)), gzip.compress(lines(*(audit(auditID=f"x{number}") for number in range(50))))]
    path = reading.folder / "audit.log.gz"
    path.write_bytes(members[0] + members[1][:40] + b"\xff" * 40 + members[1][80:])
    source = reading.ingest(str(path)).sources[0]
    assert source.kept == 50
    assert "damaged" in (source.problem or "")


def test_gzip_members_and_padding_are_one_file(reading: Reading) -> None:
    path = reading.folder / "audit.log.gz"
    path.write_bytes(gzip.compress(lines(audit(auditID="a"))) + gzip.compress(lines(audit(auditID="b"))) + b"\0" * 512)
    source = reading.ingest(str(path)).sources[0]
    assert (source.kept, source.problem) == (2, None)


@pytest.mark.parametrize("cut", [None, 200])
def test_zstd_is_told_by_its_bytes(reading: Reading, cut: int | None) -> None:
    path = reading.folder / "audit.log"
    frames = [zstandard.compress(_many(20)), zstandard.compress(lines(audit(auditID="z")))]
    path.write_bytes(b"".join(frames)[:cut] if cut is None else frames[0] + frames[1][:cut])
    source = reading.ingest(str(path)).sources[0]
    assert source.kept >= 20
    assert source.is_complete is (cut is None)


def test_a_valid_line_of_5_mb_is_fine(reading: Reading) -> None:
    long = audit(verb="list", requestObject=None) | {"responseObject": {"kind": "PodList", "apiVersion": "v1", "items": [pod()] * 12_000}}
    assert len(compact(long)) > 5_000_000
    report = reading.read(long, audit(auditID="b"))
    assert (report.kept, report.quarantined) == (2, 0)


def test_a_line_that_is_no_utf8_is_shown_escaped(reading: Reading) -> None:
    reading.ingest(reading.file(_many(2) + b"I1123 \xff\xfe\n" + lines(audit(auditID="last"))))
    row = reading.row("quarantine")
    assert (row["line"], row["reason"], row["raw"]) == (3, "not UTF-8", "I1123 \\xff\\xfe")
    assert len(reading.rows("audit_events")) == 3


def test_a_file_without_an_end_of_line_is_read_whole(reading: Reading) -> None:
    assert reading.ingest(reading.file(_many(3).rstrip(b"\n"))).kept == 3


def test_windows_line_ends_are_fine(reading: Reading) -> None:
    report = reading.ingest(reading.file(_many(3).replace(b"\n", b"\r\n") + b"\r\n"))
    assert (report.kept, report.sources[0].filtered) == (3, 1)


def test_a_broken_first_line_does_not_hide_the_log(reading: Reading) -> None:
    report = reading.ingest(reading.file(compact(audit()).encode()[300:] + b"\n" + _many(3)))
    assert (report.kept, report.quarantined) == (3, 1)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_unreadable(reading: Reading) -> None:
    path = reading.file(_many(1), "logs/secret.log")
    os.chmod(path, 0)  # noqa: PTH101
    report = reading.ingest(reading.file(_many(2)), path)
    assert report.unreadable[0].problem == "Permission denied"


def test_a_link_to_nowhere_is_unreadable(reading: Reading) -> None:
    reading.file(_many(2))
    (reading.folder / "logs" / "gone.log").symlink_to(reading.folder / "nowhere")
    report = reading.ingest()
    assert (report.kept, len(report.unreadable)) == (2, 1)


def test_a_shape_can_be_forced_and_must_exist(reading: Reading) -> None:
    from pipelines.config import Settings
    from pipelines.ingest import ingest

    path = reading.file(b"noise\n" * 60 + _many(2))
    assert ingest(reading.lake, "prod", [path], Settings(), shape="audit_lines").kept == 2
    with pytest.raises(ConfigError, match="Use one of audit_lines"):
        ingest(reading.lake, "prod", [path], Settings(), shape="syslog")
