"""The platform's own tables as version 0001 makes them: a later version changes them in a file of its own."""

from db_handler.tables.table import Table


def _declare(name: str, columns: str, *, key: str, index: str = "") -> Table:
    """Declare a table whose columns are written as in SQL: name and type, with commas between."""
    types = dict(column.split() for column in columns.split(", "))
    return Table(name=f"quartet_{name}", columns=types, key=tuple(key.split()), index=tuple(index.split()))


RUN = _declare(
    "run",
    "run_id text(255), project text(64), config text(64), kind text(32), step text(32), at time, cause text(255), "
    "status text(16), result json, error text, started_at time, seconds float, worker text(255)",
    key="run_id",
    index="project config step at",
)
MODEL = _declare(
    "model",
    "project text(64), config text(64), version integer, mlflow_run text(64), at time, cause text(255), "
    "training_start time, training_end time, data_hash text(64), recipe json, recipe_hash text(64), files json, "
    "metrics json, baselines json",
    key="project config version",
)
DECISION = _declare(
    "decision",
    "decision_id text(255), project text(64), config text(64), at time, subject text(32), verdict text(32), "
    "reasons json, numbers json, cause text(255), state text(16), version_before integer, version_after integer, "
    "past boolean, decided_at time",
    key="decision_id",
    index="project config subject at",
)
METRIC = _declare(
    "metric",
    "project text(64), config text(64), at time, name text(128), value float, version integer",
    key="project config at name",
)
QUARANTINE = _declare(
    "quarantine",
    "project text(64), name text(128), row_key text(255), reason_hash text(64), reason text, row json, at time, "
    "asked integer, resolved_at time",
    key="project name row_key reason_hash",
)
GAP = _declare(
    "gap",
    "project text(64), name text(128), slot time, reason text(32), asked integer, found_at time, closed_at time",
    key="project name slot",
)
REVISION = _declare(
    "revision",
    "project text(64), name text(128), row_key text(255), at time, before json, after json",
    key="project name row_key at",
)
MESSAGE = _declare(
    "message",
    "message_id text(255), project text(64), at time, urgency text(16), text text, state text(16), tries integer, "
    "next_try_at time, created_at time, error text",
    key="message_id",
    index="state created_at",
)
LOCK = _declare("lock", "name text(255), owner text(255), taken_at time, expires_at time", key="name")
LIMITER = _declare(
    "limiter",
    "name text(128), next_at float, window_start float, used integer, taken integer, rate float, blocked_until float, "
    "pause float",
    key="name",
)
CLOCK = _declare("clock", "name text(64), now time", key="name")
WATERMARK = _declare("watermark", "project text(64), name text(128), value time", key="project name")
TABLES = (RUN, MODEL, DECISION, METRIC, QUARANTINE, GAP, REVISION, MESSAGE, LOCK, LIMITER, CLOCK, WATERMARK)
