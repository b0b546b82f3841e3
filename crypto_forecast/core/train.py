"""The step train: choose a recipe before the evaluated rows, fit it on everything up to now."""

from crypto_forecast.loader.model_rows import choose_earlier, read_golden_candles, read_model_rows
from crypto_forecast.trainer.train import fit_challenger
from service.spec import Spec
from service.step import Run
from service.step.results import TrainResult
from service.training.keep_model import GOLDEN_ROWS, find_same_model, hash_rows, keep_model, record_trial


def train(spec: Spec, run: Run) -> TrainResult:
    """Fit a challenger on the rows of all markets; the same rows and recipe answer with the version that is there."""
    rows = read_model_rows(spec, run)
    same_model = find_same_model(run, rows)
    if same_model is not None:
        return same_model

    earlier = choose_earlier(spec, rows, run.at)
    same = ("fit", hash_rows(rows), spec.recipe_hash)  # units that learn from the same rows share the work
    fitted = run.once(same, lambda: fit_challenger(spec, earlier, rows))

    for trial in fitted["trials"]:
        record_trial(run, *trial)
    end = rows["target_slot"].max().to_pydatetime() + spec.data.horizon
    model, chosen = fitted["model"], fitted["chosen"]
    raw = read_golden_candles(spec, run, rows, GOLDEN_ROWS)
    return keep_model(run, model, rows=rows, training_end=end, params=chosen, metrics=model["held_out"], raw=raw)
