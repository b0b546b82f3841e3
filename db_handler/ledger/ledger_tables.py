"""The platform's own tables as they are after the newest migration; projects' tables come from their configs."""

from db_handler.migrations.first_tables import TABLES

LEDGER = TABLES
RUN, MODEL, DECISION, METRIC, QUARANTINE, GAP, REVISION, MESSAGE, LOCK, LIMITER, CLOCK, WATERMARK = LEDGER
