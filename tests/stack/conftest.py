"""A MySQL server for the session with a clean database for each test, and the whole stack for those who ask for it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from db_handler.connection.database import Database
from db_handler.open_database import migrate_database
from tests.stack.server import Server, has_docker, run_server
from tests.stack.twin import Twin
from tests.stack.whole_stack import WholeStack, open_stack, write_key

TICKED = 3  # moments that the demo's ticker plays; further ones are started by tests


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
    with migrate_database() as fresh:
        yield fresh


@pytest.fixture(scope="session")
def stack() -> Iterator[WholeStack]:
    """The demo's stack, up; its exchange has begun to tick."""
    if not has_docker():
        pytest.skip("no Docker engine answers, and the stack is made of containers")
    with open_stack(TICKED) as stack:
        stack.first_up = stack.up("DEMO=1")
        yield stack


@pytest.fixture(scope="session")
def played(stack: WholeStack) -> WholeStack:
    """The stack after the moments that the ticker plays."""
    for at in stack.moments[:TICKED]:
        stack.airflow.wait_for_chain(write_key(at), seconds=1200)
    return stack


@pytest.fixture(scope="session")
def twin(tmp_path_factory: pytest.TempPathFactory) -> Twin:
    """The same world without any server."""
    return Twin(tmp_path_factory.mktemp("twin"))
