"""A home and a database of its own for each test that asks for them."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from db_handler.connection.database import Database
from db_handler.open_database import open_database
from db_handler.settings import HouseSettings
from tests.own_environments import pytest_collect_directory as pytest_collect_directory  # noqa: PLC0414  # a hook


def pytest_xdist_auto_num_workers() -> int:
    """Start one worker more than there are processors: many tests wait for a process that they started."""
    return (os.cpu_count() or 1) + 1


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "home"
    monkeypatch.setenv("QUARTET_HOME", str(folder))
    monkeypatch.delenv("QUARTET_DATABASE_URL", raising=False)
    return folder


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a database with the platform's tables: a copy is quicker than a migration for each test."""
    folder = tmp_path_factory.mktemp("migrated")
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("QUARTET_DATABASE_URL", raising=False)
        open_database(HouseSettings(home=folder)).close()
    return folder / "quartet.db"


@pytest.fixture
def database(home: Path, migrated: Path) -> Iterator[Database]:
    home.mkdir(exist_ok=True)
    shutil.copy(migrated, home / "quartet.db")
    with open_database() as fresh:
        yield fresh
