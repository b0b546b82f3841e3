"""How good predictions are: of classes by their odds, of numbers by their distance."""

from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

SMALLEST = 1e-6  # odds that are taken for nothing: one wrong certainty would drown all else
BINS = 10
Numbers: TypeAlias = "pd.Series[Any]"


def measure_usual_loss(truth: Numbers, predicted: "pd.Series[Any] | pd.DataFrame") -> Numbers:
    """Measure each row's loss: log loss where odds of classes are given, else the squared error."""
    return (
        measure_log_loss(truth, predicted) if isinstance(predicted, pd.DataFrame) else measure_squares(truth, predicted)
    )


def measure_log_loss(truth: Numbers, predicted: pd.DataFrame) -> Numbers:
    """Measure how surprising each truth (the code of its class) was under the odds.

    >>> measure_log_loss(pd.Series([1.0]), pd.DataFrame({"low": [0.5], "high": [0.5]})).round(3).tolist()
    [0.693]
    """
    codes, known = truth.to_numpy(float), truth.notna().to_numpy()
    odds = predicted.to_numpy(float)[np.arange(len(codes)), np.where(known, codes, 0).astype(int)]
    return pd.Series(np.where(known, -np.log(np.maximum(odds, SMALLEST)), np.nan), index=truth.index)


def measure_squares(truth: Numbers, predicted: Numbers) -> Numbers:
    """Measure the squared error of each row."""
    return (truth.astype(float) - predicted.astype(float)) ** 2


def score_classes(truth: Numbers, predicted: pd.DataFrame) -> dict[str, float]:
    """Score odds of classes: log loss, accuracy, macro F1, and how far confidence is from accuracy."""
    loss = measure_log_loss(truth, predicted).to_numpy()
    known = np.isfinite(loss)
    codes, odds = truth.to_numpy(float)[known], predicted.to_numpy(float)[known]
    if not len(codes):
        return {"rows": 0.0, **dict.fromkeys(("loss", "accuracy", "macro_f1", "calibration_error"), float("nan"))}
    chosen = odds.argmax(axis=1)
    return {
        "rows": float(len(codes)),
        "loss": float(loss[known].mean()),
        "accuracy": float((chosen == codes).mean()),
        "macro_f1": float(np.mean([_measure_f1(codes == place, chosen == place) for place in range(odds.shape[1])])),
        "calibration_error": _measure_calibration(odds.max(axis=1), chosen == codes),
    }


def score_numbers(truth: Numbers, predicted: Numbers) -> dict[str, float]:
    """Score numbers: mean squared error, its root, mean absolute error, bias, R2."""
    both = pd.DataFrame({"truth": truth.astype(float), "predicted": predicted.astype(float)}).dropna()
    error = both["predicted"] - both["truth"]
    spread = float(((both["truth"] - both["truth"].mean()) ** 2).sum())
    loss = float((error**2).mean())
    return {
        "rows": float(len(both)),
        "loss": loss,
        "rmse": float(np.sqrt(loss)),
        "mae": float(error.abs().mean()),
        "bias": float(error.mean()),
        "r2": 1.0 - float((error**2).sum()) / spread if spread > 0 else float("nan"),
    }


def _measure_f1(is_class: NDArray[np.bool_], said: NDArray[np.bool_]) -> float:
    """Measure F1 of one class; one that neither was nor was said is no mistake."""
    either = int(is_class.sum()) + int(said.sum())
    return 2.0 * int((is_class & said).sum()) / either if either else 1.0


def _measure_calibration(confidence: NDArray[np.float64], right: NDArray[np.bool_]) -> float:
    """Measure the mean distance of confidence from accuracy, over bins of like confidence."""
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    parts = [(bins == place) for place in range(BINS) if (bins == place).any()]
    return float(sum(abs(confidence[part].mean() - right[part].mean()) * part.mean() for part in parts))
