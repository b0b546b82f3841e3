"""The answers of a champion, or of what stands in for it, each with the name of whose it is."""

import pandas as pd

from service.spec import Data, Spec
from service.spec.targets import name_columns
from service.step.champion import Champion
from service.step.run import Run

OF_THE_STEP = ("at", "on_time", "version", "fallback")  # columns that say who answered and when


def answer_rows(spec: Spec, run: Run, champion: Champion, rows: pd.DataFrame) -> pd.DataFrame:
    """Predict rows, every naive rule beside, and name moment, version and fallback of the answers."""
    if champion.known is None:
        predicted = run.project.predict_rows(champion.model, rows)
    else:
        predicted = _answer_by_rule(spec.data, run, champion, rows)
    by = champion.fallback["by"] if champion.fallback else None
    return predicted.assign(at=run.at, version=champion.version, fallback=by)  # type: ignore[no-any-return]


def _answer_by_rule(data: Data, run: Run, champion: Champion, rows: pd.DataFrame) -> pd.DataFrame:
    """Put a rule's prediction in the place of the model's; what only a model can say is missing."""
    assert run.project.naive is not None  # noqa: S101  # or it would not have been chosen
    assert champion.fallback is not None  # noqa: S101
    predicted = run.project.naive(champion.known, rows)
    columns = name_columns(data, champion.fallback["by"])
    ours = predicted[columns].to_numpy(float)
    predicted = predicted.assign(**dict(zip(name_columns(data, "predicted"), ours.T, strict=True)))
    if data.classes:
        predicted["predicted"] = ours.argmax(axis=1).astype(float)
    given = {*predicted, *rows, *data.predictions.key, *OF_THE_STEP}
    return predicted.assign(**{name: None for name in data.predictions.columns if name not in given})  # type: ignore[no-any-return]
