"""The step preprocess: new or revised candles become model rows."""

from pathlib import Path

from crypto_forecast.loader.candle_slots import name_series
from crypto_forecast.loader.model_rows import find_news, read_candles, read_newest_candles
from crypto_forecast.preprocessor.preprocess import build_features
from crypto_forecast.preprocessor.standstill import find_standstill
from db_handler.connection.database import Connection
from db_handler.ledger.watermarks import move_watermark
from db_handler.rows.frames import upsert_rows
from service.spec import Spec
from service.spec.made_by import MADE_BY, hash_making
from service.step import Run
from service.step.outdated import is_outdated
from service.step.results import PreprocessResult

PREPROCESSOR = Path(__file__).parents[1] / "preprocessor"


def preprocess(spec: Spec, run: Run) -> PreprocessResult:
    """Build the rows from the features' watermark on, and the one before it, whose target has come since.

    All of them are built anew where they were made by other code, or with other settings.
    """
    data, features, made_by = spec.data, name_series(spec, "features"), hash_making(spec, PREPROCESSOR)

    def build_news(connection: Connection) -> PreprocessResult:
        since, until = find_news(connection, spec, run.at)
        if is_outdated(connection, data.features, made_by, data.where):
            since = None
        trouble = find_standstill(read_newest_candles(connection, spec, until=until))
        if since is not None and since >= until - data.horizon:
            return {**PreprocessResult(rows=0, until=until.isoformat()), **trouble}
        candles, begin = read_candles(connection, spec, since=since, until=until)
        rows = build_features(spec, candles, begin=begin, until=until)
        rows = rows if since is None else rows[rows["slot"] >= since]
        kept = upsert_rows(connection, data.features, rows.assign(**{MADE_BY: made_by}))
        move_watermark(connection, spec.project, features, until)
        counts = PreprocessResult(rows=len(rows), inserted=kept.inserted, updated=kept.updated, until=until.isoformat())
        return {**counts, **trouble}

    return run.database.retry(build_news)
