"""Where a database is; its user and password show in no text.

A URL is written as SQLAlchemy writes it, with the table behind a ``#`` if there is one to name::

    sqlite:///readings.db#meter
    duckdb:////data/readings.duckdb#meter
    postgresql://${DB_USER}:${DB_PASSWORD}@db.example.org/energy#meter

``${NAME}`` stands for a variable of the environment, the whole URL for one too: ``${HOURCAST_SQL_URL}``. Where a
user has no password, it is looked for in the keyring of the system, if the package ``keyring`` is installed, under
the service ``hourcast`` and the name ``user@host/database``.
"""

from __future__ import annotations

import logging
import os
import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, quote_plus

from connectors.errors import ConfigError, MissingExtraError
from connectors.extras import require
from connectors.secret import SECRET_NAME

if TYPE_CHECKING:
    from sqlalchemy import URL

logger = logging.getLogger(__name__)

FILES = ("sqlite", "duckdb")

_PLACEHOLDER = re.compile(r"\$\{(\w+)\}")
#: A scheme of one letter is a drive of Windows.
_URL = re.compile(r"[A-Za-z][\w+.-]+://.*|\$\{\w+\}(#.*)?", re.DOTALL)
_TABLE = re.compile(r"#([^\W\d]\w*(?:\.[^\W\d]\w*)?)$")
_PARTS = re.compile(r"(?P<scheme>[^:/?#@]+://)(?P<user>[^/]*@)?(?P<place>[^?]*)(?P<query>\?.*)?", re.DOTALL)
_FORM = "A database is given as scheme://user:password@host/database, or as sqlite:///file.db."


@dataclass(frozen=True)
class Database:
    """A database and the secrets that open it.

    Attributes:
        url: How SQLAlchemy reaches it.
        table: The table the user named behind a ``#``.
    """

    url: URL = field(repr=False)
    table: str | None = None

    @property
    def kind(self) -> str:
        """What it is: ``sqlite``, ``duckdb``, ``postgresql`` ..."""
        return self.url.get_backend_name()

    @property
    def name(self) -> str:
        """``scheme://host/database``, without user and password."""
        host = self.url.host or ""
        port = f":{self.url.port}" if self.url.port else ""
        return f"{self.kind}://{host}{port}/{self.url.database or ''}"

    @property
    def path(self) -> Path | None:
        """The file it is in; None for a server."""
        return Path(self.url.database) if self.kind in FILES and self.url.database else None

    def masked(self, text: str) -> str:
        """A text of the driver on one line, with user, password and keys starred out."""
        shown = " ".join(text.split())
        values = [str(value) for name, value in self.url.query.items() if SECRET_NAME.search(name)]
        for secret in filter(None, (self.url.password, *values)):
            for spelt in (secret, quote(secret, safe=""), quote_plus(secret)):
                shown = shown.replace(spelt, "***")
        if self.url.username:
            shown = re.sub(rf"(?<!\w){re.escape(self.url.username)}(?!\w)", "***", shown)
        return shown


def is_url(source: object) -> bool:
    """Whether a source or an output is a URL rather than a file."""
    return isinstance(source, str) and _URL.fullmatch(source) is not None


def shown(place: object) -> str:
    """A file or URL as it may be printed and stored: the URL without user and password."""
    return locate(place).name if isinstance(place, str) and is_url(place) else str(place)


def holds_secret(url: str) -> bool:
    """Whether a URL spells out a password or a key, rather than a variable of the environment."""
    parts = _PARTS.fullmatch(_parted(url)[0])
    if parts is None:
        return False
    _, _, password = (parts["user"] or "").removesuffix("@").partition(":")
    pairs = [pair.partition("=") for pair in (parts["query"] or "").removeprefix("?").split("&")]
    keys = [value for name, _, value in pairs if SECRET_NAME.search(name)]
    return any(_PLACEHOLDER.sub("", secret) for secret in (password, *keys))


def locate(url: str) -> Database:
    """The database of a URL, its placeholders filled in.

    Raises:
        ConfigError: If it is no URL of a database, or names a variable that is not set.
    """
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    bare, table = _parted(url)
    whole = _PLACEHOLDER.fullmatch(bare)
    if whole is not None:
        bare, inner = _parted(_variable(whole))
        table = table or inner
    try:
        made = make_url(bare if whole else _filled(bare))
    except (ArgumentError, ValueError):
        # The cause is not chained: it quotes the URL, password and all.
        raise ConfigError("The URL of the database cannot be read.", expected=_FORM) from None
    if made.get_backend_name() in ("http", "https", "ftp", "file"):
        raise ConfigError(
            f"{made.get_backend_name()}:// is no database.",
            expected=_FORM,
            fix="Download a file first, then name it.",
        )
    if made.get_backend_name() == "postgres" or made.drivername == "postgresql":
        made = made.set(drivername="postgresql+psycopg")
    if made.get_backend_name() in FILES and (not made.database or made.database.startswith((":", "file:"))):
        raise ConfigError("The URL names no file.", expected="It looks like sqlite:///file.db.")
    return _with_password(Database(made, table))


def _parted(url: str) -> tuple[str, str | None]:
    """The URL, and the table behind its ``#``."""
    found = _TABLE.search(url)
    return (url, None) if found is None else (url[: found.start()], found[1])


def _filled(text: str) -> str:
    """The URL with its variables in; what stands for a user, a password or a parameter may hold any character."""
    parts = _PARTS.fullmatch(text)
    if parts is None:
        return text
    plain = {name: _PLACEHOLDER.sub(_variable, parts[name] or "") for name in ("scheme", "place")}
    quoted = {
        name: _PLACEHOLDER.sub(lambda found: quote(_variable(found), safe=""), parts[name] or "")
        for name in ("user", "query")
    }
    return plain["scheme"] + quoted["user"] + plain["place"] + quoted["query"]


def _variable(found: re.Match[str]) -> str:
    value = os.environ.get(found[1])
    if not value:
        raise ConfigError(
            f"The variable {found[1]!r} of the environment is not set.",
            expected="The URL of the database asks for it.",
            fix=f"Set it, as in: export {found[1]}=...",
        )
    return value


def _with_password(database: Database) -> Database:
    """The password from the keyring, where there is a user without one and a keyring that knows him."""
    url = database.url
    if not url.username or url.password is not None:
        return database
    try:
        keyring: Any = require("keyring", extra="keyring", purpose="Looking for the password")
    except MissingExtraError:
        return database
    port = f":{url.port}" if url.port else ""
    try:
        password = keyring.get_password("hourcast", f"{url.username}@{url.host or ''}{port}/{url.database or ''}")
    except keyring.errors.KeyringError as error:
        logger.debug("no keyring to be asked: %s", type(error).__name__)
        return database
    return database if password is None else replace(database, url=url.set(password=password))
