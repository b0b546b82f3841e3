"""The platform's own tables as they are after the newest migration; projects' tables come from their configs."""

from db_handler.migrations.first_tables import TABLES
from db_handler.tables.table import Table

RUN, MODEL, DECISION, METRIC, QUARANTINE, GAP, REVISION, MESSAGE, _, LIMITER, CLOCK, WATERMARK = TABLES
LOCK = Table(
    name="quartet_lock", columns={"name": "text(255)", "owner": "text(255)", "taken_at": "time"}, key=("name",)
)
LEDGER = (RUN, MODEL, DECISION, METRIC, QUARANTINE, GAP, REVISION, MESSAGE, LOCK, LIMITER, CLOCK, WATERMARK)
