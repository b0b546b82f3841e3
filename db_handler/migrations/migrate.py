"""The platform's tables brought up to date by Alembic: under a lock, resumable, never down."""

from pathlib import Path

from sqlalchemy import column, inspect, select, table

from db_handler.connection.database import Database
from db_handler.connection.exclusive import alone
from db_handler.errors import DatabaseError, UsageError

MIGRATIONS = Path(__file__).parent
VERSION_TABLE = "quartet_version"


class VersionError(DatabaseError):
    """Tables of another version than this code needs: somebody has to migrate them, or to update the code."""

    exit_status = UsageError.exit_status


def list_versions() -> list[str]:
    """List the versions that this code knows, oldest first; their files begin with them."""
    return sorted(path.name.split("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def read_version(database: Database) -> str | None:
    """Read the version of the platform's tables, None on an empty database."""
    versions = table(VERSION_TABLE, column("version_num"))
    with database.begin(writing=False) as connection:
        if not inspect(connection).has_table(VERSION_TABLE):
            return None
        return max(connection.execute(select(versions.c.version_num)).scalars(), default=None)


def bring_up_to_date(database: Database) -> bool:
    """Migrate where the database lags behind this code, and say whether it did; cheap where it does not."""
    if _is_up_to_date(database):
        return False
    with alone(database, "migrate"):
        if database.dialect == "sqlite":
            # Changing the journal does not wait for other connections, so it happens here, once in the file's life.
            database.use_wal()
        if not _is_up_to_date(database):
            _upgrade(database)
    return True


def refuse_other_version(database: Database) -> None:
    """Refuse tables that are not those of this code: what was saved half-written must not change a shared database."""
    if not _is_up_to_date(database):
        version, needed = read_version(database), list_versions()[-1]
        state = f"are at version {version}" if version else "are not made yet"
        raise VersionError(
            f"The tables of {database.place} {state}, and this code needs version {needed}: "
            "run make migrate (for the stack's own: make up)."
        )


def _is_up_to_date(database: Database) -> bool:
    version, versions = read_version(database), list_versions()
    if version is not None and version not in versions:
        raise VersionError(
            f"The database {database.place} is at version {version}, which is newer than this code ({versions[-1]}): "
            "update the code; a database never goes back."
        )
    return version == versions[-1]


def _upgrade(database: Database) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["version_table"] = VERSION_TABLE
    with database.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
