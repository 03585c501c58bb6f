"""Who may ask: bearer tokens in a file that holds only their hashes.

A token is 256 random bits, so its plain SHA-256 tells nothing about it: slow hashes are for what people make up. Here: the file, making,
listing and revoking tokens, and finding who a token belongs to. Not here: requests (`callers`).
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipelines.errors import ConfigError, LorgnetteError
from pipelines.serving.scope import Scope

PREFIX = "lorgnette_"
_BITS = 256
_SHOWN = re.compile(rf"{PREFIX}[A-Za-z0-9_-]+")


class Token(BaseModel):
    """One token: what it is called, what it opens, and the SHA-256 of it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$")
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    clusters: list[str] | None = Field(default=None, min_length=1)
    namespaces: list[str] | None = Field(default=None, min_length=1)
    may_read_bodies: bool = False
    created_at: datetime

    @property
    def scope(self) -> Scope:
        """What it opens."""
        return Scope(
            None if self.clusters is None else tuple(self.clusters),
            None if self.namespaces is None else tuple(self.namespaces),
            self.may_read_bodies,
        )


class _Content(BaseModel):
    model_config = ConfigDict(extra="forbid")

    tokens: list[Token] = Field(default_factory=list)


def default_path() -> Path:
    """Where the file is unless somebody says otherwise: the user's folder of settings."""
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "lorgnette" / "tokens.json"


class TokenFile:
    """The tokens of a file; it is read again whenever it changes, so that a revoked token ends at once."""

    def __init__(self, path: Path) -> None:
        """Name the file; it need not be there."""
        self.path = path
        self._seen: tuple[int, int] | None = None
        self._tokens: list[Token] = []

    def tokens(self) -> list[Token]:
        """All tokens; none if there is no file.

        Raises:
            ConfigError: The file cannot be read or is not understood.
        """
        try:
            stat = self.path.stat()
        except FileNotFoundError:
            self._seen, self._tokens = None, []
            return []
        except OSError as error:
            raise self._unreadable(error) from error
        seen = (stat.st_mtime_ns, stat.st_ino)
        if seen != self._seen:
            self._tokens = self._read()
            self._seen = seen
        return self._tokens

    def find(self, secret: str) -> Token | None:
        """The token that a secret is. All are compared, each in constant time, so that nothing can be learnt from how long it takes."""
        digest = _digest(secret)
        found = None
        for token in self.tokens():
            if hmac.compare_digest(token.sha256, digest):
                found = token
        return found

    def add(self, name: str, scope: Scope) -> str:
        """Make a token; the answer is the only time that it is seen.

        Raises:
            LorgnetteError: There is one of that name, the name cannot be one, or the file cannot be written.
        """
        tokens = self.tokens()
        if any(token.name == name for token in tokens):
            raise LorgnetteError(
                f"There is a token {name} already",
                where=str(self.path),
                remedy="Take another name, or revoke it first: lorgnette tokens revoke NAME.",
            )
        secret = PREFIX + secrets.token_urlsafe(_BITS // 8)
        try:
            token = Token(
                name=name,
                sha256=_digest(secret),
                clusters=None if scope.clusters is None else list(scope.clusters),
                namespaces=None if scope.namespaces is None else list(scope.namespaces),
                may_read_bodies=scope.may_read_bodies,
                created_at=datetime.now(UTC).replace(microsecond=0),
            )
        except ValidationError as error:
            raise LorgnetteError(
                f"{name!r} cannot be the name of a token", remedy="Use up to 64 letters, digits and the signs . _ @ -, such as grafana."
            ) from error
        self._write([*tokens, token])
        return secret

    def revoke(self, name: str) -> None:
        """Remove a token.

        Raises:
            LorgnetteError: There is none of that name, or the file cannot be written.
        """
        tokens = self.tokens()
        kept = [token for token in tokens if token.name != name]
        if len(kept) == len(tokens):
            names = ", ".join(token.name for token in tokens)
            raise LorgnetteError(
                f"There is no token {name}",
                where=str(self.path),
                remedy=f"There are: {names}." if names else "There are none: lorgnette tokens add NAME.",
            )
        self._write(kept)

    def _read(self) -> list[Token]:
        try:
            return _Content.model_validate_json(self.path.read_bytes()).tokens
        except OSError as error:
            raise self._unreadable(error) from error
        except ValidationError as error:
            problem = error.errors(include_input=False)[0]
            at = ".".join(str(part) for part in problem["loc"])
            raise ConfigError(
                f"The file of tokens is not understood: {at}: {problem['msg']}" if at else "The file of tokens is not understood",
                where=str(self.path),
                remedy="Mend it, or remove it and make the tokens anew by `lorgnette tokens add`.",
            ) from error

    def _unreadable(self, error: OSError) -> ConfigError:
        return ConfigError(f"The file of tokens cannot be read: {error.strerror}", where=str(self.path), remedy="Give another by --tokens.")

    def _write(self, tokens: list[Token]) -> None:
        """Put a new file in the old one's place; only its owner may read it."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            # A temporary file is its owner's alone from the start.
            with tempfile.NamedTemporaryFile("w", dir=self.path.parent, prefix=".tokens-", delete=False, encoding="utf-8") as aside:
                aside.write(_Content(tokens=tokens).model_dump_json(indent=1) + "\n")
            Path(aside.name).replace(self.path)
        except OSError as error:
            raise LorgnetteError(
                f"The file of tokens cannot be written: {error.strerror}", where=str(self.path), remedy="Give another by --tokens."
            ) from error


def hidden(text: str) -> str:
    """A text without the tokens that somebody put into it."""
    return _SHOWN.sub(f"{PREFIX}…", text)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
