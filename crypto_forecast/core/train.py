"""The step train: choose a recipe before the evaluated rows, fit it on everything up to now."""

from typing import Any

from crypto_forecast.loader.model_rows import choose_earlier, read_model_rows
from crypto_forecast.trainer.train import choose_trial, fit_model, fix_trial
from service.spec import Spec
from service.step import Run


def train(spec: Spec, run: Run) -> dict[str, Any]:
    """Fit a challenger on the rows of all markets; the same rows and recipe answer with the version that is there."""
    rows = read_model_rows(spec, run)
    known = run.known_model(rows)
    if known is not None:
        return known

    earlier = choose_earlier(spec, rows, run.at)
    chosen = choose_trial(spec, earlier, run.record)
    model = fit_model(fix_trial(spec, chosen), rows, run.record)

    end = rows["target_slot"].max().to_pydatetime() + spec.data.horizon
    return run.keep_model(model, rows=rows, training_end=end, params=chosen, metrics=model["held_out"])
