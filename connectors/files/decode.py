"""Bytes to text: packed files, byte order marks and the encodings of Western Europe."""

from __future__ import annotations

import codecs
import difflib
import gzip
import io
import re
import zipfile
import zlib
from typing import TYPE_CHECKING

from connectors.errors import ConfigError, UnreadableFileError

if TYPE_CHECKING:
    from pathlib import Path

#: Largest content read, packed or not [bytes]: a small archive can hold an endless file.
MAX_BYTES = 1 << 30

_GZIP, _ZIP, _PARQUET = b"\x1f\x8b", b"PK\x03\x04", b"PAR1"
_FOREIGN = {
    b"\xd0\xcf\x11\xe0": "an old Excel file (.xls) or a workbook under a password",
    b"%PDF": "a PDF",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"7z\xbc\xaf": "a 7z archive",
    b"Rar!": "a RAR archive",
    b"SQLite format 3": "an SQLite database",
    b"ARROW1": "an Arrow file",
}
#: How foreign texts begin, blanks and capitals aside.
_MARKUP = (("<!doctypehtml", "a web page"), ("<html", "a web page"), ("<?xml", "XML"), ("{", "JSON"), ("[{", "JSON"))
#: What is found without being told, and how it is called.
_LABELS = {"utf-8": "UTF-8", "utf-8-sig": "UTF-8", "utf-16": "UTF-16", "cp1252": "Windows-1252"}
_FOUND = (None, *_LABELS.values())
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f]")


def read_bytes(path: Path) -> bytes:
    """The content of a file.

    Raises:
        UnreadableFileError: If it is missing, a folder, not allowed, empty or too large.
    """
    if not path.exists():
        raise UnreadableFileError(f"There is no file {str(path)!r}.", fix=_near_file(path))
    if path.is_dir():
        raise UnreadableFileError(f"{str(path)!r} is a folder.", fix="Give the path of one file in it.")
    try:
        if path.stat().st_size > MAX_BYTES:
            raise _too_large(str(path))
        # A device has no size and no end.
        with path.open("rb") as file:
            data = _bounded(file.read(MAX_BYTES + 1), str(path))
    except OSError as error:
        raise UnreadableFileError(
            f"The file {str(path)!r} cannot be read: {error.strerror}.", fix="Check who may read it."
        ) from error
    if not data.strip():
        raise UnreadableFileError(
            f"The file {str(path)!r} is empty.",
            expected="A table has a header line and readings below it.",
            fix="Export it again.",
        )
    return data


def unpack(data: bytes, name: str) -> tuple[bytes, str]:
    """Content and name of the one file inside a .gz or .zip; anything else comes back unchanged.

    Raises:
        UnreadableFileError: If the archive is broken, too large, or holds no or several files.
    """
    try:
        if data.startswith(_GZIP):
            with gzip.open(io.BytesIO(data)) as packed:
                return _bounded(packed.read(MAX_BYTES + 1), name), name.removesuffix(".gz")
        if data.startswith(_ZIP) and not is_excel(data):
            return _unzip(data, name)
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        # zipfile raises RuntimeError for a file under a password.
        raise UnreadableFileError(
            f"The archive {name!r} cannot be unpacked: {error}.", fix="Unpack it by hand and give the file inside."
        ) from error
    return data, name


def _unzip(data: bytes, name: str) -> tuple[bytes, str]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        inside = [
            entry
            for entry in archive.infolist()
            if not entry.is_dir() and not entry.filename.startswith(("__MACOSX/", "."))
        ]
        if any(entry.filename == "content.xml" for entry in inside):
            raise _no_table(name, "an OpenDocument file")
        if len(inside) != 1:
            names = ", ".join(entry.filename for entry in inside[:8]) or "nothing"
            raise UnreadableFileError(
                f"The archive {name!r} holds {names}.",
                expected="It holds one table.",
                fix="Unpack it and give one file.",
            )
        if inside[0].file_size > MAX_BYTES:
            raise _too_large(name)
        with archive.open(inside[0]) as packed:
            return _bounded(packed.read(MAX_BYTES + 1), name), inside[0].filename.rsplit("/", 1)[-1]


def _bounded(data: bytes, name: str) -> bytes:
    if len(data) > MAX_BYTES:
        raise _too_large(name)
    return data


def _too_large(name: str) -> UnreadableFileError:
    return UnreadableFileError(
        f"The file {name!r} holds more than {MAX_BYTES >> 30} GiB.", fix="Cut it, or save it as Parquet."
    )


