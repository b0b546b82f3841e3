"""What an import asks of a file where the project says which column dates its rows, and which one names them."""

import importlib
import sys
from pathlib import Path

import pytest

from db_handler.connection.database import Database
from db_handler.rows.frames import read_rows
from service.spec import Spec
from service.spec.load_spec import load_spec
from tests.service.answer import Answer, Ask
from tests.service.conftest import NAME

HEADER = "product,price,promotion,temperature,units"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def put(ask: Ask, folder: Path, text: str, *options: str) -> Answer:
    (folder / "sales.csv").write_text(text)
    return ask("import", "--file", "sales.csv", *options, project=NAME)


def test_no_row_is_dated_by_the_moment_of_the_import(ask: Ask, demand: Spec, folder: Path) -> None:
    undated = f"{HEADER}\ntea,1,no,5,3\n"
    refused = put(ask, folder, undated)
    assert refused.status == 2
    assert "sales.csv lacks the column 'date', which dates its rows: add it, or say when they were" in refused.sentence
    assert put(ask, folder, undated, "--from", "2025-01-01", "--to", "2025-01-31").status == 0

    some = f"date,{HEADER}\n2025-01-03,tea,1,no,5,3\n2025-01-04,tea,1,no,5,3\n,tea,1,no,6,3\n"
    told = put(ask, folder, some).json["results"]["daily"]["import"]
    assert told["refused"] == {
        "no date, and neither from= and to= nor at= says when it was": {"rows": 1, "first_line": 4}
    }


def test_days_that_would_date_no_row_are_refused(ask: Ask, demand: Spec, folder: Path) -> None:
    dated = f"date,{HEADER}\n2025-01-03,tea,1,no,5,3\n"
    refused = put(ask, folder, dated, "--from", "2025-01-01", "--to", "2025-01-31")
    assert "sales.csv has a date for every row in date: leave from= and to= out" in refused.sentence
    assert refused.status == 2


def test_a_key_lets_a_correction_find_its_row(ask: Ask, demand: Spec, folder: Path, database: Database) -> None:
    file = folder / "tree" / NAME / "configs" / "daily.py"
    assert 'date="date",' in file.read_text()
    file.write_text(file.read_text().replace('date="date",', 'date="date", key=("receipt",),'))
    importlib.reload(sys.modules[f"{NAME}.configs.daily"])
    text = f"receipt,date,{HEADER}\n1,2025-01-03,tea,1,no,5,3\n2,2025-01-03,tea,1,no,5,3\n"
    put(ask, folder, text)
    again = put(ask, folder, text.replace("\n2,2025-01-03,tea,1,no,5", "\n2,2025-01-03,tea,1,no,9"))
    assert again.json["results"]["daily"]["import"]["tables"][f"{NAME}_rows"] == {
        "inserted": 0, "updated": 1, "unchanged": 1,
    }  # fmt: skip
    sources = load_spec(NAME, "daily").data.sources
    assert sources
    with database.begin() as connection:
        stored = read_rows(connection, sources.tables[0])
    assert sorted(zip(stored["receipt"], stored["temperature"], strict=True)) == [("1", "5"), ("2", "9")]
