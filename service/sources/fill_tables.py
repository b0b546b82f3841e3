"""Stores rows in a project's source tables, a part at a time: a part is stored as a whole or not at all."""

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import partial

import pandas as pd

from db_handler.connection.database import Connection, Database
from db_handler.errors import UsageError
from db_handler.rows.frames import upsert_rows
from db_handler.tables.ensure_table import ensure_table
from service.contract.projects import has_module
from service.spec import Spec
from service.spec.sources import Sources

Part = Mapping[str, pd.DataFrame]  # rows by the name of their table


def open_sources(spec: Spec, database: Database) -> Sources:
    """Return the tables that may be filled; a project that collects its rows itself has none."""
    if spec.data.sources is not None:
        for table in spec.data.sources.tables:
            ensure_table(database, table)
        return spec.data.sources
    demo = f", and python -m {spec.project}.demo shows it all at work" if has_module(f"{spec.project}.demo") else ""
    raise UsageError(
        f"{spec.project} has no tables to fill from a file or with practice data (Data.sources): "
        f"k=data collects its rows{demo}"
    )


def fill_tables(database: Database, sources: Sources, parts: Iterable[Part]) -> dict[str, dict[str, int]]:
    """Store part after part by key, each in a transaction of its own; count the outcomes for each table."""
    counts = {table.name: Counter(inserted=0, updated=0, unchanged=0) for table in sources.tables}
    for part in parts:
        for name, rows in database.retry(partial(_fill, sources=sources, part=part)).items():
            counts[name].update(rows)
    return {name: dict(rows) for name, rows in counts.items()}


def _fill(connection: Connection, *, sources: Sources, part: Part) -> dict[str, dict[str, int]]:
    done = {name: upsert_rows(connection, sources.by_name[name], rows) for name, rows in part.items()}
    return {
        name: {"inserted": result.inserted, "updated": result.updated, "unchanged": result.unchanged}
        for name, result in done.items()
    }
