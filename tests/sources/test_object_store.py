"""Logs in a bucket, over HTTP: what is listed, what is fetched, and what a refusal says."""

from __future__ import annotations

import logging
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import unquote

import fsspec
import pytest
import requests
import s3fs

from pipelines.errors import SourceError
from pipelines.sources import Blocks, Selection, Span, discover, opened
from pipelines.sources.blocks import BLOCK_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipelines.sources import Found

DAY = Span(datetime(2026, 11, 22, tzinfo=UTC), datetime(2026, 11, 23, tzinfo=UTC))
EXACT = Selection(span=DAY, lag=timedelta())


class Requests:
    """The requests that the server has answered, by what it logs of them."""

    def __init__(self, caplog: pytest.LogCaptureFixture) -> None:
        self._caplog = caplog
        caplog.set_level(logging.INFO, "werkzeug")

    def _matches(self, pattern: str) -> list[str]:
        lines = [record.getMessage() for record in self._caplog.records]
        self._caplog.clear()
        return [unquote(found[1]) for line in lines if (found := re.search(pattern, line))]

    def listed(self) -> set[str]:
        """The prefixes that were listed since the last call."""
        return set(self._matches(r"list-type=2&prefix=([^&]*)"))

    def fetched(self) -> list[str]:
        """The keys that were fetched since the last call."""
        return self._matches(r"GET /[^/?]+/([^ ?]+) HTTP")


@pytest.fixture
def asked(caplog: pytest.LogCaptureFixture) -> Requests:
    return Requests(caplog)


def put(bucket: str, *keys: str, data: bytes = b"12345") -> None:
    fsspec.filesystem("s3").pipe({f"{bucket}/{key}": data for key in keys})


def below(found: list[Found]) -> list[str]:
    return [each.below for each in found]


def test_thousands_of_objects_are_listed_page_by_page(bucket: str) -> None:
    from moto.s3.models import s3_backends

    # Straight into the server: over HTTP this would take a minute.
    backend = s3_backends["123456789012"]["aws"]
    for number in range(1100):
        backend.put_object(bucket.removeprefix("s3://"), f"logs/{number:05}.log", b"x")
    found = discover([f"{bucket}/logs/"])
    assert below(found.files) == [f"{number:05}.log" for number in range(1100)]
    assert len(discover([f"{bucket}/*/*0.log"]).files) == 110


def test_an_object_is_told_by_its_etag_and_time(bucket: str) -> None:
    put(bucket, "a.log")
    [found] = discover([f"{bucket}/a.log"]).files
    assert (found.uri, found.size_bytes, found.is_explicit, found.below) == (f"{bucket}/a.log", 5, True, "a.log")
    assert found.content == "etag 827ccb0eea8a706c4c34a16891f84e7b 5"
    assert found.modified_at is not None
    [listed] = discover([bucket]).files
    assert (listed.content, listed.version, listed.is_explicit) == (found.content, found.version, False)


def test_hidden_objects_and_those_that_stand_for_folders_are_left_alone(bucket: str) -> None:
    put(bucket, "logs/a.log", "logs/.tmp/b.log", "logs/.c.log", "logs/")
    assert below(discover([f"{bucket}/logs"]).files) == ["a.log"]
    assert below(discover([f"{bucket}/logs/"], Selection(span=Span(datetime(2020, 1, 1, tzinfo=UTC)))).files) == ["a.log"]


def test_only_folders_inside_the_span_are_listed(bucket: str, asked: Requests) -> None:
    days = ("2025/11/22", "2026/10/22", "2026/11/21", "2026/11/22", "2026/11/23")
    put(bucket, *(f"logs/{day}/{hour}/a.log" for day in days for hour in ("01", "02")))
    for path in ("logs/", "logs/%Y/%m/%d/%H/", "logs/*/*/*/*/*.log", "logs/*/*/*/"):
        asked.listed()
        found = discover([f"{bucket}/{path}"], EXACT)
        assert [each.uri.removeprefix(f"{bucket}/logs/") for each in found.files] == ["2026/11/22/01/a.log", "2026/11/22/02/a.log"]
        assert not [prefix for prefix in asked.listed() if re.match(r"logs/(2025/11|2026/10|2026/11/2[13])/", prefix)]
        assert found.unlisted == 4


def test_a_bucket_with_nothing_of_the_span_is_not_empty(bucket: str) -> None:
    put(bucket, "2026/11/25/a.log")
    found = discover([bucket], EXACT)
    assert (found.files, found.unlisted) == ([], 1)


