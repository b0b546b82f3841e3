"""What made a model row: a hash of the code and the settings that decide how it looks."""

import hashlib
import json
from pathlib import Path
from typing import Any

from db_handler.connection.database import Connection
from db_handler.rows.single_rows import list_rows
from db_handler.tables.table import Table
from service.spec import Features, Spec

MADE_BY = "made_by"  # the column of the model rows that holds it
CHOICE = frozenset(Features.model_fields)  # which columns a model reads: no row looks otherwise for that


def hash_making(spec: Spec, preprocessor: Path) -> str:
    """Hash what decides how a model row looks: a project's folder preprocessor, its settings, the table's columns."""
    settings = spec.features.model_dump(mode="json", exclude=set(CHOICE))
    digest = hashlib.sha256("\n".join(spec.data.features.columns).encode())
    digest.update(json.dumps(settings, sort_keys=True).encode())
    for path in sorted(preprocessor.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def is_outdated(connection: Connection, features: Table, made_by: str, where: dict[str, Any] | None = None) -> bool:
    """Say whether any of the model rows was made otherwise."""
    orders = ((MADE_BY,), (f"-{MADE_BY}",))
    ends = [list_rows(connection, features, where=where, limit=1, order_by=order) for order in orders]
    return any(row[MADE_BY] != made_by for rows in ends for row in rows)
