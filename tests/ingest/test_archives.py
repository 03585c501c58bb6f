"""Archives: each member is a source of its own, and the ledger holds for them what it holds for files."""

from __future__ import annotations

import gzip
import random
import struct
import tarfile
from typing import TYPE_CHECKING, Any

import fsspec
import pytest

from pipelines.config import Ingest, Settings
from pipelines.errors import InputError
from pipelines.ingest import Progress, ingest
from tests.ingest.logs import audit, compact, event, lines, pod
from tests.ingest.packing import PACKERS, tar, zipped
from tests.ingest.reading import Reading
from tests.ingest.wrapping import rows_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipelines.ingest import IngestReport

_LONG = "a-folder-with-quite-a-long-name/" * 5


def _bundle() -> dict[str, bytes]:
    """Part of what a support bundle or must-gather holds."""
    return {
        "must-gather/audit_logs/kube-apiserver/m0-audit.log.gz": gzip.compress(lines(*(audit(auditID=f"a{number}") for number in range(40)))),
        "must-gather/audit_logs/oauth-apiserver/m0-audit.log": lines(audit(auditID="oauth"), "a broken line"),
        f"{_LONG}events.json": compact({"kind": "EventList", "apiVersion": "v1", "items": [event()]}).encode(),
        "cluster-resources/pods/shop.json": compact({"kind": "PodList", "apiVersion": "v1", "items": [pod()]}).encode(),
        "version.txt": b"4.21.3\n",
        "empty": b"",
    }


def _store(reading: Reading, data: bytes, name: str = "bundle") -> str:
    path = reading.folder / "logs" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return str(path)


def _named(report: IngestReport, path: str) -> dict[str, Any]:
    return {source.uri.removeprefix(path): source for source in report.sources}


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Reading, IngestReport]:
    """The same files in a folder, read."""
    unpacked = Reading(tmp_path_factory.mktemp("unpacked"))
    for name, data in _bundle().items():
        _store(unpacked, data, name)
    return unpacked, unpacked.ingest()


@pytest.mark.parametrize("kind", PACKERS)
def test_members_are_read_as_files_are(reading: Reading, kind: str, unpacked: tuple[Reading, IngestReport]) -> None:
    folder, files = unpacked
    path = _store(reading, PACKERS[kind](_bundle()))
    report = reading.ingest(path)
    inner = "!/inner.tar.gz!/" if "in a zip" in kind else "!/"
    archive, *members = report.sources
    assert (archive.uri, archive.shape, archive.lines, archive.problem) == (path, "archive", 0, None)
    accounts = [
        {
            each.uri.rpartition("!/")[2].removeprefix(f"{folder.folder}/logs/"): (
                each.shape,
                each.lines,
                each.kept,
                each.quarantined,
                each.raw_bytes,
            )
            for each in sources
        }
        for sources in (members, files.sources)
    ]
    assert accounts[0] == accounts[1]
    assert len(members) == 4
    assert all(source.uri.startswith(f"{path}{inner}") for source in members)
    assert sorted(report.left_aside) == [f"{path}{inner}empty", f"{path}{inner}version.txt"]
    assert [{str(row) for row in rows} for rows in rows_of(reading).values()] == [{str(row) for row in rows} for rows in rows_of(folder).values()]
    assert [row["uri"] for row in reading.rows("quarantine")] == [f"{path}{inner}must-gather/audit_logs/oauth-apiserver/m0-audit.log"]


