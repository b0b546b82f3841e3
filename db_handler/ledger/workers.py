"""Which processes live: each holds a name until it ends, and the runs of those that are gone are lost."""

import weakref
from functools import partial

from db_handler.connection.database import Connection, Database
from db_handler.connection.exclusive import is_free, knows_holders, open_hold
from db_handler.ledger.ledger_tables import RUN
from db_handler.ledger.locks import name_process
from db_handler.ledger.runs import read_runs
from db_handler.rows.single_rows import read_row, write_row

LOST = "its process ended without a word: killed (often for want of memory), or its container or machine is gone"


def enlist_process(database: Database) -> str:
    """Name this process, and hold that name until the process ends or the database is let go."""
    worker = name_process()
    hold = open_hold(database, _name(worker))
    hold.take(0)
    weakref.finalize(database, hold.retire)
    return worker


def close_lost_runs(database: Database, project: str) -> None:
    """Note as lost what a process left `running` that lives no more."""
    with database.begin(writing=False) as connection:
        running = read_runs(connection, project=project, status="running")
        if not running or not knows_holders(connection):
            return
    gone = {row.worker for row in running if row.worker is None or is_free(database, _name(row.worker))}
    for run_id in [row.run_id for row in running if row.worker in gone]:
        database.retry(partial(_note_lost, run_id=run_id))
    for worker in filter(None, gone):
        open_hold(database, _name(worker)).retire()  # nobody takes its name again


def _note_lost(connection: Connection, run_id: str) -> None:
    row = read_row(connection, RUN, lock=True, run_id=run_id)
    if row is not None and row["status"] == "running":
        write_row(connection, RUN, run_id=run_id, status="lost", error=LOST)


def _name(worker: str) -> str:
    return f"worker:{worker}"
