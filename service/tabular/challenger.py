"""The challenger of a project whose rows stand by themselves: its recipe, its fit, and its evidence."""

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import Any

import pandas as pd

from db_handler.clock import TICK
from db_handler.errors import NotYetError
from service.spec import Spec
from service.spec.targets import name_columns, take
from service.statistics.scores import score_slices
from service.statistics.walk_forward import Purge, search_grid, walk_forward
from service.step import Run
from service.step.answer_rows import need_loss
from service.step.results import EvaluateResult, TrainResult
from service.tabular.leaks import measure_mean_loss, probe_leaks
from service.tabular.rows import choose_earlier, need_classes
from service.training.evidence import keep_evidence
from service.training.keep_model import find_same_model, hash_rows, keep_model, record_trial


def train_challenger(spec: Spec, run: Run, rows: pd.DataFrame) -> TrainResult:
    """Choose a recipe before the evaluated rows and fit it on all; the same rows and recipe need no second fit."""
    same = find_same_model(run, rows)
    if same is not None:
        return same
    need_classes(spec, rows)
    chosen = choose_trial(spec, run, choose_earlier(spec, rows, run.at))
    model = run.project.fit_model(spec.with_trial(chosen), rows, partial(record_trial, run))
    end = rows[spec.data.target_slot].max().to_pydatetime() + TICK
    return keep_model(run, model, rows=rows, training_end=end, params=chosen, metrics={})


def choose_trial(spec: Spec, run: Run, rows: pd.DataFrame) -> dict[str, Any]:
    """Search the grid by time-series folds; without a grid the config's own keys stay."""
    project = run.project
    return search_grid(
        rows,
        spec.model.grid,
        spec.train.folds,
        keep_apart(spec),
        prepare=lambda seen: seen,
        fit=lambda seen, trial: project.fit_model(spec.with_trial(trial), seen, _ignore),
        measure=lambda model, ahead: measure_mean_loss(run, ahead, project.predict_rows(model, ahead)),
        record=partial(record_trial, run),
    )


def evaluate_challenger(spec: Spec, run: Run, rows: pd.DataFrame) -> EvaluateResult:
    """Predict each evaluated row by a fit of the chosen recipe that ended before it, and score rules and slices."""
    fixed = spec.with_trial(run.result("train")["chosen"])
    predicted = run.once(("walk", hash_rows(rows), fixed.recipe_hash), lambda: walk(fixed, run, rows))
    if predicted.empty:
        raise NotYetError(f"{spec.unit} has no evidence: no labelled row of the last {spec.train.evidence_days} days")
    evidence = gather_evidence(run, rows.loc[predicted.index], predicted)
    scores = run.project.score(evidence["truth"], take(spec.data, predicted, "predicted"))
    need_loss(spec.project, scores)
    scores |= {name: float(evidence[name].mean()) for name in map(str, evidence) if name.endswith("loss")}

    keep_evidence(run, evidence, scores)
    probes = probe_leaks(fixed, run, rows, evidence)
    return {"rows": len(evidence), "scores": scores, "slices": score_slices(evidence), "probes": probes}


def walk(spec: Spec, run: Run, rows: pd.DataFrame) -> pd.DataFrame:
    """Walk forward through the evaluated days, fitting again as often as the config says."""
    return walk_forward(
        rows,
        fit=lambda seen: run.project.fit_model(spec, seen, _ignore),
        predict=run.project.predict_rows,
        end=run.at,
        days=spec.train.evidence_days,
        every=timedelta(days=spec.train.refit_days),
        purge=keep_apart(spec),
    )


def keep_apart(spec: Spec) -> Purge:
    """Say what keeps the rows of a fit apart from those that it predicts."""
    return Purge(spec.purge + spec.train.embargo, spec.data.target_slot, spec.data.label_at)


def gather_evidence(run: Run, rows: pd.DataFrame, predicted: pd.DataFrame) -> pd.DataFrame:
    """Put truth, losses and slices side by side."""
    data, project = run.spec.data, run.project
    truth = rows[data.target]
    names = [column for column in dict.fromkeys([*data.features.key, data.target_slot]) if column in rows]
    columns = {"loss": "predicted", **{f"{rule}_loss": rule for rule in data.rules}}
    losses = {loss: project.measure_loss(truth, take(data, predicted, name)) for loss, name in columns.items()}
    answers = predicted[list(dict.fromkeys(["predicted", *name_columns(data, "predicted")]))]
    evidence = rows[names].assign(truth=truth, **losses).join(answers)
    return evidence.join(project.slice_rows(rows)) if project.slice_rows else evidence


def _ignore(_params: Mapping[str, Any], _metrics: Mapping[str, float]) -> None:
    """Record nothing, since these fits are part of one trial or of the evidence."""
