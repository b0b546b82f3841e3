"""The rows of a CSV file as a frame of clean text, and what was mended and refused on the way, counted.

Only columns that mean something to the project ever leave this module: personal and unknown ones are thrown away here.
No message shows a value.
"""

import csv
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from operator import itemgetter, ne
from typing import Protocol

import pandas as pd

from db_handler.errors import UsageError
from db_handler.tables.column_types import read_length
from service.sources.file_text import name_file, open_text, read_text
from service.spec.check_spec import find_nearest
from service.spec.sources import Sources

SEPARATORS = (",", ";", "\t")
PACK = 50_000  # rows that are kept as Python's own objects
Row = tuple[str, ...]


class Reader(Protocol):
    """What csv.reader returns; its own class has no public name."""

    @property
    def line_num(self) -> int: ...
    def __iter__(self) -> Iterator[list[str]]: ...
    def __next__(self) -> list[str]: ...


@dataclass
class Refused:
    """Rows that were refused for one reason, and the line of the first."""

    rows: int
    first_line: int

    def __str__(self) -> str:
        return f"{self.rows}, first in line {self.first_line}"


@dataclass
class Tally:
    """The count of a file: rows, what was mended, what was refused, columns without a meaning, what to look at."""

    name: str
    rows: int = 0
    mended: Counter[str] = field(default_factory=Counter)
    refused: dict[str, Refused] = field(default_factory=dict)
    ignored: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)  # sentences

    def refuse(self, reason: str, line: int, rows: int = 1) -> None:
        refused = self.refused.setdefault(reason, Refused(0, line))
        refused.rows += rows
        refused.first_line = min(refused.first_line, line)

    def drop(self, rows: pd.DataFrame, wrong: "pd.Series[bool]", reason: str) -> pd.DataFrame:
        """Refuse the rows that are wrong, and keep the others; the index of a frame is the line of its rows."""
        if not wrong.any():
            return rows
        self.refuse(reason, int(rows.index[wrong].min()), int(wrong.sum()))
        return rows[~wrong]

    def insist(self, rows: pd.DataFrame) -> None:
        """Refuse the whole file if less than half of it can be used: then it is the file that is wrong."""
        refused = sum(rejected.rows for rejected in self.refused.values())
        if refused * 2 > self.rows:
            reasons = "; ".join(f"{reason}: {rejected}" for reason, rejected in self.refused.items())
            raise UsageError(
                f"{self.name}: {refused} of {self.rows} rows are refused ({reasons}), so nothing was stored: "
                "mend the file and import it again"
            )
        if rows.empty:
            raise UsageError(f"{self.name} has no row with a value below its header")


def read_file(file: str, sources: Sources) -> tuple[pd.DataFrame, Tally]:
    """Read the rows of a file; the frame has the known columns that the file has, its index is their line."""
    tally = Tally(name_file(file))
    text = read_text(file, tally.mended)
    separator = max(SEPARATORS, key=lambda one: _count_known(text, one, sources))
    # Some programs put a space before a quote; where none does, spaces stay and are counted as they are trimmed.
    lax = f'{separator} "'.encode() in text
    reader = csv.reader(open_text(text), delimiter=separator, skipinitialspace=lax, strict=True)
    header = _read_header(reader)
    names = _settle_names(header, sources, tally)
    numbered, frames = _read_rows(reader, header, names, tally), [_frame_pack([], names, tally)]
    while pack := list(islice(numbered, PACK)):
        frames.append(_frame_pack(pack, names, tally))
    return _refuse_rows(pd.concat(frames), sources, tally), tally


def _read_header(reader: Reader) -> list[str]:
    try:
        return next((row for row in reader if row), [])
    except csv.Error:
        return []


def _count_known(text: bytes, separator: str, sources: Sources) -> int:
    header = _read_header(csv.reader(open_text(text), delimiter=separator, strict=True))
    return len({*sources.read_names, *sources.dropped} & {name.strip() for name in header})


