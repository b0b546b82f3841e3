"""The step evaluate: walk-forward evidence of the unit's own market, and the probes that would show a leak."""

from datetime import timedelta
from functools import partial

import pandas as pd

from crypto_forecast.evaluator.evidence import gather_evidence, score_evidence
from crypto_forecast.evaluator.leaks import probe_features, probe_leaks
from crypto_forecast.loader.model_rows import read_candles, read_model_rows
from crypto_forecast.preprocessor.data_preparation import floor_slot
from crypto_forecast.trainer.train import fit_point, predict_rows
from service.spec import Spec
from service.statistics.scores import score_slices
from service.statistics.walk_forward import Purge, walk_forward
from service.step import Run
from service.step.results import EvaluateResult
from service.training.evidence import keep_evidence
from service.training.keep_model import hash_rows


def evaluate(spec: Spec, run: Run) -> EvaluateResult:
    """Predict the evaluated rows each by a fit of the chosen recipe that ended before it, rules beside it."""
    fixed, end = spec.with_trial(run.result("train")["chosen"]), floor_slot(run.at, spec.data.unit)
    rows = read_model_rows(spec, run)
    days, every = spec.train.evidence_days, timedelta(days=spec.train.refit_days)
    with run.database.begin(writing=False) as connection:
        candles, begin = read_candles(connection, spec, since=end - timedelta(days=days), until=end)

    def walk() -> pd.DataFrame:
        fit, purge = partial(fit_point, fixed), Purge(spec.purge + spec.train.embargo)
        return walk_forward(rows, fit=fit, predict=predict_rows, end=end, days=days, every=every, purge=purge)

    predicted = run.once(("walk", hash_rows(rows), fixed.recipe_hash), walk)
    evidence = gather_evidence(spec, rows, predicted)
    scores = score_evidence(evidence)
    probes = {**probe_leaks(fixed, rows, evidence, scores), **probe_features(spec, rows, candles, begin)}

    keep_evidence(run, evidence, scores)
    return EvaluateResult(rows=len(evidence), scores=scores, slices=score_slices(evidence), probes=probes)
