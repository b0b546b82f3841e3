"""What all coins share: the tables of crypto_forecast and the keys that only it has."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from db_handler.tables.table import Table
from service import spec
from service.spec import Count, Moment, Positive, Share, Span
from service.spec.made_by import MADE_BY
from service.spec.outcome_tables import performance_table, predictions_table

RULES = ("rule_last", "rule_ewma", "rule_har", "rule_har_tod")
SERIES = {"market": "text(32)", "unit": "integer"}
TARGET_KEY = {**SERIES, "target_slot": "time"}
COLUMNS = (
    *("last_range", "ewma_3", "ewma_6", "ewma_12", "mean_6", "mean_42", "same_slot_7"),
    *("target_hour", "target_weekday", "return_1", "return_6", "rsi_14", "volume_ratio"),
)


class Data(spec.Data):
    """One market of the exchange; its candles tick in units of minutes."""

    market: Annotated[str, Field(pattern=r"^[A-Z0-9]{2,10}-[A-Z0-9]{1,15}$")]
    unit: Literal[1, 3, 5, 10, 15, 30, 60, 240] = 240
    start: Moment = datetime(2023, 11, 1, tzinfo=UTC)
    horizon: Span = timedelta(minutes=240)
    rules = RULES
    raw = Table(
        name="crypto_forecast_raw",
        columns={
            **SERIES,
            "slot": "time",
            **dict.fromkeys(("opening_price", "high_price", "low_price", "trade_price"), "price"),
            **dict.fromkeys(("volume", "value"), "amount"),
            "last_tick": "integer",
            "fetched_at": "time",
        },
        key=("market", "unit", "slot"),
        newest=("last_tick", "fetched_at"),
        unwatched=("fetched_at",),
    )
    features = Table(
        name="crypto_forecast_features",
        columns={
            **SERIES,
            **dict.fromkeys(("slot", "target_slot"), "time"),
            **dict.fromkeys((*COLUMNS, "alert_threshold", "target", "target_return"), "float"),
            "target_empty": "boolean",
            MADE_BY: "text(16)",
        },
        key=("market", "unit", "slot"),
        index=("market", "unit", "target_slot"),
    )
    predictions = predictions_table(
        "crypto_forecast_predictions",
        key=TARGET_KEY,
        rules=RULES,
        further={
            "slot": "time",
            **dict.fromkeys(("predicted_low", "predicted_high", "range_percent"), "float"),
            "alert": "boolean",
            "direction": "float",
        },
    )
    performance = performance_table(
        "crypto_forecast_performance", key=TARGET_KEY, rules=RULES, further={"slot": "time"}
    )

    @property
    def where(self) -> dict[str, Any]:
        return {"market": self.market, "unit": self.unit}

    @model_validator(mode="after")
    def _check_horizon(self) -> "Data":
        if self.horizon != timedelta(minutes=self.unit):
            raise ValueError(f"horizon must be one unit, {self.unit} minutes")
        return self


class Features(spec.Features):
    """Past-only features on the grid of slots; all windows count slots."""

    columns = COLUMNS
    calendar = ("target_hour", "target_weekday")
    spans: Annotated[tuple[Count, ...], Field(min_length=1)] = (3, 6, 12)
    means: Annotated[tuple[Count, ...], Field(min_length=1)] = (6, 42)
    ewma_lookback: Count = 120  # an EWMA is cut here, so that training and serving see the same history
    rsi_length: Count = 14
    day_lags: Count = 7
    alert_quantile: Share = 0.8
    alert_slots: Count = 540


class Model(spec.Model):
    """CatBoost on what the best simple rule leaves over."""

    iterations: Count = 100  # with 0.09 as good as 300 with 0.03, at a third of the time
    depth: Annotated[int, Field(ge=1, le=16)] = 4
    learning_rate: Positive = 0.09
    grid = tuple({"depth": depth, "learning_rate": rate} for depth in (4, 6) for rate in (0.06, 0.09))


class Train(spec.Train):
    """One model learns from the rows of all these markets; each is the market of some config."""

    refit_days = 3  # weekly, few fits of the evidence would have seen a change that is two weeks old
    markets: Annotated[tuple[str, ...], Field(min_length=1)] = ("KRW-BTC", "KRW-ETH", "KRW-ADA")


class Monitoring(spec.Monitoring):
    """Weekly windows, pooled over the coins."""

    baseline = "rule_ewma"
    threshold = 1.1  # measured: without a change a weekly pooled window never exceeded 1.09
    rescore_days = 14
    pooled = True