def _settle_names(header: list[str], sources: Sources, tally: Tally) -> dict[str, int]:
    """Find where the known columns stand; a message shows column names only where the header is one."""
    names = [name.strip() for name in header]
    missing = [name for name in sources.needed if name not in names]
    if missing:
        many = "the columns" if len(missing) > 1 else "the column"
        unknown = [name for name in names if name not in (*sources.read_names, *sources.dropped)]
        hints = ", ".join(_tell_missing(missing, unknown))
        raise UsageError(f"{tally.name} lacks {many} {hints}: every row needs them")
    places = {name: names.index(name) for name in sources.read_names if name in names}
    if not places:
        raise UsageError(f"{tally.name} has none of the columns that are known: {', '.join(sources.read_names)}")
    twice = [repr(name[:60]) for name, count in Counter(names).items() if name and count > 1]
    if twice:
        raise UsageError(f"{tally.name} has a column twice: {', '.join(twice)}; leave one of them out")
    tally.mended["space around a column's name"] += sum(map(ne, names, header))
    tally.ignored = [name for name in names if name and name not in (*places, *sources.dropped)]
    _look_for_labels(names, sources, tally)
    return places


def _look_for_labels(names: list[str], sources: Sources, tally: Tally) -> None:
    """Refuse a label under a name of its own; a file without labels is one of questions."""
    for label in sources.label:
        nearest = find_nearest(label, tally.ignored) if label not in names else None
        if nearest:
            raise UsageError(
                f"{tally.name} lacks the column {label!r} of the labels (did you mean {nearest!r}, which it has?): "
                f"call it {label!r}, or leave it out if it holds something else"
            )
    if sources.label and tally.ignored and not set(names) & set(sources.label):
        labels = " or ".join(map(repr, sources.label))
        tally.notes.append(f"it has no column {labels}, so none of its rows brings a label; is it among the ignored?")


def _tell_missing(missing: list[str], unknown: list[str]) -> Iterator[str]:
    """Name each missing column with the nearest unknown one, and each unknown one once."""
    for name in missing:
        nearest = find_nearest(name, unknown)
        unknown = [other for other in unknown if other != nearest]
        yield f"{name!r} (did you mean {nearest!r}, which it has?)" if nearest else repr(name)


def _read_rows(reader: Reader, header: list[str], names: dict[str, int], tally: Tally) -> Iterator[tuple[int, Row]]:
    """Read row after row with its line; of a broken row the next line is read as a row again."""
    pick: Callable[[list[str]], Row] = itemgetter(*names.values(), next(iter(names.values())))  # always a tuple
    while True:
        line = reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error:
            _refuse_lines(tally, "broken quotes", line, reader.line_num)
            continue
        if row == header:  # two files were put together
            tally.mended["header again"] += 1
        elif len(row) == len(header):
            tally.rows += 1
            yield line, pick(row)
        elif row:
            _refuse_lines(tally, "wrong number of fields", line, reader.line_num)


def _refuse_lines(tally: Tally, reason: str, first: int, last: int) -> None:
    """Refuse a broken row; a quote that opens and does not close swallows lines, and each counts."""
    tally.rows += last - first + 1
    tally.refuse(reason, first, last - first + 1)


def _frame_pack(pack: list[tuple[int, Row]], names: dict[str, int], tally: Tally) -> pd.DataFrame:
    columns = list(zip(*(row for _, row in pack), strict=True)) or [()] * len(names)
    trimmed = {name: _trim(column, tally) for name, column in zip(names, columns, strict=False)}
    frame = pd.DataFrame(trimmed, index=pd.Index([line for line, _ in pack], dtype="int64"), dtype="str")
    empty = frame.isna().all(axis=1)
    tally.mended["empty row"] += int(empty.sum())
    return frame[~empty]


def _trim(column: tuple[str, ...], tally: Tally) -> list[str | None]:
    trimmed = [value.strip() for value in column]
    tally.mended["space around a value"] += sum(map(ne, trimmed, column))
    return [value or None for value in trimmed]


def _refuse_rows(rows: pd.DataFrame, sources: Sources, tally: Tally) -> pd.DataFrame:
    """Refuse rows that no table could hold."""
    for name in sources.key:
        rows = tally.drop(rows, rows[name].isna(), f"no {name}, which names a row")
    for name in rows.columns:
        lengths = [read_length(sources.by_name[table].columns[column]) for table, column in sources.places_of(name)]
        longest = min((length for length in lengths if length is not None), default=None)
        if longest is not None:
            rows = tally.drop(rows, rows[name].str.len() > longest, f"{name} longer than {longest} characters")
    return rows
