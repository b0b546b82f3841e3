"""A MySQL server for the session, and a clean database in it for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from db_handler.database import Database, open_database
from tests.stack.server import Server, has_docker, run_server


@pytest.fixture(scope="session")
def mysql_server() -> Iterator[Server]:
    if not has_docker():
        pytest.skip("no Docker engine answers, and MySQL is tested in a container")
    with run_server("quartet-test") as server:
        yield server


@pytest.fixture(scope="session")
def mysql_url(mysql_server: Server) -> str:
    return mysql_server.url


@pytest.fixture
def home(mysql_server: Server, mysql_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty database on the server, which the environment names."""
    monkeypatch.setenv("QUARTET_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("QUARTET_DATABASE_URL", mysql_url)
    with mysql_server.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SHOW TABLES")
        for (table,) in cursor.fetchall():
            cursor.execute(f"DROP TABLE `{table}`")
    return tmp_path / "home"


@pytest.fixture
def database(home: Path) -> Iterator[Database]:
    with open_database() as fresh:
        yield fresh
