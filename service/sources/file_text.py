"""A file as text: found, unpacked and decoded, or refused with one sentence that shows none of its content."""

import codecs
import gzip
import io
import sys
import zlib
from collections import Counter
from pathlib import Path

from db_handler.errors import UsageError

STANDARD_INPUT = "-"
LARGEST = 256 * 2**20  # bytes of text, about two million rows: they are all looked at before one is stored
HEAD = 65_536
ZIPPED, WORKBOOK, PARQUET = b"\x1f\x8b", b"PK\x03\x04", b"PAR1"
WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
AS_UTF8 = "save it as CSV in UTF-8 and import that"


def read_text(file: str, mended: Counter[str]) -> bytes:
    """Read a CSV file, packed by gzip or not, as UTF-8 without marks and NUL characters, which are counted."""
    name = name_file(file)
    packed = _read_bytes(file)
    text = _unpack(packed, name) if packed.startswith(ZIPPED) else packed
    if len(text) > LARGEST:
        raise UsageError(f"{name} holds more than {LARGEST // 2**20} MB of text: split it and import the parts")
    _refuse_binary(text, name)
    for kind, letter in (("byte-order mark", codecs.BOM_UTF8), ("NUL character", b"\0")):
        if count := text.count(letter):
            mended[kind] += count
            text = text.replace(letter, b"")
    if not text.strip():
        raise UsageError(f"{name} is empty: it must have a header and rows below it")
    return text


def open_text(text: bytes) -> io.TextIOWrapper:
    """Open it for csv, which needs the line ends unchanged."""
    return io.TextIOWrapper(io.BytesIO(text), encoding="utf-8", newline="")


def name_file(file: str) -> str:
    """Name a file in a sentence."""
    return "standard input" if file == STANDARD_INPUT else file if len(file) <= 200 else f"...{file[-197:]}"


def _read_bytes(file: str) -> bytes:
    if file == STANDARD_INPUT and (sys.stdin is None or sys.stdin.isatty()):
        raise UsageError("--file - reads standard input, and nothing is piped into it")
    try:
        if file == STANDARD_INPUT:
            return sys.stdin.buffer.read(LARGEST + 1)
        path = Path(file)
        with (path if path.exists() else path.expanduser()).open("rb") as stream:
            return stream.read(LARGEST + 1)
    except FileNotFoundError:
        raise UsageError(f"there is no file {name_file(file)} (looked in {Path.cwd()})") from None
    except IsADirectoryError:
        raise UsageError(f"{name_file(file)} is a folder: name one CSV file in it") from None
    except (OSError, ValueError) as error:  # a path with a NUL character is a ValueError
        raise UsageError(f"{name_file(file)!r} can't be read: {getattr(error, 'strerror', None) or error}") from None


def _unpack(packed: bytes, name: str) -> bytes:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(packed)) as stream:
            return stream.read(LARGEST + 1)
    except (OSError, EOFError, zlib.error):
        raise UsageError(f"{name} is packed by gzip and damaged or cut off: fetch it again") from None


def _refuse_binary(text: bytes, name: str) -> None:
    if text.startswith(WORKBOOK):
        raise UsageError(f"{name} is a workbook or a zip archive: {AS_UTF8}")
    if text.startswith(WIDE):
        raise UsageError(f"{name} is in UTF-16: {AS_UTF8}")
    head = text[:HEAD]
    if text.startswith(PARQUET) or head.count(0) * 10 > len(head):
        raise UsageError(f"{name} is no text but a binary file: {AS_UTF8}")
    try:
        text.decode("utf-8")
    except UnicodeDecodeError as error:
        line = text.count(b"\n", 0, error.start) + 1
        raise UsageError(
            f"{name}, line {line}: a character is not UTF-8 (perhaps the file is in cp1252, as Windows writes it): "
            f"{AS_UTF8}"
        ) from None
