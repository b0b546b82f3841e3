"""A note that a job leaves in the database that it has prepared: the versions and the code that did it.

While the note is current, the next start only reads it, which saves half a minute of Airflow's and MLflow's work.
"""

import hashlib
import os
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psycopg2  # type: ignore[import-untyped]

TABLE = "alembic_version"  # the migrations' table: a backup holds the note together with the tables


SERVER = os.environ.get("POSTGRES_SERVER", "postgres:5432")


class JobNote:
    """The note of one job, in the database of the user that owns it."""

    def __init__(self, owner: str, password: str, *, job: str, packages: tuple[str, ...], names: tuple[str, ...] = ()):
        host, _, port = SERVER.partition(":")
        self._connection = psycopg2.connect(host=host, port=port, dbname=owner, user=owner, password=password)
        self._connection.autocommit = True
        made_of = [f"{package} {version(package)}" for package in packages]
        code = hashlib.sha256(Path(job).read_bytes()).hexdigest()
        self._text = ", ".join([*made_of, *names, f"by {code}"])

    def is_left(self) -> bool:
        """Say whether the same was done before, to the end."""
        return self.ask("SELECT obj_description(to_regclass(%s), 'pg_class')", TABLE) == [(self._text,)]

    def leave(self) -> None:
        with self._connection.cursor() as cursor:
            cursor.execute(f"COMMENT ON TABLE {TABLE} IS %s", (self._text,))

    def ask(self, query: str, *values: str) -> list[tuple[Any, ...]]:
        """Send a query to the database of the note."""
        with self._connection.cursor() as cursor:
            cursor.execute(query, values)
            return list(cursor.fetchall())
