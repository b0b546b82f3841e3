"""Locks have no expiry any more, and runs that are under way are found by their status."""

from alembic import op
from sqlalchemy import inspect

revision = "0002"
down_revision = "0001"

RUNNING = "quartet_run_status"


def upgrade() -> None:
    # Each change only where it is not there yet: after an interruption the rest follows.
    tables = inspect(op.get_bind())
    if "expires_at" in {column["name"] for column in tables.get_columns("quartet_lock")}:
        op.drop_column("quartet_lock", "expires_at")
    if RUNNING not in {index["name"] for index in tables.get_indexes("quartet_run")}:
        op.create_index(RUNNING, "quartet_run", ["project", "status"])
