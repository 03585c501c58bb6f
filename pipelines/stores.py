"""Places behind a URL, such as `s3://bucket/prefix`: connecting to them, and saying in words what they refuse.

Here: `connected` and `explained`, which logs and lakes share, so that one way of giving endpoints and credentials does for both: what
fsspec and the store's own client read by themselves (for S3: `AWS_*` variables, `~/.aws/config`, fsspec's configuration). Not here: what
lies in a store (`pipelines.sources`, `pipelines.lake`).
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

from pipelines.errors import LorgnetteError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from fsspec import AbstractFileSystem

_CLIENT_MODULES = ("botocore", "aiobotocore", "aiohttp")
_ENDPOINT = "Check the URL, the endpoint (AWS_ENDPOINT_URL), the region (AWS_REGION) and the network."
_CREDENTIALS = "Check the credentials (AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY) and what they may do with this bucket."

_SETUP = "Correct the URL, the endpoint (AWS_ENDPOINT_URL) or `storage_options`; install the package if one is named."
# What fsspec and the clients say, some of them not before the first request: an unknown scheme, a missing package, options they do not take.
_SETUP_SIGNS = ("Protocol not known", "nstall", "unexpected keyword argument", "Invalid endpoint")


def connected(url: str, options: Mapping[str, Any], kind: type[LorgnetteError] = LorgnetteError) -> tuple[AbstractFileSystem, str]:
    """The file system of a URL, and the path in it; listings are never cached, for they would show what was replaced.

    Args:
        url: Any fsspec URL.
        options: What fsspec hands to the store's client, beside what that reads by itself.
        kind: The error to raise.

    Raises:
        LorgnetteError: No such kind of store is known, or its client is not installed.
    """
    from fsspec.core import url_to_fs

    with explained(url, kind):
        system, path = url_to_fs(url, **options)
    # Said here and not by an option, which some file systems hand on to clients that do not take it.
    system.dircache.use_listings_cache = False
    return system, cast("str", path)


@contextmanager
def explained(where: str, kind: type[LorgnetteError] = LorgnetteError) -> Iterator[None]:
    """Turn a refusal of a store into an error with a remedy; a missing file stays FileNotFoundError.

    Args:
        where: What the error names.
        kind: The error to raise.
    """
    try:
        yield
    except LorgnetteError:
        raise
    except FileNotFoundError as error:
        if "bucket does not exist" not in str(error):
            raise
        remedy = "Check the bucket's name and the endpoint (AWS_ENDPOINT_URL); a bucket for a lake must be made first."
        raise kind("There is no such bucket", where=where, remedy=remedy) from error
    except PermissionError as error:
        raise kind(f"The store refuses: {_said(error)}", where=where, remedy=_CREDENTIALS) from error
    except (ImportError, TypeError, ValueError) as error:
        if not any(sign in str(error) for sign in _SETUP_SIGNS):
            raise
        raise kind(f"The store cannot be opened: {_said(error)}", where=where, remedy=_SETUP) from error
    except Exception as error:
        # The clients' own errors have no common base class that could be caught without importing each client.
        if not isinstance(error, OSError) and not type(error).__module__.startswith(_CLIENT_MODULES):
            raise
        remedy = _CREDENTIALS if "redentials" in type(error).__name__ or "Profile" in type(error).__name__ else _ENDPOINT
        raise kind(f"The store does not answer as it should: {_said(error)}", where=where, remedy=remedy) from error


def _said(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
