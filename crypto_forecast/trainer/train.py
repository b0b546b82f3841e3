"""Fits CatBoost to what the best naive rule leaves over, on the rows of all markets together."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from catboost import CatBoostRegressor, Pool

from crypto_forecast.preprocessor.preprocess import widen_percent
from crypto_forecast.trainer.direction import fit_direction, predict_direction
from crypto_forecast.trainer.interval import add_interval, measure_interval
from crypto_forecast.trainer.rules import fit_rules, predict_rules
from service.spec import Spec

Model = dict[str, Any]
Record = Callable[[Mapping[str, Any], Mapping[str, float]], None]

BASE = "rule_har_tod"
KEYS = ("iterations", "depth", "learning_rate")
THREADS = 2  # the same on every host: the order of additions is part of the result


@dataclass(frozen=True)
class Prepared:
    """Rows made ready once for all trials: the naive rules and what they leave over."""

    known: dict[str, Any]
    pool: Pool


def fit_model(spec: Spec, rows: pd.DataFrame, record: Record) -> Model:
    """Fit the model that serves: the forecast on all rows, its interval on rows held out."""
    interval, found = measure_interval(rows, lambda part: fit_point(spec, part), predict_rows)
    record({"trial": "interval", **choose_keys(spec, {})}, found)
    return {**fit_point(spec, rows), "interval": interval}


def fit_point(spec: Spec, rows: pd.DataFrame) -> Model:
    """Fit everything but the interval, which walk-forward does without."""
    return fit_prepared(spec, prepare_rows(spec, rows), {})


def prepare_rows(spec: Spec, rows: pd.DataFrame) -> Prepared:
    """Fit the rules, the direction, and the table of what is left to learn."""
    rows = rows.dropna(subset=["target"]).sort_values(["target_slot", "market"], kind="stable")
    rules = fit_rules(rows)
    left = rows["target"] - predict_rules(rules, rows)[BASE]
    rows, left = rows[left.notna()], left.dropna()
    columns, markets = list(spec.features.columns), sorted(rules)
    known = {"columns": columns, "markets": markets, "rules": rules, "direction": fit_direction(rows, columns)}
    return Prepared(known, Pool(_tabulate(rows, columns, markets), left.to_numpy(float), thread_count=THREADS))


def fit_prepared(spec: Spec, prepared: Prepared, trial: Mapping[str, Any]) -> Model:
    """Fit one trial, whose keys go before those of the config."""
    booster = CatBoostRegressor(
        **choose_keys(spec, trial),
        random_seed=spec.train.seed,
        thread_count=THREADS,
        allow_writing_files=False,
        verbose=False,
    )
    return {**prepared.known, "booster": booster.fit(prepared.pool)}


def predict_rows(model: Model, rows: pd.DataFrame) -> pd.DataFrame:
    """Predict the log range of each row's target with interval, alert and direction, the naive rules beside it."""
    rules = predict_rules(model["rules"], rows)
    if rows.empty:
        left = np.empty(0)
    else:
        left = model["booster"].predict(_tabulate(rows, model["columns"], model["markets"]), thread_count=1)
    predicted = (rules[BASE] + left).rename("predicted")
    threshold = rows["alert_threshold"]
    return pd.DataFrame(
        {
            "predicted": predicted,
            **add_interval(model.get("interval", {}), rows["market"], predicted),
            "range_percent": widen_percent(predicted),
            "alert": (predicted > threshold).astype("boolean").mask(predicted.isna() | threshold.isna()),
            "direction": predict_direction(model["direction"], rows),
            **rules,
        }
    )


def choose_keys(spec: Spec, trial: Mapping[str, Any]) -> dict[str, Any]:
    """Name CatBoost's parameters of a trial."""
    return {key: trial.get(key, getattr(spec.model, key)) for key in KEYS}


def _tabulate(rows: pd.DataFrame, columns: list[str], markets: list[str]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Lay out what CatBoost reads; the market is a column like the others."""
    market = rows["market"].map({name: float(place) for place, name in enumerate(markets)}).to_numpy(float)
    return np.column_stack([rows[columns].to_numpy(float), market])
