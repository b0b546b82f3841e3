"""Reads what a step works on from the project's own tables: candles, rows to learn from, rows to predict."""

import logging
from datetime import datetime, timedelta
from typing import Any

import pandas as pd

from crypto_forecast.loader.candle_slots import find_slot, name_series
from crypto_forecast.preprocessor.data_preparation import floor_slot
from crypto_forecast.preprocessor.feature_engineering import count_longest_history
from crypto_forecast.preprocessor.standstill import STANDSTILL
from db_handler.connection.database import Connection
from db_handler.errors import NotYetError
from db_handler.ledger.watermarks import read_watermark
from db_handler.rows.frames import read_rows
from service.spec import Spec
from service.step import Run

log = logging.getLogger(__name__)


def find_news(connection: Connection, spec: Spec, at: datetime) -> tuple[datetime | None, datetime]:
    """Say from which slot (none: the first) up to which end rows have to be built."""
    collected = read_watermark(connection, spec.project, name_series(spec))
    done = read_watermark(connection, spec.project, name_series(spec, "features"))
    if collected is None:
        raise NotYetError(f"{spec.unit} has no candles of {spec.data.market} yet: run data --step load first")
    # The row before the watermark is built again, because its target has come since.
    return done and done - spec.data.horizon, min(collected, floor_slot(at, spec.data.unit))


def read_candles(
    connection: Connection, spec: Spec, *, since: datetime | None, until: datetime
) -> tuple[pd.DataFrame, datetime]:
    """Read the candles that rows from `since` on are made of, and say from which slot on they are all there are."""
    oldest = find_slot(connection, spec, descending=False)
    if oldest is None:
        raise NotYetError(f"{spec.unit} has no candles of {spec.data.market} yet: run data --step load first")
    history = (count_longest_history(spec) - 1) * spec.data.horizon
    begin = oldest if since is None else max(oldest, since - history)
    candles = read_rows(connection, spec.data.raw, where=spec.data.where, since=("slot", begin), until=("slot", until))
    return candles, begin


def read_golden_candles(spec: Spec, run: Run, rows: pd.DataFrame, count: int) -> pd.DataFrame:
    """Read the candles that the newest `count` rows of the unit's own market are made of."""
    slots = rows.loc[rows["market"] == spec.data.market, "slot"].tail(count)
    since, until = slots.min().to_pydatetime(), slots.max().to_pydatetime() + spec.data.horizon
    with run.database.begin(writing=False) as connection:
        return read_candles(connection, spec, since=since, until=until)[0]


def read_newest_candles(connection: Connection, spec: Spec, *, until: datetime) -> pd.DataFrame:
    """Read the few newest candles by which a feed that repeats itself is seen."""
    return read_rows(
        connection, spec.data.raw, where=spec.data.where, until=("slot", until), order_by="-slot", limit=STANDSTILL
    )


def read_model_rows(spec: Spec, run: Run) -> pd.DataFrame:
    """Read the rows of all markets that train a model, with targets that have closed by the moment of the run.

    Another market that has ended, or is missing, is no reason to wait: the rows that it has until its end stay.
    """
    end = floor_slot(run.at, spec.data.unit)
    # A market has coefficients of its own in the rules, so the unit's own is always one of them.
    markets = list(dict.fromkeys((*spec.train.markets, spec.data.market)))
    where = {"market": markets, "unit": spec.data.unit}
    with run.database.begin(writing=False) as connection:
        _require_features(connection, spec, end)
        rows = read_rows(connection, spec.data.features, where=where, until=("target_slot", end))
    rows = rows.dropna(subset=[spec.data.target]).sort_values(["target_slot", "market"], ignore_index=True)
    if missing := sorted({*markets} - {*rows["market"]}):
        log.warning("%s is trained without %s, of which there are no rows", spec.unit, ", ".join(missing))
    return rows


def choose_earlier(spec: Spec, rows: pd.DataFrame, at: datetime) -> pd.DataFrame:
    """Choose the rows that end before the evaluated ones; as many days are wanted before these as they take."""
    days = timedelta(days=spec.train.evidence_days)
    start = floor_slot(at, spec.data.unit) - days
    first = rows.loc[rows["market"] == spec.data.market, "target_slot"].min()
    if pd.isna(first) or first > start - days:
        since = "has no rows yet" if pd.isna(first) else f"has rows from {first:%Y-%m-%d %H:%M} UTC on"
        raise NotYetError(
            f"{spec.unit} can't be trained yet: {spec.data.market} {since}, and rows from "
            f"{start - days:%Y-%m-%d %H:%M} UTC on are wanted, twice the {days.days} days that are evaluated"
        )
    last = rows.loc[rows["market"] == spec.data.market, "target_slot"].max()
    if last < start:
        raise NotYetError(
            f"{spec.unit} can't be trained: {spec.data.market} has no rows since {last:%Y-%m-%d %H:%M} UTC, and those "
            f"of the last {days.days} days are its evidence; was it delisted?"
        )
    return rows[rows["target_slot"] <= start - spec.purge - spec.train.embargo]


def read_due_rows(connection: Connection, spec: Spec, run: Run, *, since: datetime, again: bool = True) -> pd.DataFrame:
    """Read the rows without an on-time prediction; one with a late prediction is due while there is time.

    With `again` so is one that a fallback answered. How much time there is goes by the home's clock. A backfill answers
    the row of its own moment, too, where a later run did: that one may have another champion.
    """
    grace, written_at = timedelta(minutes=spec.inference.grace_minutes), run.written_at
    end = ("target_slot", floor_slot(run.at, spec.data.unit) + spec.data.horizon)
    window: dict[str, Any] = {"where": spec.data.where, "since": ("target_slot", since), "until": end}
    slots = read_rows(connection, spec.data.features, columns=["target_slot"], **window)["target_slot"]
    columns = ["target_slot", "at", "on_time", "fallback"]
    predicted = read_rows(connection, spec.data.predictions, columns=columns, **window)
    on_time = predicted["on_time"].fillna(False).astype(bool)
    settled = on_time & (predicted["fallback"].isna() | (not again))
    is_over = predicted["target_slot"] + grace < written_at
    is_of_later = ~on_time & (predicted["at"] > run.at) & (predicted["target_slot"] + grace >= run.at)
    due = slots[~slots.isin(predicted.loc[settled | (is_over & ~is_of_later), "target_slot"])]

    window["since"] = ("target_slot", due.min()) if len(due) else end
    rows = read_rows(connection, spec.data.features, **window)
    rows["on_time"] = rows["target_slot"] + grace >= written_at
    return rows[rows["target_slot"].isin(due)]


def _require_features(connection: Connection, spec: Spec, end: datetime) -> None:
    market = spec.data.market
    done = read_watermark(connection, spec.project, name_series(spec, "features"), lock=False)
    if done is None or done < end:
        reach = f"they reach to {done:%Y-%m-%d %H:%M} UTC" if done else "there are none"
        raise NotYetError(
            f"{spec.unit} trains on {market}, whose features are wanted up to {end:%Y-%m-%d %H:%M} UTC; {reach}: "
            "run data first; if the market was delisted, take its config away"
        )
