"""The database that the settings name, opened."""

from db_handler.connection.database import Database
from db_handler.connection.engine import read_url
from db_handler.connection.home import open_home
from db_handler.migrations.migrate import bring_up_to_date
from db_handler.settings import HouseSettings, read_settings


def open_database(settings: HouseSettings | None = None) -> Database:
    """Open the database of the settings, with the platform's tables as this code needs them."""
    settings = settings or read_settings()
    text = settings.database_url or f"sqlite:///{open_home(settings.home) / 'quartet.db'}"
    database = Database(read_url(text))
    bring_up_to_date(database)
    return database
