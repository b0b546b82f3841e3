"""Fits CatBoost to what the best naive rule leaves over, on the rows of all markets together."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from catboost import CatBoostRegressor, Pool
from numpy.typing import NDArray

from crypto_forecast.preprocessor.preprocess import widen_percent
from crypto_forecast.trainer.direction import fit_direction, predict_direction
from crypto_forecast.trainer.held_out import find_ends, find_lift, measure_held_out
from crypto_forecast.trainer.rules import fit_rules, locate_markets, predict_rules, take_columns
from db_handler.errors import NotYetError
from service.spec import Spec
from service.statistics.scores import measure_squares
from service.statistics.walk_forward import Purge, search_grid

Model = dict[str, Any]
Prepared = tuple[Model, Pool]  # the part of a model that all trials share, and what is left to learn
Record = Callable[[Mapping[str, Any], Mapping[str, float]], None]

BASE = "rule_har_tod"
KEYS = ("iterations", "depth", "learning_rate")
FEWEST_ROWS = 30  # HAR with time of day has nine coefficients
THREADS = 2  # the same on every host: the order of additions is part of the result


def choose_trial(spec: Spec, rows: pd.DataFrame, record: Record) -> dict[str, Any]:
    """Search the grid on rows that end before those that will be evaluated; no grid leaves the config's own keys."""

    def measure(model: Model, ahead: pd.DataFrame) -> float:
        return float(measure_squares(ahead["target"], predict_rows(model, ahead)["predicted"]).mean())

    return search_grid(
        rows,
        spec.model.grid,
        spec.train.folds,
        Purge(spec.purge + spec.train.embargo),
        prepare=partial(prepare_rows, spec),
        fit=partial(fit_prepared, spec),
        measure=measure,
        record=record,
    )


def fit_challenger(spec: Spec, earlier: pd.DataFrame, rows: pd.DataFrame) -> dict[str, Any]:
    """Choose the recipe on `earlier` and fit it on all rows; the trials are returned, for each unit to record."""
    trials: list[tuple[Mapping[str, Any], Mapping[str, float]]] = []
    chosen = choose_trial(spec, earlier, lambda *trial: trials.append(trial))
    model = fit_model(spec.with_trial(chosen), rows, lambda *trial: trials.append(trial))
    return {"chosen": chosen, "model": model, "trials": trials}


def fit_model(spec: Spec, rows: pd.DataFrame, record: Record) -> Model:
    """Fit the model that serves: the forecast on all rows, its interval and alert on rows held out."""
    held_out = measure_held_out(rows, partial(fit_point, spec), predict_rows, quantile=spec.features.alert_quantile)
    record({"trial": "interval", **choose_keys(spec, {})}, held_out["held_out"])
    return {**fit_point(spec, rows), **held_out}


def fit_point(spec: Spec, rows: pd.DataFrame) -> Model:
    """Fit everything but what rows held out tell, which walk-forward does without."""
    return fit_prepared(spec, prepare_rows(spec, rows), {})


def prepare_rows(spec: Spec, rows: pd.DataFrame) -> Prepared:
    """Fit the rules, the direction, and the table of what is left to learn."""
    rows = rows.dropna(subset=["target"]).sort_values(["target_slot", "market"], kind="stable")
    rules = fit_rules(rows)
    left = rows["target"] - predict_rules(rules, rows)[BASE]
    rows, left = rows[left.notna()], left.dropna()
    if len(rows) < FEWEST_ROWS:
        raise NotYetError(
            f"{spec.unit} can't be trained yet: {len(rows)} rows of a fit have all that {BASE} reads, {FEWEST_ROWS} "
            "are wanted; a market with most of its slots empty has few such rows"
        )
    columns, markets = list(spec.features.columns), sorted(rules)
    shared = {"columns": columns, "markets": markets, "rules": rules, "direction": fit_direction(rows, columns)}
    pool = Pool(_tabulate(rows, columns, markets), left.to_numpy(float), thread_count=THREADS)
    pool.quantize()
    return shared, pool


def fit_prepared(spec: Spec, prepared: Prepared, trial: Mapping[str, Any]) -> Model:
    """Fit one trial, whose keys override those of the config."""
    fixed = {"random_seed": spec.train.seed, "thread_count": THREADS, "allow_writing_files": False, "verbose": False}
    booster = CatBoostRegressor(**choose_keys(spec, trial), **fixed)
    shared, pool = prepared
    return {**shared, "booster": booster.fit(pool)}


def predict_rows(model: Model, rows: pd.DataFrame) -> pd.DataFrame:
    """Predict the log range of each row's target with interval, alert and direction, the naive rules beside it."""
    rules, left = predict_rules(model["rules"], rows), np.empty(0)
    if len(rows):
        left = model["booster"].predict(_tabulate(rows, model["columns"], model["markets"]), thread_count=1)
    predicted = rules[BASE].to_numpy() + left
    ends = find_ends(model.get("interval", {}), rows)
    threshold = rows["alert_threshold"].to_numpy(float) + find_lift(model.get("alert", {}), rows)
    return rules.assign(
        predicted=predicted,
        predicted_low=predicted + ends[:, 0],
        predicted_high=predicted + ends[:, 1],
        range_percent=widen_percent(predicted),
        alert=pd.arrays.BooleanArray(predicted > threshold, np.isnan(predicted) | np.isnan(threshold)),
        direction=predict_direction(model["direction"], rows),
    )


def choose_keys(spec: Spec, trial: Mapping[str, Any]) -> dict[str, Any]:
    """Name CatBoost's parameters of a trial."""
    return {key: trial.get(key, getattr(spec.model, key)) for key in KEYS}


def _tabulate(rows: pd.DataFrame, columns: list[str], markets: list[str]) -> NDArray[np.float64]:
    """Lay out what CatBoost reads; the market is a column like the others."""
    return np.column_stack([take_columns(rows, columns), locate_markets(markets, rows)])
