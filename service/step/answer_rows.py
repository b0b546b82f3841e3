"""The answers of a champion, or of what stands in for it, each with the name of whose it is."""

from collections.abc import Mapping

import pandas as pd

from service.contract.project import ProjectError
from service.spec import Data, Spec
from service.spec.targets import name_columns
from service.step.champion import Champion
from service.step.run import Run

TRAINER, EVALUATOR = "trainer/train.py", "evaluator/evaluate.py"
OF_THE_STEP = ("at", "on_time", "version", "fallback")  # columns that say who answered and when


def answer_rows(spec: Spec, run: Run, champion: Champion, rows: pd.DataFrame) -> pd.DataFrame:
    """Predict rows, every naive rule beside, and name moment, version and fallback of the answers."""
    if champion.known is None:
        predicted = run.project.predict_rows(champion.model, rows)
    else:
        predicted = _answer_by_rule(spec.data, run, champion, rows)
    by = champion.fallback["by"] if champion.fallback else None
    return predicted.assign(at=run.at, version=champion.version, fallback=by)  # type: ignore[no-any-return]


def need_columns(spec: Spec, predicted: pd.DataFrame) -> None:
    """Refuse answers with a column that no table has, or without one that must be stored."""
    table = spec.data.predictions
    where = f"{spec.project}/{TRAINER}: predict_rows answers"
    if foreign := [str(name) for name in predicted if name not in table.columns]:
        raise ProjectError(
            f"{where} with the column {foreign[0]!r}, which the table {table.name} has not: leave it out, or declare it"
        )
    wanted = [column for name in ("predicted", *spec.data.rules) for column in name_columns(spec.data, name)]
    if lacking := [name for name in ("predicted", *wanted) if name not in predicted]:
        raise ProjectError(f"{where} without the column {lacking[0]!r}, which the table {table.name} holds: add it")


def need_loss(project: str, scores: Mapping[str, float]) -> None:
    """Refuse the scores of a project without the loss, by which models are judged."""
    if "loss" not in scores:
        raise ProjectError(
            f"{project}/{EVALUATOR}: score returns no 'loss' ({', '.join(map(str, scores)) or 'nothing at all'}): "
            "add it, the mean of what measure_loss says of each row"
        )


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
