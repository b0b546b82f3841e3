"""The step preprocess: extracts that are new become model rows, their dirt mended and counted."""

from collections import Counter

from credit_score.loader.load import finish_extracts, read_news
from credit_score.preprocessor.preprocess import choose_newest, drop_outdated, read_rows
from db_handler.connection.database import Connection
from db_handler.rows.frames import upsert_rows
from service.spec import Spec
from service.spec.make_rows import make_rows
from service.step import Run
from service.step.purity import refuse_impure
from service.step.results import PreprocessResult
from service.tabular.labels import name_unread


def preprocess(spec: Spec, run: Run) -> PreprocessResult:
    """Take of each row its newest version in the extracts since the watermark, and make it a model row."""

    def prepare_extracts(connection: Connection) -> PreprocessResult:
        extracts, stored = read_news(connection, spec, run.at)

        newest = drop_outdated(choose_newest(extracts), stored)
        dirt: Counter[str] = Counter()
        rows = make_rows(read_rows, spec, newest, dirt)
        refuse_impure(spec, read_rows, newest, rows)
        no_class = name_unread(spec, newest, rows["target"], dirt)

        stored_rows = upsert_rows(connection, spec.data.features, rows)
        finish_extracts(connection, spec, run.at)
        return PreprocessResult(
            rows=len(rows), inserted=stored_rows.inserted, updated=stored_rows.updated, mended=dirt.total(),
            dirt=dict(dirt.most_common()), no_class=no_class, until=run.at.isoformat(),
        )  # fmt: skip

    return run.database.retry(prepare_extracts)
