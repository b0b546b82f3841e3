"""The step preprocess: extracts that are new become model rows, their dirt mended and counted."""

from typing import Any

from credit_score.loader.load import finish_extracts, read_news
from credit_score.preprocessor.data_preparation import mend_texts
from credit_score.preprocessor.preprocess import build_rows, choose_newest, drop_outdated
from db_handler.connection.database import Connection
from db_handler.rows.frames import upsert_rows
from service.spec import Spec
from service.step import Run


def preprocess(spec: Spec, run: Run) -> dict[str, Any]:
    """Take of each row its newest version in the extracts since the watermark, and make it a model row."""

    def prepare_extracts(connection: Connection) -> dict[str, Any]:
        extracts, stored = read_news(connection, spec, run.at)

        newest = drop_outdated(choose_newest(extracts), stored)
        clean, dirt = mend_texts(spec, newest)
        rows = build_rows(spec, clean)

        stored_rows = upsert_rows(connection, spec.data.features, rows)
        finish_extracts(connection, spec, run.at)
        counts = {"rows": len(rows), "inserted": stored_rows.inserted, "updated": stored_rows.updated}
        mended = {"mended": dirt.total(), "dirt": dict(dirt.most_common())}
        return {**counts, **mended, "until": run.at.isoformat()}

    return run.database.retry(prepare_extracts)
