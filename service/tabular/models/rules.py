"""The two naive rules of any table: the average of all rows, and the best split on one column.

scikit-learn's tree of depth one splits neither on a category nor on a missing value, and neither its odds nor those of
its dummies are smoothed. Serving reads these rules, too, and must not wait for its import.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from service.spec import Spec
from service.spec.targets import name_columns

RULES = ("rule_prior", "rule_split")
CUTS = 32  # quantiles of a column of numbers, or categories of a column of texts, that are tried
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Split:
    """A split by one column: it is above a number, it is a certain text, or it is missing."""

    column: str
    kind: str
    mark: Any  # a number, a text, or None

    def match(self, rows: pd.DataFrame) -> NDArray[np.bool_]:
        """Mark the rows for which the split holds."""
        values = rows[self.column]
        if self.kind == "missing":
            return values.isna().to_numpy(bool)
        matching = values.astype(float) > self.mark if self.kind == "above" else values == self.mark
        return np.asarray(matching.fillna(False), dtype=bool)


def fit_rules(spec: Spec, rows: pd.DataFrame) -> dict[str, Any]:
    """Fit both rules; a leaf predicts its mean, or the odds of the classes in it."""
    answers = _lay_answers(spec, rows)
    whole = np.ones(len(rows), dtype=bool)
    names = {rule: name_columns(spec.data, rule) for rule in RULES}
    fitted: dict[str, Any] = {"names": names, "prior": _average(spec, answers, whole)}
    splits = [(split, split.match(rows)) for split in _list_splits(spec, rows)]
    if not splits:
        return {**fitted, "split": None}
    losses = [_measure_leaf(spec, answers[yes]) + _measure_leaf(spec, answers[~yes]) for _, yes in splits]
    best, yes = splits[int(np.argmin(losses))]
    leaves = {"yes": _average(spec, answers, yes), "no": _average(spec, answers, ~yes)}
    return {**fitted, "split": {"column": best.column, "kind": best.kind, "mark": best.mark, **leaves}}


def predict_rules(fitted: dict[str, Any], rows: pd.DataFrame) -> pd.DataFrame:
    """Predict rows by both rules."""
    prior = np.tile(np.asarray(fitted["prior"], dtype=float), (len(rows), 1))
    split, second = fitted["split"], prior
    if split:
        yes = Split(split["column"], split["kind"], split["mark"]).match(rows)
        second = np.where(yes[:, None], np.asarray(split["yes"]), np.asarray(split["no"]))
    columns = [name for rule in RULES for name in fitted["names"][rule]]
    return pd.DataFrame(np.hstack([prior, second]), columns=columns, index=rows.index)


def predict_alone(spec: Spec, seen: pd.DataFrame, ahead: pd.DataFrame, column: str) -> pd.DataFrame:
    """Predict rows by one column (`alone`: the average of its category or of its quantile), `prior` beside it."""
    if column in spec.features.categories:
        bins = pd.Categorical(seen[column], categories=seen[column].value_counts().index[:CUTS])
        learnt, asked = bins.codes, pd.Categorical(ahead[column], categories=bins.categories).codes
    else:
        marks = _find_marks(seen[column].dropna().to_numpy(float))
        learnt, asked = (_find_quantiles(rows[column].to_numpy(float), marks) for rows in (seen, ahead))
    answers, everyone = _lay_answers(spec, seen), np.ones(len(seen), dtype=bool)
    averages = {code: _average(spec, answers, learnt == code) for code in np.unique(asked)}
    alone = np.array([averages[code] for code in asked])
    columns = [*name_columns(spec.data, "alone"), *name_columns(spec.data, "prior")]
    prior = np.tile(_average(spec, answers, everyone), (len(ahead), 1))
    return pd.DataFrame(np.hstack([alone, prior]), columns=columns, index=ahead.index)


def _find_marks(values: Floats) -> Floats:
    """Find the marks that part present values into quantiles."""
    return np.unique(np.quantile(values, np.linspace(0, 1, CUTS + 2)[1:-1])) if len(values) else np.empty(0)


def _find_quantiles(values: Floats, marks: Floats) -> NDArray[np.int64]:
    """Number the quantile of each value; what is missing has a number of its own."""
    return np.where(np.isnan(values), -1, np.searchsorted(marks, values))


def _lay_answers(spec: Spec, rows: pd.DataFrame) -> Floats:
    target = rows[spec.data.target].to_numpy(float)
    if not spec.data.classes:
        return target[:, None]
    return np.asarray(target[:, None] == np.arange(len(spec.data.classes)), dtype=float)


def _list_splits(spec: Spec, rows: pd.DataFrame) -> Iterator[Split]:
    for column in spec.features.columns:
        values = rows[column].dropna()
        if 0 < len(values) < len(rows):
            yield Split(column, "missing", None)
        if column in spec.features.categories:
            yield from (Split(column, "is", str(text)) for text in values.value_counts().index[:CUTS])
        elif len(values):
            yield from (Split(column, "above", float(mark)) for mark in _find_marks(values.to_numpy(float)))


def _average(spec: Spec, answers: Floats, inside: NDArray[np.bool_]) -> list[float]:
    total, count = answers[inside].sum(axis=0), int(inside.sum())
    if spec.data.classes:  # a class that a leaf does not hold is rare, not impossible
        return [float(value) for value in (total + 1) / (count + answers.shape[1])]
    return [float(value) for value in (total / count if count else answers.mean(axis=0))]


def _measure_leaf(spec: Spec, answers: Floats) -> float:
    """Measure the loss that is left when a leaf predicts its average."""
    if not len(answers):
        return 0.0
    if spec.data.classes:
        total = answers.sum(axis=0)
        shares = (total + 1) / (len(answers) + answers.shape[1])
        return float(-(total * np.log(shares)).sum())
    return float(((answers - answers.mean(axis=0)) ** 2).sum())
