"""Looks for leaks in a training of rows that stand by themselves: in its labels, its features, and its rows."""

from typing import Any

import pandas as pd

from service.spec import Spec
from service.spec.targets import take
from service.statistics.probes import probe_copies, probe_permuted, probe_too_good
from service.step import Run
from service.tabular.models.rules import predict_alone

FEW_TREES = 40  # a leak of labels shows in few
# One feature by which alone nearly nothing is left open is seldom known when its answer is asked for. Below that it may
# be honest: practice data of credit_score has one that explains two thirds.
MOST, GOOD = 0.9, 0.8


def probe_leaks(spec: Spec, run: Run, rows: pd.DataFrame, evidence: pd.DataFrame) -> dict[str, str | None]:
    """Fit on shuffled labels, doubt what explains nearly everything, and look for evaluated rows that were learnt."""
    data, simplest = spec.data, spec.data.rules[0]
    start, times = evidence[data.target_slot].min(), rows[data.target_slot]
    seen, ahead = rows[times <= start - spec.purge], rows[times >= start]
    explained = _measure_skill(float(evidence["loss"].mean()), float(evidence[f"{simplest}_loss"].mean()))
    return {
        "permuted_labels": probe_labels(spec, run, seen, ahead),
        "too_good": probe_too_good(f"the share explained of what {simplest} leaves", explained, spec.train.too_good),
        "single_feature": probe_single_feature(spec, run, seen, ahead, explained),
        "copied_rows": probe_copies(seen, ahead, columns=spec.features.columns, target=data.target),
    }


def probe_labels(spec: Spec, run: Run, seen: pd.DataFrame, ahead: pd.DataFrame) -> str | None:
    """Fit on shuffled labels, with few trees."""
    project, simplest = run.project, spec.data.rules[0]
    has_trees = "iterations" in type(spec.model).model_fields
    small = spec.with_trial({"iterations": min(FEW_TREES, spec.model.iterations)} if has_trees else {})

    def measure(model: Any, ahead: pd.DataFrame) -> float:
        predicted = project.predict_rows(model, ahead)
        chance = measure_mean_loss(run, ahead, predicted, simplest)
        return _measure_skill(measure_mean_loss(run, ahead, predicted), chance)

    return probe_permuted(
        seen,
        ahead,
        target=spec.data.target,
        fit=lambda seen: project.fit_model(small, seen, lambda _params, _metrics: None),
        measure=measure,
        seed=spec.train.seed,
    )


def probe_single_feature(spec: Spec, run: Run, seen: pd.DataFrame, ahead: pd.DataFrame, explained: float) -> str | None:
    """Name a feature that explains by itself nearly all that a good model explains: it may be the label."""
    if explained < GOOD or seen.empty or ahead.empty:
        return None
    for column in spec.features.columns:
        predicted = predict_alone(spec, seen, ahead, column)
        chance = measure_mean_loss(run, ahead, predicted, "prior")
        alone = _measure_skill(measure_mean_loss(run, ahead, predicted, "alone"), chance)
        if alone > MOST * explained:
            return (
                f"{column} alone explains {alone:.0%} where the model explains {explained:.0%}: is it known when the "
                "answer is asked for?"
            )
    return None


def measure_mean_loss(run: Run, rows: pd.DataFrame, predicted: pd.DataFrame, name: str = "predicted") -> float:
    """Measure the mean loss of one prediction."""
    data = run.spec.data
    return float(run.project.measure_loss(rows[data.target], take(data, predicted, name)).mean())


def _measure_skill(loss: float, chance: float) -> float:
    return 1.0 - loss / chance if chance > 0 else 0.0
