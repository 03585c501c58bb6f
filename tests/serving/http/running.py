"""A server as people start it: another process, and a client that talks to it over HTTP."""

from __future__ import annotations

import re
import signal
import subprocess
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx

from tests.command import COMMAND, environment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass(slots=True)
class Running:
    """A server that listens, and what it wrote."""

    url: str
    journal: Path
    said: list[str]

    def client(self, token: str | None = None) -> httpx.Client:
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        return httpx.Client(base_url=self.url, headers=headers, timeout=60)


def lorgnette(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *arguments], env=environment(), capture_output=True, text=True, timeout=120, check=False)


@contextmanager
def running(folder: Path, lake_url: str, *options: str) -> Iterator[Running]:
    """A server over a lake, with its tokens and journal in a folder; ended by Ctrl-C."""
    journal = folder / "journal.jsonl"
    arguments = ("serve", "--lake", lake_url, "--port", "0", "--tokens", str(folder / "tokens.json"), "--journal", str(journal), *options)
    process = subprocess.Popen([*COMMAND, *arguments], env=environment(), stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    said: list[str] = []
    # Nobody else reads what it writes.
    reader = threading.Thread(target=said.extend, args=(process.stderr,), daemon=True)
    try:
        first = process.stderr.readline()
        found = re.search(r"http://\S+", first)
        assert found, first + process.stderr.read()
        said.append(first)
        reader.start()
        yield Running(found[0], journal, said)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)
        reader.join(10)
        process.stderr.close()
