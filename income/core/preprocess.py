"""The step preprocess: new raw rows, and those that got their label, become model rows."""

from collections import Counter
from typing import Any

from db_handler.frames import upsert_rows
from income.loader.load import read_unprepared_rows
from income.preprocessor.data_preparation import mend_rows
from income.preprocessor.preprocess import build_rows
from service.spec import Spec
from service.step import Run


def preprocess(spec: Spec, run: Run) -> dict[str, Any]:
    """Mend what is wrong with the texts, count it, and make the model rows."""

    def build_news(connection: Any) -> dict[str, Any]:
        dirt: Counter[str] = Counter()
        news = read_unprepared_rows(connection)
        kept = upsert_rows(connection, spec.data.features, build_rows(spec, mend_rows(spec, news, dirt), dirt))
        counts = {"rows": len(news), "inserted": kept.inserted, "updated": kept.updated, "mended": sum(dirt.values())}
        return {**counts, "dirt": dict(sorted(dirt.items())), "until": run.at.isoformat()}

    return run.database.retry(build_news)
