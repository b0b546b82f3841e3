"""The ids of a file's rows: from their key or their own content, so that a second import finds them."""

import hashlib
import json

import pandas as pd

from service.sources.file_rows import Tally
from service.spec.sources import ID_LENGTH, Sources


def merge_rows(rows: pd.DataFrame, sources: Sources, tally: Tally) -> pd.DataFrame:
    """Keep one row a key, the last one of the file; rows without a key may be equal."""
    if not sources.key:
        return rows
    again = rows.duplicated(list(sources.key), keep="last")
    same = again & rows.duplicated(keep="last")
    tally.mended["same row again"] += int(same.sum())
    tally.mended["same key again, of which the last row counts"] += int((again & ~same).sum())
    return rows[~again]


def name_rows(rows: pd.DataFrame, dates: "pd.Series[pd.Timestamp]", sources: Sources) -> "pd.Series[str]":
    """Make an id of each row's key, or else of its content and of how many equal rows stand before it.

    Labels come later and personal columns never, so neither counts. An empty value counts like a missing column.
    """
    if sources.key:
        texts, numbers = _write_values(rows[list(sources.key)]), [0] * len(rows)
    else:
        content = rows[[name for name in rows.columns if name not in (*sources.label, sources.date)]]
        if sources.date is not None:
            content = content.assign(**{sources.date: dates.dt.strftime("%Y-%m-%dT%H:%M:%S.%fZ")})
        texts = _write_values(content)
        numbers = _number_equals(texts)
    numbered = [f"{text}#{number}" for text, number in zip(texts, numbers, strict=True)]
    made = [hashlib.sha256(text.encode()).hexdigest()[:ID_LENGTH] for text in numbered]
    return pd.Series(made, index=rows.index, dtype="str")


def _write_values(rows: pd.DataFrame) -> list[str]:
    """Write the values of each row with their names, in an order that a file's own does not change."""
    columns = []
    for name in sorted(rows.columns):
        written = {value: json.dumps([name, value]) for value in rows[name].dropna().unique()}
        columns.append([written.get(value, "") for value in rows[name].tolist()])
    return ["".join(row) for row in zip(*columns, strict=True)]


def _number_equals(texts: list[str]) -> list[int]:
    """Count for each text how many equal ones stand before it."""
    series = pd.Series(texts, dtype="object")
    return series.groupby(series, sort=False).cumcount().tolist()
