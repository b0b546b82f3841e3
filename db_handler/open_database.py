"""The database that the settings name, opened."""

from db_handler.connection.database import Database
from db_handler.connection.engine import read_url
from db_handler.connection.home import open_home
from db_handler.migrations.migrate import bring_up_to_date, refuse_other_version
from db_handler.settings import HouseSettings, read_settings


def open_database(settings: HouseSettings | None = None) -> Database:
    """Open the database of the settings, with the platform's tables as this code needs them.

    A home's file gets its tables by itself; those of a server are shared with other hosts, which may run other code.
    """
    database = _open(settings)
    if database.dialect == "sqlite":
        bring_up_to_date(database)
    else:
        refuse_other_version(database)
    return database


def migrate_database(settings: HouseSettings | None = None) -> Database:
    """Open the database of the settings and bring its tables up to date, wherever it is."""
    database = _open(settings)
    bring_up_to_date(database)
    return database


def _open(settings: HouseSettings | None) -> Database:
    settings = settings or read_settings()
    return Database(read_url(settings.database_url or f"sqlite:///{open_home(settings.home) / 'quartet.db'}"))