def is_packed(data: bytes) -> bool:
    """Whether the content begins as an archive or a Parquet file does."""
    return data.startswith((_GZIP, _ZIP, _PARQUET))


def is_parquet(data: bytes) -> bool:
    """Whether the content is a Parquet file."""
    return data.startswith(_PARQUET)


def check_workbook(data: bytes, name: str) -> None:
    """Refuse a workbook whose parts are too large once unpacked.

    Raises:
        UnreadableFileError: If they are.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            # What is unpacked is never more than what is declared: the archive is broken otherwise.
            unpacked = sum(entry.file_size for entry in archive.infolist())
    except zipfile.BadZipFile:
        return
    if unpacked > MAX_BYTES:
        raise _too_large(name)


def is_excel(data: bytes) -> bool:
    """Whether the content is a workbook (.xlsx is a zip with a folder ``xl/``), whatever its ending."""
    if not data.startswith(_ZIP):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return any(name.startswith("xl/") for name in archive.namelist())
    except zipfile.BadZipFile:
        return False


def to_text(data: bytes, name: str, *, encoding: str | None = None, said: str | None = None) -> tuple[str, str]:
    """Text and the encoding it was in: a byte order mark decides, else strict UTF-8, else Windows-1252.

    Args:
        data: The bytes.
        name: Name of the file, for messages.
        encoding: The encoding it was in before; bytes that are the same in it and in UTF-8 are taken to be in it.
        said: The encoding that the user says it is in.

    Raises:
        UnreadableFileError: If the content is no text, or none in the encoding given.
        ConfigError: If there is no such encoding.
    """
    for magic, kind in _FOREIGN.items():
        if data.startswith(magic):
            raise _no_table(name, kind)
    wanted = said or (encoding if encoding not in _FOUND else None)
    text, found = _decode(data, name) if wanted is None else _decode_as(data, name, wanted)
    if found == "UTF-8" and encoding == "Windows-1252" and text.isascii():
        found = encoding
    if _CONTROL.search(text[:1_000_000]):
        raise _no_table(name, "binary")
    return text.replace("\r\n", "\n").replace("\r", "\n"), found


def refuse_markup(text: str, name: str) -> None:
    """Refuse a text that is no table: a web page, and JSON and XML of no family that is known.

    Raises:
        UnreadableFileError: If it is one.
    """
    start = "".join(text[:2000].split()).casefold()
    for sign, kind in _MARKUP:
        if start.startswith(sign):
            raise _no_table(name, kind)


def _decode(data: bytes, name: str) -> tuple[str, str]:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", errors="replace"), "UTF-16"
    # Without a mark every second byte of Western letters and digits is zero.
    for first, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        half = data[first:2000:2]
        if len(half) > 20 and half.count(0) > 0.9 * len(half):
            return data.decode(encoding, errors="replace"), "UTF-16"
    for encoding, label in (("utf-8-sig", "UTF-8"), ("cp1252", "Windows-1252")):
        try:
            return data.decode(encoding), label
        except UnicodeDecodeError:
            continue
    raise _no_table(name, "binary, or in an encoding other than UTF-8 and Windows-1252, to be named as --encoding")


def _decode_as(data: bytes, name: str, encoding: str) -> tuple[str, str]:
    try:
        codec = codecs.lookup(encoding)
        text = data.decode(codec.name).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        place = data[error.start : error.start + 4]
        raise UnreadableFileError(
            f"The file {name!r} is not in {encoding}: it holds the bytes {place!r} at place {error.start:,}.",
            expected="Every byte of it has a meaning in the encoding given.",
            fix="Give another --encoding, or leave it out.",
        ) from error
    except (LookupError, ValueError) as error:
        raise ConfigError(
            f"There is no encoding {encoding!r}.",
            expected="One that Python knows, such as utf-8, cp1250, iso8859-15 or utf-16-le.",
            fix="Give another --encoding, or leave it out.",
        ) from error
    return text, _LABELS.get(codec.name, codec.name)


def _no_table(name: str, kind: str) -> UnreadableFileError:
    return UnreadableFileError(
        f"The file {name!r} is {kind}.",
        expected="Tables are read from CSV and text files, .gz and .zip of these, Parquet and .xlsx.",
        fix="Save it as one of them.",
    )


def _near_file(path: Path) -> str:
    if not path.parent.is_dir():
        return f"There is no folder {str(path.parent)!r} either."
    names = sorted(entry.name for entry in path.parent.iterdir() if entry.is_file())
    near = difflib.get_close_matches(path.name, names, n=1)
    return f"Did you mean {str(path.with_name(near[0]))!r}?" if near else "Check the path."
