"""The platform's tables come by themselves, once, under a lock; a newer database is refused, none ever goes back."""

import subprocess
import sys
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

from db_handler.connection.database import Database
from db_handler.errors import DatabaseError
from db_handler.ledger.ledger_tables import LEDGER
from db_handler.migrations.migrate import (
    MIGRATIONS,
    VERSION_TABLE,
    VersionError,
    bring_up_to_date,
    list_versions,
    read_version,
    refuse_other_version,
)
from db_handler.open_database import open_database
from db_handler.tables.ensure_table import describe_table, ensure_table
from tests.db_handler.candles import ROOT, await_all, start_python

EIGHTH = """
    import sys
    from db_handler.open_database import migrate_database
    from db_handler.rows.frames import upsert_rows
    from db_handler.tables.ensure_table import ensure_table
    from db_handler.tables.table import Table
    from db_handler.rows.single_rows import read_row, write_row
    from tests.db_handler.candles import CANDLES, make_candles

    COUNTER = Table(name="test_counter", columns={"name": "text(16)", "value": "integer"}, key=("name",))
    mine = int(sys.argv[1])

    def work(connection, turn):
        row = read_row(connection, COUNTER, lock=True, name="a")
        write_row(connection, COUNTER, name="a", value=(row["value"] if row else 0) + 1)
        upsert_rows(connection, CANDLES, make_candles(range(turn * 8, turn * 8 + 8), tick=mine + 1, price=mine * 1000))

    with migrate_database() as database:
        ensure_table(database, COUNTER)
        ensure_table(database, CANDLES)
        with database.begin() as connection:
            read_row(connection, COUNTER, name="a") or write_row(connection, COUNTER, name="a", value=0)
        for turn in range(10):
            database.retry(lambda connection: work(connection, turn))
"""


def test_eight_processes_start_on_an_empty_home_and_lose_no_write(home: Path) -> None:
    await_all([start_python(EIGHTH, number) for number in range(8)])
    with open_database() as database, database.begin() as connection:
        assert connection.exec_driver_sql("SELECT value FROM test_counter").scalars().all() == [80]
        rows = connection.exec_driver_sql("SELECT COUNT(*), MIN(last_tick) FROM test_candles").all()
        assert [tuple(row) for row in rows] == [(80, 8)]


def test_migrations_end_in_the_tables_of_the_ledger(database: Database) -> None:
    with database.begin() as connection:
        before = {table.name: describe_table(connection, table.name) for table in LEDGER}
    for table in LEDGER:
        ensure_table(database, table)
    with database.begin() as connection:
        assert {table.name: describe_table(connection, table.name) for table in LEDGER} == before
    assert all(shape.columns for shape in before.values())


def test_the_files_are_one_line_of_versions() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    script = ScriptDirectory.from_config(config)
    assert script.get_heads() == [list_versions()[-1]]
    assert sorted(revision.revision for revision in script.walk_revisions()) == list_versions()


def test_a_database_at_head_needs_no_alembic(database: Database) -> None:
    code = "import sys; from db_handler.open_database import open_database; open_database();"
    code += "print('alembic' in sys.modules)"
    assert await_all([start_python(code)]) == ["False"]
    assert bring_up_to_date(database) is False


def test_an_interrupted_migration_is_finished_by_the_next(database: Database) -> None:
    with database.begin() as connection:
        connection.exec_driver_sql("DROP TABLE quartet_gap")
        connection.exec_driver_sql("DROP TABLE quartet_watermark")
        connection.exec_driver_sql(f"DELETE FROM {VERSION_TABLE}")
    assert bring_up_to_date(database) is True
    with database.begin() as connection:
        assert all(describe_table(connection, table.name).columns for table in LEDGER)


def test_a_newer_database_is_refused(database: Database) -> None:
    with database.begin() as connection:
        connection.exec_driver_sql(f"UPDATE {VERSION_TABLE} SET version_num = '9999'")
    with pytest.raises(DatabaseError, match=r"at version 9999, which is newer than this code .*: update the code"):
        open_database()


def test_a_server_s_tables_are_refused_where_they_are_older(database: Database) -> None:
    """Fault 73: a half-written migration, saved on a laptop, must not migrate the stack."""
    refuse_other_version(database)
    with database.begin() as connection:
        connection.exec_driver_sql(f"UPDATE {VERSION_TABLE} SET version_num = '0001'")
    needed = f"are at version 0001, and this code needs version {list_versions()[-1]}: run make migrate"
    with pytest.raises(VersionError, match=needed) as caught:
        refuse_other_version(database)
    assert caught.value.exit_status == 2
    assert read_version(database) == "0001"
    with database.begin() as connection:
        connection.exec_driver_sql(f"DELETE FROM {VERSION_TABLE}")
    with pytest.raises(VersionError, match="are not made yet, and this code needs"):
        refuse_other_version(database)


def test_the_command_migrates_and_never_goes_back(home: Path) -> None:
    command = [sys.executable, "-m", "db_handler"]
    done = subprocess.run([*command, "migrate"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.endswith(f"is at version {list_versions()[-1]}.\n")
    refused = subprocess.run([*command, "downgrade"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)
    assert "never goes back" in refused.stderr
