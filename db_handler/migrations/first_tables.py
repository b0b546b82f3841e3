"""The platform's own tables as version 0001 makes them: a later version changes them in a file of its own."""

from db_handler.tables.table import Table

UNIT = {"project": "text(64)", "config": "text(64)"}

RUN = Table(
    name="quartet_run",
    columns={
        "run_id": "text(255)",
        **UNIT,
        "kind": "text(32)",
        "step": "text(32)",
        "at": "time",
        "cause": "text(255)",
        "status": "text(16)",
        "result": "json",
        "error": "text",
        "started_at": "time",
        "seconds": "float",
        "worker": "text(255)",
    },
    key=("run_id",),
    index=("project", "config", "step", "at"),
)
MODEL = Table(
    name="quartet_model",
    columns={
        **UNIT,
        "version": "integer",
        "mlflow_run": "text(64)",
        "at": "time",
        "cause": "text(255)",
        "training_start": "time",
        "training_end": "time",
        "data_hash": "text(64)",
        "recipe": "json",
        "recipe_hash": "text(64)",
        "files": "json",
        "metrics": "json",
        "baselines": "json",
    },
    key=("project", "config", "version"),
)
DECISION = Table(
    name="quartet_decision",
    columns={
        "decision_id": "text(255)",
        **UNIT,
        "at": "time",
        "subject": "text(32)",
        "verdict": "text(32)",
        "reasons": "json",
        "numbers": "json",
        "cause": "text(255)",
        "state": "text(16)",
        "version_before": "integer",
        "version_after": "integer",
        "past": "boolean",
        "decided_at": "time",
    },
    key=("decision_id",),
    index=("project", "config", "subject", "at"),
)
METRIC = Table(
    name="quartet_metric",
    columns={**UNIT, "at": "time", "name": "text(128)", "value": "float", "version": "integer"},
    key=("project", "config", "at", "name"),
)
QUARANTINE = Table(
    name="quartet_quarantine",
    columns={
        "project": "text(64)",
        "name": "text(128)",
        "row_key": "text(255)",
        "reason_hash": "text(64)",
        "reason": "text",
        "row": "json",
        "at": "time",
        "asked": "integer",
        "resolved_at": "time",
    },
    key=("project", "name", "row_key", "reason_hash"),
)
GAP = Table(
    name="quartet_gap",
    columns={
        "project": "text(64)",
        "name": "text(128)",
        "slot": "time",
        "reason": "text(32)",
        "asked": "integer",
        "found_at": "time",
        "closed_at": "time",
    },
    key=("project", "name", "slot"),
)
REVISION = Table(
    name="quartet_revision",
    columns={
        "project": "text(64)",
        "name": "text(128)",
        "row_key": "text(255)",
        "at": "time",
        "before": "json",
        "after": "json",
    },
    key=("project", "name", "row_key", "at"),
)
MESSAGE = Table(
    name="quartet_message",
    columns={
        "message_id": "text(255)",
        "project": "text(64)",
        "at": "time",
        "urgency": "text(16)",
        "text": "text",
        "state": "text(16)",
        "tries": "integer",
        "next_try_at": "time",
        "created_at": "time",
        "error": "text",
    },
    key=("message_id",),
    index=("state", "created_at"),
)
LOCK = Table(
    name="quartet_lock",
    columns={"name": "text(255)", "owner": "text(255)", "taken_at": "time", "expires_at": "time"},
    key=("name",),
)
LIMITER = Table(
    name="quartet_limiter",
    columns={
        "name": "text(128)",
        "next_at": "float",
        "window_start": "float",
        "used": "integer",
        "taken": "integer",
        "rate": "float",
        "blocked_until": "float",
        "pause": "float",
    },
    key=("name",),
)
CLOCK = Table(name="quartet_clock", columns={"name": "text(64)", "now": "time"}, key=("name",))
WATERMARK = Table(
    name="quartet_watermark",
    columns={"project": "text(64)", "name": "text(128)", "value": "time"},
    key=("project", "name"),
)
TABLES = (RUN, MODEL, DECISION, METRIC, QUARANTINE, GAP, REVISION, MESSAGE, LOCK, LIMITER, CLOCK, WATERMARK)
