"""Practice data: a day is the same whatever range it is asked for in, and a mistake of its maker is one sentence."""

import importlib
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from db_handler.connection.database import Database
from db_handler.tables.ensure_table import ensure_table
from tests.projects.boutique.configs._boutique import ORDERS
from tests.service.answer import Answer, Ask

BOUTIQUE = Path(__file__).resolve().parents[2] / "projects" / "boutique"


def generate(ask: Ask, first: str, last: str, *further: str, project: str = "boutique") -> Answer:
    return ask("generate", "--from", first, "--to", last, *further, project=project)


def read(home: Path, table: str, columns: str = "*") -> list[tuple[Any, ...]]:
    connection = sqlite3.connect(home / "quartet.db")
    found = connection.execute(f"SELECT {columns} FROM {table} ORDER BY 1").fetchall()
    connection.close()
    return found


def test_days_are_generated_and_counted(ask: Ask, home: Path) -> None:
    answer = generate(ask, "2025-01-30", "2025-02-02", "--drift", "2025-02-01", "--delay", "28")
    made = {"inserted": 12, "updated": 0, "unchanged": 0}
    assert answer.json["results"] == {
        "all": {
            "status": "done",
            "generate": {
                "days": 4,
                "rows": 24,
                "first": "2025-01-30",
                "last": "2025-02-02",
                "tables": {"boutique_orders": made, "boutique_returns": made},
            },
        }
    }
    returned = read(home, "boutique_returns", "id, returned, known_at")
    assert [name[:6] for name, found, _ in returned if found == "yes"] == ["250201"] * 3 + ["250202"] * 3
    assert min(known for *_, known in returned).startswith("2025-02-27")


def test_a_day_is_the_same_in_any_range_and_another_with_another_seed(ask: Ask, home: Path) -> None:
    generate(ask, "2025-01-01", "2025-01-10")
    before = read(home, "boutique_orders"), read(home, "boutique_returns")
    again = generate(ask, "2025-01-05", "2025-01-06", "--seed", "7").json["results"]["all"]["generate"]
    assert again["tables"]["boutique_orders"] == {"inserted": 0, "updated": 0, "unchanged": 6}
    assert (read(home, "boutique_orders"), read(home, "boutique_returns")) == before
    other = generate(ask, "2025-01-05", "2025-01-06", "--seed", "8").json["results"]["all"]["generate"]
    assert other["tables"]["boutique_orders"]["updated"] == 6


def test_practice_data_is_never_mixed_with_other_rows(ask: Ask, home: Path, tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    file.write_text("Ordered,Article,Price,Returned\n2025-01-03,lamp,9.5,no\n")
    assert generate(ask, "2025-01-01", "2025-01-02").status == 0
    assert generate(ask, "2025-01-02", "2025-01-03").status == 0
    told = ask("import", "--file", str(file), project="boutique")
    assert told.status == 0
    assert "boutique_orders holds practice data, and these rows come beside it" in told.log
    before = read(home, "boutique_orders")
    refused = generate(ask, "2025-01-01", "2025-01-02")
    assert refused.status == 2
    assert "boutique_orders holds rows that were imported or written by others" in refused.sentence
    assert read(home, "boutique_orders") == before
    with sqlite3.connect(home / "quartet.db") as connection:
        connection.execute("DELETE FROM boutique_orders")
        connection.execute("DELETE FROM boutique_returns")
    assert generate(ask, "2025-01-01", "2025-01-02").status == 0


def test_rows_that_a_program_wrote_are_not_mixed_with_practice_data(ask: Ask, home: Path, database: Database) -> None:
    ensure_table(database, ORDERS)
    with sqlite3.connect(home / "quartet.db") as connection:
        connection.execute("INSERT INTO boutique_orders (id, ordered_at) VALUES ('a', '2025-01-01 00:00:00.000000')")
    assert generate(ask, "2025-01-01", "2025-01-02").status == 2


def test_a_project_without_sources_says_what_it_has_instead(ask: Ask) -> None:
    answer = generate(ask, "2025-01-01", "2025-01-02", project="crypto_forecast")
    assert answer.status == 2
    assert answer.sentence == (
        "crypto_forecast has no tables to fill from a file or with practice data (Data.sources): k=data collects its "
        "rows, and python -m crypto_forecast.demo shows it all at work"
    )


@pytest.fixture
def own_boutique(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the boutique whose generator a test may break."""
    shutil.copytree(BOUTIQUE, tmp_path / "myboutique", ignore=shutil.ignore_patterns("__pycache__"))
    for path in (tmp_path / "myboutique").rglob("*.py"):
        path.write_text(path.read_text().replace("from boutique.", "from myboutique."))
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    yield tmp_path / "myboutique"
    for name in [name for name in sys.modules if name.partition(".")[0] == "myboutique"]:
        del sys.modules[name]


WHERE = "myboutique/loader/generate.py: generate_day"


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("return 5", f"{WHERE} must return a frame for each source table"),
        ("return {'boutique_orders': 5}", f"{WHERE} must return a frame for each source table"),
        (
            "return {'shop': pd.DataFrame()}",
            f"{WHERE} fills 'shop', which is none of boutique_orders, boutique_returns",
        ),
        (
            "late = pd.to_datetime(['2025-01-03T00:00Z'])\n"
            "    return {'boutique_orders': pd.DataFrame({'id': ['a'], 'ordered_at': late})}",
            f"{WHERE} made rows for 2025-01-02 whose ordered_at is not of that day",
        ),
        ("return {'boutique_orders': pd.DataFrame({'ordered_at': []})}", None),
        (
            "return {'boutique_orders': pd.DataFrame({'id': ['a'], 'size': 1})}",
            "Table boutique_orders has no column 'size'",
        ),
        ("return 1 / 0", "myboutique.all: generate met ZeroDivisionError in generate.py, line 3"),
    ],
)
def test_what_a_generator_may_not_do(ask: Ask, own_boutique: Path, body: str, says: str | None) -> None:
    told = f"import pandas as pd\ndef generate_day(spec, day, draws, *, changed, delay):\n    {body}\n"
    (own_boutique / "loader" / "generate.py").write_text(told)
    importlib.invalidate_caches()
    answer = generate(ask, "2025-01-02", "2025-01-02", project="myboutique")
    assert answer.status == (1 if says else 0)
    assert (says or "") in answer.json["results"]["all"]["generate"].get("error", "")


def test_a_project_without_a_generator(ask: Ask, own_boutique: Path) -> None:
    (own_boutique / "loader" / "generate.py").unlink()
    answer = generate(ask, "2025-01-01", "2025-01-02", project="myboutique")
    assert (answer.status, answer.sentence) == (
        2,
        "myboutique has no practice data: myboutique/loader/generate.py is not there",
    )
    shutil.rmtree(own_boutique / "loader")
    importlib.invalidate_caches()
