"""What a run leaves in its home: rows, records, champions and messages; and what should not be left."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from db_handler.connection.database import Database
from db_handler.connection.exclusive import is_free
from db_handler.ledger.ledger_tables import DECISION, LOCK, MESSAGE, MODEL, RUN
from db_handler.open_database import open_database
from db_handler.rows.frames import read_rows
from db_handler.rows.single_rows import list_rows
from db_handler.settings import HouseSettings
from db_handler.tables.table import Table
from service.spec import Spec
from service.tracking.registry import read_alias
from service.tracking.tracking import open_tracking

DECIDED = "decision_id at subject verdict state version_before version_after past"
TRAINED = "project config version at cause data_hash recipe_hash training_end"
ALIASES = ("champion", "previous_champion", "challenger")
SENDER_SECONDS = 30.0


@dataclass(frozen=True)
class Left:
    """Rows by table, the ledger's records without wall times, versions by unit and alias, and texts by message."""

    rows: dict[str, pd.DataFrame]
    decisions: list[tuple[Any, ...]]
    models: list[tuple[Any, ...]]
    versions: dict[tuple[str, str], int | None]
    messages: dict[str, str]


def assert_same(home: Path, undisturbed: Path, specs: Iterable[Spec]) -> Left:
    """Hold what is left in a home against what an undisturbed run left in another."""
    specs = list(specs)
    left, expected = read_left(home, specs), read_left(undisturbed, specs)
    assert left.decisions == expected.decisions
    assert left.models == expected.models
    for name, rows in expected.rows.items():
        pd.testing.assert_frame_equal(left.rows[name], rows, obj=name)
    assert left.versions == expected.versions
    assert left.messages == expected.messages
    return left


def read_left(home: Path, specs: list[Spec]) -> Left:
    tracking = open_tracking(settings_of(home))
    with open_database(settings_of(home)) as database:
        return Left(
            rows={table.name: read_table(database, table) for table in specs[0].data.tables},
            decisions=read_records(database, DECISION, DECIDED),
            models=read_records(database, MODEL, TRAINED),
            versions={(spec.unit, name): read_alias(tracking, spec.unit, name) for spec in specs for name in ALIASES},
            messages={row["message_id"]: row["text"] for row in read_all(database, MESSAGE)},
        )


def find_leftovers(home: Path) -> Iterator[str]:
    """Name what is still under way although nothing runs any more."""
    with open_database(settings_of(home)) as database:
        yield from find_open_work(database)
        for row in read_all(database, MESSAGE):
            if row["state"] != "sent":
                yield f"the message {row['message_id']} is {row['state']}: {row['error']}"
    client = open_tracking(settings_of(home)).client
    experiments = [found.experiment_id for found in client.search_experiments()]
    for run in client.search_runs(experiments, "attributes.status = 'RUNNING'"):
        yield f"MLflow's run {run.info.run_id} ({run.info.run_name}) is running"


def find_open_work(database: Database) -> Iterator[str]:
    """Name the runs and the locks that have not ended."""
    for row in read_all(database, RUN):
        if row["status"] == "running":
            yield f"the run {row['step']} of {row['config']} at {row['at']} is running"
    for row in read_all(database, LOCK):
        if not is_free(database, row["name"]):
            yield f"the lock {row['name']} is held"


def wait_for_messages(home: Path) -> None:
    """Wait until the sender has come by once more."""
    deadline = time.monotonic() + SENDER_SECONDS
    while any("message" in line for line in find_leftovers(home)) and time.monotonic() < deadline:
        time.sleep(0.5)


def settings_of(home: Path) -> HouseSettings:
    return HouseSettings(home=home, database_url=None)


def read_table(database: Database, table: Table) -> pd.DataFrame:
    with database.begin(writing=False) as connection:
        return read_rows(connection, table, order_by=table.key)


def read_records(database: Database, table: Table, columns: str) -> list[tuple[Any, ...]]:
    return sorted((tuple(row[name] for name in columns.split()) for row in read_all(database, table)), key=str)


def read_all(database: Database, table: Table) -> list[dict[str, Any]]:
    with database.begin(writing=False) as connection:
        return list_rows(connection, table)
