"""Applications and their decisions out of the source tables, put together in SQL."""

from datetime import datetime
from pathlib import Path

from db_handler.connection.database import Connection
from db_handler.ledger.watermarks import lower_watermark
from db_handler.rows.frames import read_query, upsert_rows
from service.spec import Spec

HERE = Path(__file__).parent
PREPARED = "features"  # the watermark up to which model rows have been made of raw ones


def merge_news(connection: Connection, spec: Spec, at: datetime) -> dict[str, int]:
    """Store what is new by `at`, and have the model rows made again from the oldest loan on that it changes."""
    news = read_query(connection, HERE / "merge_news.sql", at=at)
    stored = upsert_rows(connection, spec.data.raw, news)
    if len(news):
        lower_watermark(connection, spec.project, PREPARED, news["applied_at"].min().to_pydatetime())
    return {"rows": len(news), "applications": stored.inserted, "decisions": int(news["decided_at"].notna().sum())}


def count_loans(connection: Connection, at: datetime) -> dict[str, int]:
    """Count the applications by `at`, and those of them that still wait for their decision."""
    counts = read_query(connection, HERE / "count_loans.sql", at=at)
    return {str(name): int(counts[name].iloc[0]) for name in counts}
