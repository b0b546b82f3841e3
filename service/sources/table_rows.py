"""The rows of a file as rows of the source tables."""

from collections.abc import Iterator
from datetime import timedelta

import numpy as np
import pandas as pd

from db_handler.connection.database import Database
from db_handler.rows.frames import read_rows
from db_handler.tables.table import Table
from service.sources.fill_tables import Part
from service.spec.sources import Sources

PART = 5_000  # rows of the file a transaction


def split_rows(rows: pd.DataFrame, ids: "pd.Series[str]", sources: Sources) -> dict[str, pd.DataFrame]:
    """Give each table its columns, without moments; one that would get no rows is left out."""
    tables = {table.name: _pick_columns(table, rows, ids, sources) for table in sources.tables}
    labels = [name for name in sources.label if name in rows.columns]
    labelled = rows[labels].notna().any(axis=1)
    for name in tables.keys() & sources.labelled.keys():
        tables[name] = tables[name][labelled]
    return {name: frame for name, frame in tables.items() if len(frame) and len(frame.columns)}


def read_known_dates(
    database: Database, sources: Sources, tables: dict[str, pd.DataFrame], dates: "pd.Series[pd.Timestamp]"
) -> "pd.Series[pd.Timestamp]":
    """Read the dates under which rows without one of their own are stored already, NaT for all others."""
    known = dates.where(dates.isna())
    for name, column in sources.dated.items():
        table = sources.by_name[name]
        key = [one for one in table.key if one != column]
        if name not in tables or not key or (dates.notna() | known.notna()).all():
            continue
        with database.begin(writing=False) as connection:
            stored = read_rows(connection, table, columns=[*key, column]).drop_duplicates(key)
        stored_dates = tables[name][key].merge(stored, how="left", on=key)[column]
        known = known.fillna(stored_dates.set_axis(tables[name].index))
    return known.where(dates.isna())


def add_moments(
    tables: dict[str, pd.DataFrame], sources: Sources, dates: "pd.Series[pd.Timestamp]", delay: timedelta
) -> dict[str, pd.DataFrame]:
    """Add the moment of each row and of its label; of rows with the same key the last one counts."""
    whole = {}
    for name, rows in tables.items():
        moments = {column: dates for table, column in sources.dated.items() if table == name}
        moments |= {column: dates + delay for table, column in sources.labelled.items() if table == name}
        dated = rows.assign(**{column: values.loc[rows.index] for column, values in moments.items()})
        whole[name] = dated.drop_duplicates(list(sources.by_name[name].key), keep="last")
    return whole


def cut_parts(tables: dict[str, pd.DataFrame], order: "pd.Index[int]") -> Iterator[Part]:
    """Cut the rows of all tables into parts of neighbours, so that a row of the file is stored as a whole."""
    number = pd.Series(np.arange(len(order)) // PART, index=order)
    parts = {name: dict(list(rows.groupby(number.loc[rows.index]))) for name, rows in tables.items()}
    for place in range(number.max() + 1 if len(number) else 0):
        yield {name: pieces[place] for name, pieces in parts.items() if place in pieces}


def _pick_columns(table: Table, rows: pd.DataFrame, ids: "pd.Series[str]", sources: Sources) -> pd.DataFrame:
    places = {place: rows[name] for name in rows.columns for place in sources.places_of(name)}
    places |= dict.fromkeys(sources.ids, ids)
    return pd.DataFrame({column: values for (owner, column), values in places.items() if owner == table.name})
