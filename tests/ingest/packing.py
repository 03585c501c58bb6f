"""Archives of all kinds for tests, made in memory.

Not here: tests.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from typing import TYPE_CHECKING

import zstandard

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def tar(files: Mapping[str, bytes], form: int = tarfile.PAX_FORMAT) -> bytes:
    """A tar of these files with a folder, a link and a device beside them."""
    stored = io.BytesIO()
    with tarfile.open(fileobj=stored, mode="w", format=form) as archive:
        for name, kind in (("folder/", tarfile.DIRTYPE), ("link.log", tarfile.SYMTYPE), ("device", tarfile.CHRTYPE)):
            header = tarfile.TarInfo(name)
            header.type, header.linkname = kind, "/etc/passwd"
            archive.addfile(header)
        for name, data in files.items():
            header = tarfile.TarInfo(name)
            header.size = len(data)
            archive.addfile(header, io.BytesIO(data))
    return stored.getvalue()


def zipped(files: Mapping[str, bytes]) -> bytes:
    """A zip of these files with a folder and a link beside them."""
    stored = io.BytesIO()
    with zipfile.ZipFile(stored, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("folder/", b"")
        link = zipfile.ZipInfo("link.log")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
        for name, data in files.items():
            archive.writestr(name, data)
    return stored.getvalue()


PACKERS: dict[str, Callable[[Mapping[str, bytes]], bytes]] = {
    "tar": tar,
    "tar of GNU": lambda files: tar(files, tarfile.GNU_FORMAT),
    "tar.gz": lambda files: gzip.compress(tar(files), mtime=0),
    "tar.zst": lambda files: zstandard.compress(tar(files)),
    "tar.xz": lambda files: lzma.compress(tar(files)),
    "tar.bz2": lambda files: bz2.compress(tar(files)),
    "zip": zipped,
    "tar.gz in a zip": lambda files: zipped({"inner.tar.gz": gzip.compress(tar(files), mtime=0)}),
}
