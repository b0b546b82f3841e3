"""Lines up walk-forward predictions with what came true: the evidence by which a challenger is judged."""

import pandas as pd

from crypto_forecast.evaluator.evaluate import score, score_direction, slice_rows
from crypto_forecast.trainer.direction import reverse_last
from db_handler.errors import NotYetError
from service.spec import Spec
from service.statistics.scores import measure_squares

KEPT = ["market", "slot", "target_slot"]


def gather_evidence(spec: Spec, rows: pd.DataFrame, predicted: pd.DataFrame) -> pd.DataFrame:
    """Put truth, prediction, losses and slices of the unit's own market side by side, where none is missing."""
    rows = rows.loc[predicted.index]
    rows = rows[rows["market"] == spec.data.market]
    if rows.empty:
        raise NotYetError(f"{spec.unit} has no evidence: {spec.data.market} has no candles in the evaluated days")
    predicted = predicted.loc[rows.index]
    rules = {str(name): predicted[name] for name in predicted if str(name).startswith("rule_")}
    losses = {f"{name}_loss": measure_squares(rows["target"], rule) for name, rule in rules.items()}
    evidence = pd.DataFrame(
        {
            **rows[KEPT],
            "truth": rows["target"],
            "returned": rows["target_return"],
            "predicted": predicted["predicted"],
            "direction": predicted["direction"],
            "reversal": reverse_last(rows),
            "loss": measure_squares(rows["target"], predicted["predicted"]),
            **losses,
            **slice_rows(rows),
        }
    )
    evidence = evidence.dropna(subset=["loss", *losses])
    if evidence.empty:
        raise NotYetError(f"{spec.unit} has no evidence: too many slots are empty to predict any of {len(rows)} rows")
    return evidence


def score_evidence(evidence: pd.DataFrame) -> dict[str, float]:
    """Score the model, every naive rule on the same rows, and direction beside the reversal rule."""
    rules = [str(name) for name in evidence if str(name).startswith("rule_")]
    return {
        **score(evidence["truth"], evidence["predicted"]),
        **{name: float(evidence[name].mean()) for name in rules},
        "r2_within_weeks": measure_within_weeks(evidence),
        "direction_accuracy": score_direction(evidence["returned"], evidence["direction"]),
        "reversal_accuracy": score_direction(evidence["returned"], evidence["reversal"]),
    }


def measure_within_weeks(evidence: pd.DataFrame) -> float:
    """Measure R2 around each week's own mean: a market that changes its level lifts plain R2 without any skill."""
    week = (evidence["target_slot"].max() - evidence["target_slot"]) // pd.Timedelta(days=7)
    around = evidence["truth"] - evidence["truth"].groupby(week).transform("mean")
    spread = float((around**2).sum())
    return 1.0 - float(evidence["loss"].sum()) / spread if spread > 0 else float("nan")
