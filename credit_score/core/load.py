"""The step load: features and labels of the source tables, merged into the extract of the day."""

from typing import Any

from credit_score.loader.load import drop_old_extracts, plan_extracts, store_extract
from db_handler.connection.database import Connection
from service.spec import Spec
from service.step import Run


def load(spec: Spec, run: Run) -> dict[str, Any]:
    """Store the extract of the day, and those that a gap left out before it; what is older than a week is dropped."""

    def extract(connection: Connection) -> dict[str, Any]:
        days = plan_extracts(connection, spec, run.at)
        dropped = drop_old_extracts(connection, spec, run.at)
        stored = {str(day): store_extract(connection, spec, day, run.at) for day in days}
        return {"rows": sum(stored.values()), "extracts": stored, "dropped": dropped, "until": run.at.isoformat()}

    return run.database.retry(extract)
