"""The stack's twin: the same moments played by `run.py` on SQLite, undisturbed, and its rows beside the stack's."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd

from crypto_forecast.utils.utils import load_spec_from_config
from db_handler.connection.database import Database
from db_handler.ledger.ledger_tables import DECISION, MODEL
from db_handler.open_database import open_database
from db_handler.rows.frames import read_rows
from db_handler.rows.single_rows import list_rows
from db_handler.settings import HouseSettings
from tests.stack.whole_stack import ROOT, write_key

CHAIN = ("data", "inference", "monitoring")
EXACT = ["market", "unit", "slot", "target_slot", "at", "on_time", "version", "state", "alert", "covered"]


class Twin:
    """A home in which each moment is played once, when it is asked for."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "home"
        self.played: list[datetime] = []

    def play(self, moments: list[datetime]) -> None:
        """Play what was not played yet; at the first moment, training makes the champions."""
        plays: list[str] = []
        for at in moments:
            if at not in self.played:
                kinds = ("data", "train", "inference", "monitoring") if not self.played else CHAIN
                plays += [f"{kind}@{write_key(at)}" for kind in kinds]
                self.played.append(at)
        if plays:
            self._run(plays)

    def train(self, at: datetime, *configs: str) -> None:
        self._run(["@".join(["train", write_key(at), *configs])])

    def open(self) -> Database:
        return open_database(HouseSettings(home=self.home, database_url=None))

    def _run(self, plays: list[str]) -> None:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("QUARTET_", "MLFLOW_"))}
        program = [sys.executable, "-W", "ignore", "-m", "tests.stack.play_embedded", str(self.home), *plays]
        done = subprocess.run(program, cwd=ROOT, env=kept, capture_output=True, text=True, check=False, timeout=1500)
        assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}"


def assert_same_rows(
    stack_url: str, twin: Twin, *, left_out: Mapping[str, list[str]] | None = None, without: Sequence[str] = ()
) -> dict[str, int]:
    """Hold the tables against the twin's, figures to 1e-9; answer with how many rows each has."""
    data = load_spec_from_config("btc").data
    counts = {}
    with open_database(HouseSettings(home=twin.home, database_url=stack_url)) as theirs, twin.open() as ours:
        for table in [table for table in data.tables if table.name not in without]:
            columns = [name for name in table.columns if name not in (left_out or {}).get(table.name, [])]
            frames = []
            for database in (theirs, ours):
                with database.begin(writing=False) as connection:
                    frames.append(read_rows(connection, table, columns=columns))
            stacked, embedded = frames
            assert not stacked.duplicated(list(table.key)).any()
            exact = [column for column in EXACT if column in stacked]
            pd.testing.assert_frame_equal(stacked[exact], embedded[exact], obj=table.name)
            pd.testing.assert_frame_equal(stacked, embedded, rtol=0, atol=1e-9, obj=table.name)
            counts[table.name] = len(stacked)
    return counts


def assert_same_ledger(stack_url: str, twin: Twin) -> None:
    """The same models of the same data and recipes, and the same decisions."""
    with open_database(HouseSettings(home=twin.home, database_url=stack_url)) as theirs, twin.open() as ours:
        for table, columns in (
            (MODEL, ["project", "config", "version", "at", "data_hash", "recipe_hash", "training_end"]),
            (DECISION, ["decision_id", "at", "subject", "verdict", "version_before", "version_after", "past"]),
        ):
            assert read_table(theirs, table, columns) == read_table(ours, table, columns)


def read_table(database: Database, table: Any, columns: list[str]) -> list[tuple[Any, ...]]:
    with database.begin(writing=False) as connection:
        return sorted(tuple(row[name] for name in columns) for row in list_rows(connection, table))
