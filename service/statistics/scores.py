"""Losses and scores of predictions: of classes by their odds, of numbers by their distance."""

from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

SMALLEST = 1e-6  # smaller odds count as these, so that one wrong certainty does not outweigh all other rows
BINS = 10
Numbers: TypeAlias = "pd.Series[Any]"


def measure_usual_loss(truth: Numbers, predicted: "pd.Series[Any] | pd.DataFrame") -> Numbers:
    """Measure each row's loss: log loss where odds of classes are given, else the squared error."""
    if isinstance(predicted, pd.DataFrame):
        return measure_log_loss(truth, predicted)
    return measure_squares(truth, predicted)


def measure_log_loss(truth: Numbers, predicted: pd.DataFrame) -> Numbers:
    """Measure the log loss of each row under the odds of its true class.

    scikit-learn gives the mean only, and does not bound a wrong certainty.

    >>> measure_log_loss(pd.Series([1.0]), pd.DataFrame({"low": [0.5], "high": [0.5]})).round(3).tolist()
    [0.693]
    """
    codes, labelled = truth.to_numpy(float), truth.notna().to_numpy()
    odds = predicted.to_numpy(float)[np.arange(len(codes)), np.where(labelled, codes, 0).astype(int)]
    return pd.Series(np.where(labelled, -np.log(np.maximum(odds, SMALLEST)), np.nan), index=truth.index)


def measure_squares(truth: Numbers, predicted: Numbers) -> Numbers:
    """Measure the squared error of each row."""
    return (truth.astype(float) - predicted.astype(float)) ** 2


def score_classes(truth: Numbers, predicted: pd.DataFrame) -> dict[str, float]:
    """Score odds of classes: log loss, accuracy, macro F1, and how far confidence is from accuracy."""
    from sklearn.metrics import f1_score  # slow to import, and only an evaluation needs it

    loss = measure_log_loss(truth, predicted).to_numpy()
    labelled = np.isfinite(loss)
    codes, odds = truth.to_numpy(float)[labelled], predicted.to_numpy(float)[labelled]
    if not len(codes):
        return {"rows": 0.0, **dict.fromkeys(("loss", "accuracy", "macro_f1", "calibration_error"), float("nan"))}
    chosen, classes = odds.argmax(axis=1), range(odds.shape[1])
    return {
        "rows": float(len(codes)),
        "loss": float(loss[labelled].mean()),
        "accuracy": float((chosen == codes).mean()),
        # A class that neither was nor was predicted is no mistake.
        "macro_f1": float(f1_score(codes, chosen, labels=classes, average="macro", zero_division=1.0)),
        "calibration_error": _measure_calibration(odds.max(axis=1), chosen == codes),
    }


def score_numbers(truth: Numbers, predicted: Numbers) -> dict[str, float]:
    """Score numbers: mean squared error, its root, mean absolute error, bias, R2."""
    from sklearn.metrics import r2_score  # slow to import, and only an evaluation needs it

    both = pd.DataFrame({"truth": truth.astype(float), "predicted": predicted.astype(float)}).dropna()
    error = both["predicted"] - both["truth"]
    loss = float((error**2).mean())
    return {
        "rows": float(len(both)),
        "loss": loss,
        "rmse": float(np.sqrt(loss)),
        "mae": float(error.abs().mean()),
        "bias": float(error.mean()),
        "r2": float(r2_score(both["truth"], both["predicted"])) if both["truth"].nunique() > 1 else float("nan"),
    }


def score_slices(evidence: pd.DataFrame) -> dict[str, float]:
    """Give the mean loss of each slice."""
    names = [name for name in map(str, evidence) if name.startswith("slice_")]
    return {
        f"{name}={part}": float(rows["loss"].mean())
        for name in names
        for part, rows in evidence.groupby(name, observed=True)
    }


def _measure_calibration(confidence: NDArray[np.float64], right: NDArray[np.bool_]) -> float:
    """Measure the mean distance of confidence from accuracy, over bins of like confidence.

    scikit-learn's calibration_curve does not say how many rows a bin has, so it can't be weighted.
    """
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    parts = [(bins == place) for place in range(BINS) if (bins == place).any()]
    return float(sum(abs(confidence[part].mean() - right[part].mean()) * part.mean() for part in parts))
