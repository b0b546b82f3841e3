"""Names and social security numbers of a file reach no table, no MLflow, no message, no log and no answer."""

import csv
import sqlite3
from pathlib import Path

import pytest

from credit_score.configs.customers import FILE
from credit_score.utils.utils import load_spec_from_config
from db_handler.connection.database import Database
from service.cli.run_command import run_command
from tests.credit_score.customers import USUAL, sources_of

NAME, NUMBER = "Canary Yellowfeather", "987-65-4320"
COUNT = 2000


@pytest.fixture
def planted(tmp_path: Path) -> Path:
    """A file with customers who differ in what they owe, each under a name and number that nobody may see again."""
    path = tmp_path / "customers.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        lines = csv.writer(file)
        lines.writerow(["ID", "Customer_ID", "Name", "SSN", "Month", *FILE, "Credit_Score"])
        for place in range(COUNT):
            level = place % 3
            usual = USUAL | {"delay_from_due_date": str(10 + 15 * level), "interest_rate": str(3 + 10 * level)}
            values = [usual[name.lower()] for name in FILE]
            score = ("Good", "Standard", "Poor")[level if place % 7 else (level + 1) % 3]
            personal = [f"{NAME} {place}", NUMBER]
            lines.writerow([f"0x{place:x}", f"CUS_0x{place:x}", *personal, "August", *values, score])
    return path


def test_planted_names_and_numbers_are_found_nowhere(
    home: Path, database: Database, planted: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    database.close()
    days = ["--from", "2024-09-01", "--to", "2025-04-30"]
    assert run_command("credit_score", ["import", "--file", str(planted), *days]) == 0
    for kind in ("data", "train", "inference", "monitoring"):
        assert run_command("credit_score", [kind, "--at", "2025-04-30T02:05Z"]) == 0, kind
    with sqlite3.connect(home / "quartet.db") as connection:
        count = connection.execute("SELECT COUNT(*) FROM credit_score_predictions").fetchone()[0]
    assert count > 100
    needles = (NAME, "Yellowfeather", NUMBER, NUMBER.replace("-", ""))
    out, err = capfd.readouterr()
    for needle in needles:
        assert needle not in out + err
        found = [path for path in home.rglob("*") if path.is_file() and needle.encode() in path.read_bytes()]
        assert found == []
    assert planted.read_text().count(NUMBER) == COUNT


def test_no_table_has_a_column_for_what_is_personal() -> None:
    spec = load_spec_from_config("customers")
    sources = sources_of(spec)
    assert {"Name", "SSN"} <= {*sources.dropped}
    for table in (*sources.tables, *spec.data.tables):
        assert not {"name", "ssn"} & table.columns.keys(), table.name
