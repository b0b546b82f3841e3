"""The step preprocess: new, decided and corrected applications become model rows."""

from collections import Counter

from db_handler.clock import TICK
from db_handler.connection.database import Connection
from db_handler.ledger.watermarks import move_watermark, read_watermark
from db_handler.rows import frames
from ineligible_loan.loader.load import PREPARED
from ineligible_loan.preprocessor.preprocess import read_rows
from service.spec import Spec
from service.spec.make_rows import make_rows
from service.step import Run
from service.step.purity import refuse_impure
from service.step.results import PreprocessResult
from service.tabular.labels import name_unread


def preprocess(spec: Spec, run: Run) -> PreprocessResult:
    """Make the model rows from the watermark on, and say how much of each kind of dirt was mended."""

    def prepare(connection: Connection) -> PreprocessResult:
        since = read_watermark(connection, spec.project, PREPARED)
        after, until = ("applied_at", since) if since else None, ("applied_at", run.at + TICK)
        raw = frames.read_rows(connection, spec.data.raw, since=after, until=until)
        mended: Counter[str] = Counter()
        rows = make_rows(read_rows, spec, raw, mended)
        refuse_impure(spec, read_rows, raw, rows)
        no_class = name_unread(spec, raw, rows["target"], mended)
        stored = frames.upsert_rows(connection, spec.data.features, rows)
        move_watermark(connection, spec.project, PREPARED, run.at)
        return PreprocessResult(
            rows=len(rows), inserted=stored.inserted, updated=stored.updated, mended=dict(sorted(mended.items())),
            no_class=no_class, until=run.at.isoformat(),
        )  # fmt: skip

    return run.database.retry(prepare)
