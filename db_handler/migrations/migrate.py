"""The platform's tables brought up to date by Alembic: under a lock, resumable, never down."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

from db_handler.errors import DatabaseError

if TYPE_CHECKING:
    from db_handler.connection.database import Database

MIGRATIONS = Path(__file__).parent
VERSION_TABLE = "quartet_version"


def list_versions() -> list[str]:
    """The versions that this code knows, oldest first; their files begin with them."""
    return sorted(path.name.split("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def read_version(database: "Database") -> str | None:
    """The version of the platform's tables, None on an empty database."""
    from db_handler.tables.table import describe_table

    with database.begin(writing=False) as connection:
        if not describe_table(connection, VERSION_TABLE)[0]:
            return None
        found = connection.exec_driver_sql(f"SELECT version_num FROM {VERSION_TABLE}").scalars().all()
    return max(found, default=None)


def bring_up_to_date(database: "Database") -> bool:
    """Migrates where the database lags behind this code and says whether it did; cheap where it does not."""
    known = list_versions()
    version = _accept(read_version(database), known, database)
    if version == known[-1]:
        return False
    with _one_at_a_time(database):
        if _accept(read_version(database), known, database) != known[-1]:
            _upgrade(database)
    return True


def _accept(version: str | None, known: list[str], database: "Database") -> str | None:
    if version is not None and version not in known:
        raise DatabaseError(
            f"The database {database.place} is at version {version}, which is newer than this code ({known[-1]}): "
            "update the code; a database never goes back."
        )
    return version


@contextmanager
def _one_at_a_time(database: "Database") -> Iterator[None]:
    if database.dialect == "sqlite":
        import fcntl

        # A lock of the operating system ends with its process, however that ends.
        with _open_lock(Path(f"{database.place}.lock")) as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            # Changing the journal does not wait for other connections, so it happens here, once in the file's life.
            database.use_wal()
            yield
    else:
        with database.begin() as connection, database.alone(connection, "migrate"):
            yield


def _open_lock(path: Path) -> IO[str]:
    try:
        return path.open("w")
    except OSError as error:
        raise DatabaseError(
            f"{path} can't be written ({error.strerror}); check the permissions of its folder."
        ) from None


def _upgrade(database: "Database") -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["version_table"] = VERSION_TABLE
    with database.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
