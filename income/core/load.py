"""The step load: requests that are not in the raw table yet, and the labels that have come since."""

from db_handler.connection.database import Connection
from db_handler.rows.frames import upsert_rows
from income.loader.load import read_new_labels, read_new_requests
from service.sources.fill_tables import open_sources
from service.spec import Spec
from service.step import Run
from service.step.results import LoadResult
from service.tabular.collect import insist_on_rows


def load(spec: Spec, run: Run) -> LoadResult:
    """Take the requests and labels of the source tables by `at`; a request stays as it was first taken."""
    open_sources(spec, run.database)

    def take_news(connection: Connection) -> LoadResult:
        requests = read_new_requests(connection, spec, run.at)
        upsert_rows(connection, spec.data.raw, requests)
        insist_on_rows(connection, spec, run, named="requests")
        labels = read_new_labels(connection, run.at)
        upsert_rows(connection, spec.data.raw, labels)
        return {"rows": len(requests), "labels": len(labels), "until": run.at.isoformat()}

    return run.database.retry(take_news)
