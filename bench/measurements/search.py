"""The search over a grid of twelve, on the rows of the candles that ship with the project."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from io import StringIO
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
from catboost import CatBoostRegressor, Pool
from numpy.typing import NDArray

from bench.own_platform import make_spec
from bench.row import Row, Target
from bench.stopwatch import time_in_turn
from crypto_forecast.trainer.rules import INPUTS, locate_markets, predict_rules, take_columns
from crypto_forecast.trainer.train import BASE, THREADS, choose_trial, prepare_rows
from service.spec import Spec
from service.statistics.walk_forward import Cut, Purge, cut_rows
from tests.crypto_forecast.real_rows import read_all_rows

TARGET = Target(1 / 1.1, "limit", "the loop's time plus 10 %")


@dataclass(frozen=True)
class Fold:
    """What the loops fit on and predict: both as numbers."""

    cut: Cut
    seen: NDArray[np.float64]
    left: NDArray[np.float64]
    ahead: NDArray[np.float64]
    truth: NDArray[np.float64]


def measure_search(tiny: bool) -> Iterator[Row]:
    """Time both searches; ours also fits rules, reports trials and scores whole forecasts."""
    axes: dict[str, Any] = {"depth": [4, 5, 6], "learning_rate": [0.03, 0.06, 0.09, 0.12]}
    if tiny:
        axes = {"depth": [2], "learning_rate": [0.1, 0.2]}
    grid = [dict(zip(axes, values, strict=True)) for values in product(*axes.values())]
    spec = make_spec(model={"grid": tuple(grid), "iterations": 3 if tiny else 100})
    rows = read_all_rows().dropna(subset=INPUTS)
    folds = [make_fold(spec, cut) for cut in cut_as_search(spec, rows)]
    ways = {
        "ours": lambda: choose_trial(spec, rows, lambda _params, _metrics: None),
        "shared": lambda: loop_over(spec, grid, folds, shared=True),
        "fresh": lambda: loop_over(spec, grid, folds, shared=False),
        "grid_search": lambda: search_with_catboost(spec, axes, rows, folds),
    }
    seconds = time_in_turn(ways, rounds=1 if tiny else 2)
    work = f"search of {len(grid)} trials, {len(folds)} purged folds of {len(rows):,} rows"
    row = partial(
        Row, work, "s", seconds["ours"], limit=seconds["shared"], limit_name="a bare loop over one shared Pool a fold"
    )
    yield row("a plain loop, each fit from the numbers", seconds["fresh"], target=TARGET)
    yield row("CatBoost's grid_search, the same folds", seconds["grid_search"])


def cut_as_search(spec: Spec, rows: pd.DataFrame) -> Iterator[Cut]:
    """List the folds that the search makes of these rows."""
    first, last = rows["target_slot"].min(), rows["target_slot"].max() + pd.Timedelta(microseconds=1)
    parts = spec.train.folds + 1
    moments = [first + (last - first) * part / parts for part in range(1, parts + 1)]
    return cut_rows(rows, moments, Purge(spec.purge + spec.train.embargo))


def make_fold(spec: Spec, cut: Cut) -> Fold:
    """Compute what the best rule leaves over, fitted on the fold's own past."""
    shared, _ = prepare_rows(spec, cut.seen)
    left = [frame["target"] - predict_rules(shared["rules"], frame)[BASE] for frame in (cut.seen, cut.ahead)]
    seen, ahead = (tabulate(spec, frame) for frame in (cut.seen, cut.ahead))
    return Fold(cut, seen, left[0].to_numpy(float), ahead, left[1].to_numpy(float))


def tabulate(spec: Spec, rows: pd.DataFrame) -> NDArray[np.float64]:
    markets = sorted(spec.train.markets)
    return np.column_stack([take_columns(rows, list(spec.features.columns)), locate_markets(markets, rows)])


def loop_over(spec: Spec, grid: list[dict[str, Any]], folds: list[Fold], *, shared: bool) -> None:
    """Run a bare loop: fit, predict, measure."""
    for fold in folds:
        pool = Pool(fold.seen, fold.left)
        pool.quantize()
        for trial in grid:
            booster = make_booster(spec, **trial).fit(*([pool] if shared else [fold.seen, fold.left]))
            np.square(booster.predict(fold.ahead) - fold.truth).mean()


def search_with_catboost(spec: Spec, axes: dict[str, Any], rows: pd.DataFrame, folds: list[Fold]) -> None:
    """Search over all rows at once, with one rule for all folds."""
    shared, _ = prepare_rows(spec, rows)
    left = rows["target"] - predict_rules(shared["rules"], rows)[BASE]
    cuts = [(fold.cut.seen.index.to_numpy(), fold.cut.ahead.index.to_numpy()) for fold in folds]
    options = {"search_by_train_test_split": False, "refit": False, "verbose": False, "log_cout": StringIO()}
    make_booster(spec).grid_search(axes, tabulate(spec, rows), left.to_numpy(float), cv=cuts, **options)


def make_booster(spec: Spec, **trial: Any) -> CatBoostRegressor:
    options = {"iterations": spec.model.iterations, "random_seed": spec.train.seed, "thread_count": THREADS, **trial}
    return CatBoostRegressor(**options, allow_writing_files=False, verbose=False)
