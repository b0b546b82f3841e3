"""A home and a database of its own for each test that asks for them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from db_handler.database import Database, open_database


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "home"
    monkeypatch.setenv("QUARTET_HOME", str(folder))
    monkeypatch.delenv("QUARTET_DATABASE_URL", raising=False)
    return folder


@pytest.fixture
def database(home: Path) -> Iterator[Database]:
    with open_database() as fresh:
        yield fresh
