"""Candles from the exchange: which pages to request, oldest first on a fixed grid, and requesting them."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from itertools import chain, pairwise
from typing import Any

from crypto_forecast.exchange.client.answers import Answer
from crypto_forecast.exchange.client.exchange import Exchange
from crypto_forecast.loader.candle_slots import PAGE_ROWS, find_slot, name_series, read_mark
from crypto_forecast.preprocessor.data_preparation import floor_slot, read_slot
from db_handler.connection.database import Connection
from db_handler.ledger.watermarks import lower_watermark, move_watermark
from service.spec import Spec
from service.step import Run
from service.step.progress import track

MANY = 30  # pages: ten of them come in a second at best
# The last closed candles may still have been revised since they were read.
READ_AGAIN = 2

Cell = tuple[datetime, datetime]
Page = tuple[Cell, Answer]


def plan_news(spec: Spec, run: Run, _: object) -> list[Cell]:
    """Plan cells from a little before the watermark to the last closed candle."""
    unit = spec.data.unit
    start, until = floor_slot(spec.data.start, unit), floor_slot(run.at, unit)
    mark = read_mark(run, spec)
    again = min(mark, until) - READ_AGAIN * timedelta(minutes=unit) if mark else start
    return lay_grid(start, max(start, again), until, unit)


def plan_beginning(spec: Spec, run: Run, exchange: Exchange) -> list[Cell]:
    """Plan everything before the oldest stored candle, unless the exchange has shown that there is nothing.

    Empty answers alone don't show it: requested the oldest candle and the one before, it must answer with the oldest.
    """
    unit, start = spec.data.unit, floor_slot(spec.data.start, spec.data.unit)
    step, mark = timedelta(minutes=unit), read_mark(run, spec, "beginning")
    if mark and mark <= start:
        return []
    with run.database.begin(writing=False) as connection:
        oldest = find_slot(connection, spec, descending=False)
    if oldest is None:
        return []
    if oldest > start:
        _, answer = fetch_page(exchange, spec.data.market, unit, (oldest - step, oldest + step)) or (None, None)
        slots = {read_slot(row, spec.data.market, unit, answer.date)[0] for row in answer.rows} if answer else set()
        if any(slot and start <= slot < oldest for slot in slots):
            return lay_grid(start, start, oldest, unit)
        if oldest not in slots or not (answer and answer.complete):
            return []

    def note_beginning(connection: Connection) -> None:
        name = name_series(spec, "beginning")
        lower_watermark(connection, spec.project, name, start)
        move_watermark(connection, spec.project, name, start)

    run.database.retry(note_beginning)
    return []


def lay_grid(start: datetime, since: datetime, until: datetime, unit: int) -> list[Cell]:
    """Lay cells of a page each that cover [since, until); what fits into one page is one cell."""
    page = PAGE_ROWS * timedelta(minutes=unit)
    if since >= until:
        return []
    if until - since <= page:
        return [(since, until)]
    first = start + (since - start) // page * page
    edges = [first + place * page for place in range((until - first) // page + 2)]
    return [(max(a, since), min(b, until)) for a, b in pairwise(edges) if a < until]


def fetch_candles(exchange: Exchange, spec: Spec, cells: list[Cell]) -> Iterator[Page]:
    """Fetch the answers to these cells in their order, up to where the server's clock is."""
    ask = partial(fetch_page, exchange, spec.data.market, spec.data.unit)
    # What is not a whole history is mostly one page by the server's clock, which the first answer tells.
    alone = int(exchange.date is None and bool(cells) and cells[0][0] > spec.data.start)
    pages = chain(exchange.in_order(ask, cells[:alone]), exchange.in_order(ask, cells[alone:]))
    for page in track(pages, len(cells), spec.data.market, long=MANY):
        if page is None:
            return
        yield page


def fetch_page(exchange: Exchange, market: str, unit: int, cell: Cell) -> Page | None:
    """Fetch one cell; an answer is complete if it has as many candles as requested, else its own count is requested.

    Fewer rows mean the beginning of the market, or rows left out: requested just so many, only an honest exchange
    answers with the same.
    """
    step = timedelta(minutes=unit)
    end = min(cell[1], floor_slot(exchange.date, unit)) if exchange.date else cell[1]
    if end <= cell[0]:
        return None
    count = (end - cell[0]) // step
    answer = exchange.fetch(market, unit, end, count)
    received = len(list_times(answer.rows))
    if 0 < received < count:
        again = exchange.fetch(market, unit, end, received)
        complete = list_times(again.rows) == list_times(answer.rows)
        return (cell[0], end), Answer(answer.rows + again.rows, max(answer.date, again.date), complete)
    return (cell[0], end), Answer(answer.rows, answer.date, received >= count)


def list_times(rows: list[dict[str, Any]]) -> set[str]:
    """List the different times in an answer, as they are written there."""
    return {str(row.get("candle_date_time_utc")) for row in rows}
