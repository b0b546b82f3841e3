"""The ledger: runs, models, decisions, metrics, dirt, messages, locks, limiter, clock and watermarks."""

from alembic import op

from db_handler.migrations.first_tables import TABLES
from db_handler.tables.ensure_table import create_table

revision = "0001"
down_revision = None


def upgrade() -> None:
    # Each table only where it is not there yet: after an interruption the rest follows.
    for table in TABLES:
        create_table(op.get_bind(), table)