def test_a_folder_all_inside_the_span_is_listed_at_once(bucket: str, asked: Requests) -> None:
    put(bucket, *(f"y=2026/m=11/d=22/h={hour:02}/PT1H.json" for hour in range(5)))
    asked.listed()
    assert len(discover([bucket], EXACT).files) == 5
    assert asked.listed() == {"", "y=2026/", "y=2026/m=11/", "y=2026/m=11/d=22/"}


def test_what_was_put_there_before_the_span_holds_nothing_of_it(bucket: str) -> None:
    put(bucket, "a.log")
    assert discover([bucket], Selection(span=Span(datetime.now(UTC) + timedelta(hours=1)))).files == []
    assert len(discover([bucket], Selection(span=Span(None, datetime(2020, 1, 1, tzinfo=UTC)))).files) == 1


def test_options_of_a_source_reach_the_client(bucket: str, s3_endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    put(bucket, "a.log")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    options = {"endpoint_url": s3_endpoint, "key": "other", "secret": "one"}
    assert len(discover([bucket], Selection(storage_options=options)).files) == 1


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(s3fs.S3FileSystem, "retries", 1)
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")


@pytest.fixture
def denied(bucket: str, s3_endpoint: str) -> Iterator[None]:
    """From now on the server looks at credentials."""
    assert bucket
    requests.post(f"{s3_endpoint}/moto-api/reset-auth", data="0", timeout=5)
    yield
    requests.post(f"{s3_endpoint}/moto-api/reset-auth", data="inf", timeout=5)


def problem(url: str, options: dict[str, object] | None = None) -> tuple[str, str]:
    [found] = discover([url], Selection(storage_options=options or {})).files
    return found.problem or "", found.remedy or ""


@pytest.mark.usefixtures("impatient")
def test_what_is_not_there_or_does_not_answer_is_named_with_a_remedy(bucket: str) -> None:
    assert problem(f"{bucket}/none.log")[0] == "No such file or folder"
    assert problem(f"{bucket}/none/")[0] == "The folder is empty"
    assert problem(f"{bucket}/*.log")[0] == "No file matches this pattern"
    what, remedy = problem(f"{bucket}-not/logs/")
    assert (what, "AWS_ENDPOINT_URL" in remedy) == ("There is no such bucket", True)
    what, remedy = problem(bucket, {"endpoint_url": "http://127.0.0.1:9"})
    assert ("Could not connect" in what, "AWS_ENDPOINT_URL" in remedy) == (True, True)
    what, remedy = problem(bucket, {"endpoint_url": "nonsense"})
    assert ("Invalid endpoint: nonsense" in what, "storage_options" in remedy) == (True, True)
    what, remedy = problem(bucket, {"profile": "none"})
    assert ("none" in what, "AWS_PROFILE" in remedy) == (True, True)


@pytest.mark.usefixtures("denied")
def test_credentials_that_are_refused_are_named_with_a_remedy(bucket: str) -> None:
    what, remedy = problem(bucket, {"key": "wrong", "secret": "wrong"})
    assert what.startswith("The store refuses")
    assert "AWS_PROFILE" in remedy


@pytest.mark.parametrize(("url", "word"), [("nope://x/y", "Protocol not known"), ("gs://x/y", "gcsfs")])
def test_a_store_that_is_not_known_or_not_installed_is_named(url: str, word: str) -> None:
    what, remedy = problem(url)
    assert word in what
    assert remedy


def test_an_object_of_many_blocks_is_read_whole_and_once(bucket: str, asked: Requests) -> None:
    data = bytes(range(256)) * (BLOCK_BYTES * 5 // 256) + b"end"
    put(bucket, "big", data=data)
    [found] = discover([f"{bucket}/big"]).files
    asked.fetched()
    with Blocks() as blocks:
        file = opened(found, blocks)
        read = b"".join(iter(lambda: file.file.read(100_000), b""))
        is_intact = file.check()()
    assert read == data
    assert is_intact
    assert asked.fetched() == ["big"] * 6


def test_an_object_that_is_put_again_meanwhile_is_not_taken_for_the_one_that_was_listed(bucket: str) -> None:
    put(bucket, "a.log", data=b"x" * (BLOCK_BYTES + 1))
    [found] = discover([bucket]).files
    with Blocks() as blocks:
        file = opened(found, blocks)
        file.file.read(1)
        put(bucket, "a.log", data=b"y" * (BLOCK_BYTES + 1))
        while file.file.read():
            pass
        assert not file.check()()


def test_an_object_that_got_shorter_is_no_end_of_file(bucket: str) -> None:
    put(bucket, "a.log", data=b"x" * 100)
    [found] = discover([bucket]).files
    put(bucket, "a.log", data=b"x" * 10)
    with Blocks() as blocks, pytest.raises((OSError, SourceError)):
        opened(found, blocks).file.read()
