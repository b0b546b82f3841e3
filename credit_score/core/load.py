"""The step load: features and labels of the source tables, merged into the extract of the day."""

from credit_score.loader.load import drop_old_extracts, plan_extracts, store_extract
from db_handler.connection.database import Connection
from service.spec import Spec
from service.step import Run
from service.step.results import LoadResult


class ExtractsResult(LoadResult):
    """Which days' extracts were stored, with their rows, and how many were dropped."""

    extracts: dict[str, int]
    dropped: int


def load(spec: Spec, run: Run) -> ExtractsResult:
    """Store the extract of the day, and those that a gap left out before it; what is older than a week is dropped."""

    def extract(connection: Connection) -> ExtractsResult:
        days = plan_extracts(connection, spec, run.at)
        dropped = drop_old_extracts(connection, spec, run.at)
        stored = {str(day): store_extract(connection, spec, day, run.at) for day in days}
        rows, until = sum(stored.values()), run.at.isoformat()
        return ExtractsResult(rows=rows, extracts=stored, dropped=dropped, until=until)

    return run.database.retry(extract)
