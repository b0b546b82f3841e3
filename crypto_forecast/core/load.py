"""The step load: collect the candles that have closed, as they came from the exchange."""

import logging
from collections import Counter
from functools import partial

from crypto_forecast.exchange.world import open_exchange
from crypto_forecast.loader.candle_slots import read_mark
from crypto_forecast.loader.gaps import compare_markets, count_gaps, plan_gaps
from crypto_forecast.loader.load import fetch_candles, plan_beginning, plan_news
from crypto_forecast.loader.store import quarantine_rows, store_page
from crypto_forecast.preprocessor.data_preparation import sift_page
from db_handler.tables.ensure_table import ensure_table
from service.spec import Spec
from service.step import Run
from service.step.results import LoadResult

log = logging.getLogger(__name__)


class CandlesResult(LoadResult):
    """What a collection of candles did."""

    market: str
    updated: int
    quarantined: int
    pages: int
    gaps: dict[str, int]


def load(spec: Spec, run: Run) -> CandlesResult:
    """Fetch new candles, an older beginning and missing ones; store page by page."""
    ensure_table(run.database, spec.data.raw)
    counts: Counter[str] = Counter(rows=0, updated=0, quarantined=0, pages=0)
    with open_exchange(run.database, run.platform.clock) as exchange:
        for plan in (plan_news, plan_beginning, plan_gaps):
            for cell, answer in fetch_candles(exchange, spec, plan(spec, run, exchange)):
                sifted = sift_page(spec, cell[1], answer.rows, answer.date)
                quarantine_rows(run.database, spec, sifted, answer)
                stored = run.database.retry(partial(store_page, spec=spec, cell=cell, sifted=sifted, answer=answer))
                compare_markets(run, spec, stored.pop("empty"))
                counts.update(stored)
    mark = read_mark(run, spec)
    rows, updated, quarantined, pages = (counts[name] for name in ("rows", "updated", "quarantined", "pages"))
    market, gaps = spec.data.market, count_gaps(run, spec)
    log.info("%s: %d new, %d updated, %d refused, gaps %s", market, rows, updated, quarantined, gaps)
    return CandlesResult(
        market=market, rows=rows, updated=updated, quarantined=quarantined, pages=pages, gaps=gaps,
        until=mark.isoformat() if mark else None,
    )  # fmt: skip