@pytest.mark.parametrize("kind", ["tar.gz", "zip", "tar.gz in a zip"])
def test_an_archive_that_did_not_change_is_skipped_as_a_whole(reading: Reading, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path = _store(reading, PACKERS[kind](_bundle()))
    first = reading.ingest(path)
    monkeypatch.setattr("pipelines.ingest.flow.archive_of", None)
    again = reading.ingest(path)
    assert (again.changed, again.lines) == ([], first.lines)
    assert sorted(source.uri for source in again.sources) == sorted(source.uri for source in first.sources)
    assert again.sources[0].uri == path


def test_an_archive_that_changed_has_what_it_has_now(reading: Reading) -> None:
    reading.ingest(_store(reading, tar({"a.log": lines(audit(auditID="a"), "broken"), "b.log": lines(audit(auditID="b"))})))
    reading.file(lines(audit(auditID="other")), "logs/bundle.log")
    report = reading.ingest(
        _store(reading, zipped({"b.log": lines(audit(auditID="b2")), "c.log": lines(audit(auditID="c"))})), str(reading.folder / "logs/bundle.log")
    )
    assert [source.uri.rpartition("/")[2] for source in report.sources] == ["bundle", "b.log", "c.log", "bundle.log"]
    assert [uri.rpartition("!/")[2] for uri in report.vanished] == ["a.log"]
    assert sorted(row["audit_id"] for row in reading.rows("audit_events")) == ["b2", "c", "other"]
    assert reading.rows("quarantine") == []
    stored = {file.path for table in ("audit_events", "k8s_events", "objects") for file in reading.lake.files(table)}
    assert stored == {path for row in reading.rows("sources") for path in row["raw_files"]}


def test_an_archive_that_becomes_a_log_and_back_leaves_nothing_behind(reading: Reading) -> None:
    for data, expected in (
        (tar({"a.log": lines(audit(auditID="a"))}), ["a"]),
        (lines(audit(auditID="b")), ["b"]),
        (tar({"c": lines(audit(auditID="c"))}), ["c"]),
    ):
        reading.ingest(_store(reading, data))
        assert [row["audit_id"] for row in reading.rows("audit_events")] == expected


def _big(number: int) -> bytes:
    return lines(*(audit(auditID=f"{number}-{line}", requestURI=random.Random(line).randbytes(40).hex()) for line in range(150)))  # noqa: S311 - no secret


@pytest.mark.parametrize("kind", ["tar", "tar.gz", "tar.zst", "tar.xz"])
def test_an_archive_that_was_cut_gives_what_comes_before(reading: Reading, kind: str) -> None:
    stored = PACKERS[kind]({f"{number}.log": _big(number) for number in range(4)})
    path = _store(reading, stored[: int(len(stored) * 0.7)])
    report = reading.ingest(path)
    sources = _named(report, path)
    if kind in {"tar", "tar.gz"}:
        assert [source.kept for source in sources.values()][1:3] == [150, 150]
    last = list(sources.values())[-1]
    assert last.is_complete is False
    assert "cut" in (last.problem or "")
    assert "cut" in (sources[""].problem or "")
    again = reading.ingest(path)
    assert (again.changed, again.sources[0].problem, again.is_clean) == ([], sources[""].problem, False)


def test_a_zip_that_was_cut_says_so(reading: Reading) -> None:
    path = _store(reading, zipped({"a.log": _big(1)})[:-40])
    report = reading.ingest(path, reading.file(lines(audit())))
    assert [each.uri for each in report.unreadable] == [path]
    assert "damaged or cut" in report.unreadable[0].problem


def test_a_member_that_is_damaged_does_not_hurt_the_others(reading: Reading) -> None:
    stored = zipped({"a.log": _big(1), "b.log": _big(2)})
    place = stored.index(b"a.log") + 2_000
    report = reading.ingest(_store(reading, stored[:place] + b"\xff" * 50 + stored[place + 50 :]))
    assert report.sources[-1].kept == 150
    assert not report.is_clean
    assert "damaged" in str([*report.unreadable, *(source.problem for source in report.sources)])


def test_a_damaged_header_ends_a_tar_with_a_problem(reading: Reading) -> None:
    stored = bytearray(tar({"a.log": lines(audit(auditID="a")), "b.log": lines(audit(auditID="b"))}))
    stored[stored.index(b"b.log") + 1] ^= 0xFF
    report = reading.ingest(_store(reading, bytes(stored)))
    assert [row["audit_id"] for row in reading.rows("audit_events")] == ["a"]
    assert "bad checksum" in (report.sources[0].problem or "")


@pytest.mark.parametrize("more", [b"rubbish" * 3000, tar({"late.log": lines(audit(auditID="late"))})])
def test_what_follows_the_end_of_a_tar_is_not_lost_in_silence(reading: Reading, more: bytes) -> None:
    report = reading.ingest(_store(reading, tar({"a.log": lines(audit())}) + more))
    assert "follow the archive's end mark" in (report.sources[0].problem or "")


def test_a_header_that_claims_to_be_huge_is_not_believed(reading: Reading) -> None:
    header = tarfile.TarInfo("././@LongLink")
    header.type, header.size = tarfile.GNUTYPE_LONGNAME, 1 << 40
    good = tar({"a.log": lines(audit())}).rstrip(b"\0")
    good += b"\0" * (-len(good) % 512)
    report = reading.ingest(_store(reading, gzip.compress(good + header.tobuf(tarfile.GNU_FORMAT) + b"\0" * 100_000)))
    assert "a header of 1099511627776 bytes" in (report.sources[0].problem or "")
    assert len(reading.rows("audit_events")) == 1


@pytest.mark.parametrize("pack", [lambda files: gzip.compress(tar(files)), zipped], ids=["tar.gz", "zip"])
def test_a_bomb_is_left_aside(reading: Reading, pack: Any) -> None:  # noqa: ANN401 - one of the above
    report = reading.ingest(_store(reading, pack({"bomb": b"\0" * 30_000_000, "a.log": lines(audit())})))
    assert ([source.kept for source in report.sources], len(report.left_aside)) == ([0, 1], 1)


def test_names_point_nowhere(reading: Reading) -> None:
    names = ("../../escaped.log", "/var/log/absolute.log", "a/\x1b[31m\nb.log", "é.log")
    path = _store(reading, tar({name: lines(audit(auditID=name)) for name in names}))
    before = {each for each in reading.folder.rglob("*") if "lake" not in each.parts}
    report = reading.ingest(path)
    assert list(_named(report, path))[1:] == ["!/../../escaped.log", "!//var/log/absolute.log", "!/a/\\x1b[31m\\nb.log", "!/é.log"]
    assert {each for each in reading.folder.rglob("*") if "lake" not in each.parts} == before


def test_an_encrypted_member_is_named(reading: Reading) -> None:
    stored = bytearray(zipped({"a.log": lines(audit()), "b.log": lines(audit())}))
    struct.pack_into("<H", stored, stored.rindex(b"PK\x03\x04", 0, stored.index(b"b.log")) + 6, 1)
    struct.pack_into("<H", stored, stored.rindex(b"PK\x01\x02", 0, stored.rindex(b"b.log")) + 8, 1)
    path = _store(reading, bytes(stored))
    for is_again in (False, True):
        report = reading.ingest(path)
        assert [(each.uri, each.problem) for each in report.unreadable] == [(f"{path}!/b.log", "it is encrypted")]
        assert [(source.shape, source.is_unchanged) for source in report.sources] == [("archive", False), ("audit_lines", is_again)]


def test_an_archive_without_anything_that_is_read(reading: Reading) -> None:
    path = _store(reading, tar({"readme.txt": b"hello\n"}))
    with pytest.raises(InputError, match="an archive that holds neither"):
        reading.ingest(path)
    reading.file(lines(audit()))
    assert reading.ingest().left_aside == [f"{path}!/readme.txt", path]


def test_an_interrupted_archive_is_carried_on(reading: Reading) -> None:
    path = _store(reading, tar({f"{number}.log": _big(number) for number in range(4)}))
    told: list[Progress] = []

    def interrupt(progress: Progress) -> None:
        told.append(progress)
        if progress.lines > 300:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ingest(reading.lake, "prod", [path], Settings(ingest=Ingest(chunk_bytes=16 * 1024)), interrupt)
    assert told
    committed = [row["uri"] for row in reading.rows("sources")]
    assert 1 <= len(committed) <= 3
    report = reading.ingest(path, ingest={"chunk_bytes": 16 * 1024})
    assert sorted(source.uri for source in report.sources if source.is_unchanged) == sorted(committed)
    assert report.kept == 600
    assert reading.ingest(path, ingest={"chunk_bytes": 16 * 1024}).changed == []


@pytest.mark.parametrize("kind", ["tar.gz", "zip"])
def test_an_archive_may_be_remote(reading: Reading, kind: str) -> None:
    system = fsspec.filesystem("memory")
    system.pipe(f"/bucket/bundle.{kind}", PACKERS[kind](_bundle()))
    report = reading.ingest(f"memory://bucket/bundle.{kind}")
    system.rm("/bucket", recursive=True)
    assert (len(report.sources), len(report.left_aside)) == (5, 2)


def test_a_shape_can_be_forced_on_members(reading: Reading) -> None:
    path = _store(reading, tar({"a.log": b"noise\n" * 60 + lines(audit())}))
    report = ingest(reading.lake, "prod", [path], Settings(), shape="audit_lines")
    assert [(source.shape, source.kept) for source in report.sources] == [("archive", 0), ("audit_lines", 1)]


def _packed(files: Mapping[str, bytes]) -> bytes:
    return gzip.compress(tar(files), mtime=0)


def test_archives_in_archives_end_somewhere(reading: Reading) -> None:
    data = lines(audit())
    for depth in range(5):
        data = _packed({f"{depth}.tar.gz": data, f"{depth}.log": lines(audit(auditID=str(depth)))})
    report = reading.ingest(_store(reading, data))
    assert [source.uri.rpartition("/")[2] for source in report.sources] == ["bundle", "1.log", "2.log", "3.log", "4.log"]
    assert [uri.rpartition("/")[2] for uri in report.left_aside] == ["1.tar.gz"]
    assert reading.ingest(str(reading.folder / "logs/bundle")).changed == []
