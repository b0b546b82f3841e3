"""Looks for leaks in a training: in its labels, its scores, and the features that it was given."""

from datetime import datetime
from functools import partial

import numpy as np
import pandas as pd

from crypto_forecast.evaluator.evaluate import score
from crypto_forecast.preprocessor.feature_engineering import count_shortest_history
from crypto_forecast.preprocessor.preprocess import build_features
from crypto_forecast.trainer.train import fit_point, predict_rows
from service.spec import Spec
from service.statistics.probes import probe_history, probe_permuted, probe_too_good

BEST_R2, BEST_DIRECTION = 0.8, 0.58  # what honest models of log ranges and directions stay below
FEW_TREES = 40  # a leak of labels shows in few
MOMENTS = 3


def probe_leaks(
    spec: Spec, rows: pd.DataFrame, evidence: pd.DataFrame, scores: dict[str, float]
) -> dict[str, str | None]:
    """Shuffle the labels, and doubt scores that are too good."""
    small = spec.with_trial({"iterations": min(FEW_TREES, spec.model.iterations)})
    start = evidence["target_slot"].min()
    permuted = probe_permuted(
        rows[rows["target_slot"] <= start - spec.purge],
        rows[rows["target_slot"] >= start],
        target="target",
        fit=partial(fit_point, small),
        measure=lambda model, ahead: score(ahead["target"], predict_rows(model, ahead)["predicted"])["r2"],
        seed=spec.train.seed,
    )
    return {
        "permuted_labels": permuted,
        "too_good_r2": probe_too_good("R2 within weeks", scores["r2_within_weeks"], BEST_R2),
        "too_good_direction": probe_too_good("direction accuracy", scores["direction_accuracy"], BEST_DIRECTION),
    }


def probe_features(spec: Spec, rows: pd.DataFrame, candles: pd.DataFrame, begin: datetime) -> dict[str, str | None]:
    """Build a few rows again from the candles up to them alone, and compare with what was trained on."""
    first = begin + (count_shortest_history(spec) - 1) * spec.data.horizon
    slots = candles.loc[candles["slot"] >= first, "slot"]
    moments = np.random.default_rng(spec.train.seed).choice(len(slots), size=min(MOMENTS, len(slots)), replace=False)
    rebuilt = []
    for moment in slots.iloc[moments]:
        past = candles[candles["slot"] <= moment]
        rebuilt.append(build_features(spec, past, begin=begin, until=moment + spec.data.horizon).tail(1))
    own, again = rows[rows["market"] == spec.data.market], pd.concat(rebuilt) if rebuilt else rows.head(0)
    again = again[again["slot"].isin(own["slot"])]
    return {"truncated_history": probe_history(own, again, key="slot", columns=spec.features.columns)}
