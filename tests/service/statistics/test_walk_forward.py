"""Walk-forward: no fit ever sees what it predicts, nor what had not closed by then."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
import pytest

from service.statistics.walk_forward import Purge, search_grid, walk_forward

SLOT = timedelta(hours=4)
START = datetime(2025, 1, 1, tzinfo=UTC)


@pytest.fixture
def rows() -> pd.DataFrame:
    times = [START + SLOT * place for place in range(240)] * 2
    return pd.DataFrame({"target_slot": times, "target": [float(place) for place in range(480)]})


def walk(rows: pd.DataFrame, **more: Any) -> tuple[pd.DataFrame, list[datetime]]:
    fits: list[datetime] = []

    def fit(seen: pd.DataFrame) -> datetime:
        fits.append(seen["target_slot"].max())
        return fits[-1]

    def predict(model: datetime, ahead: pd.DataFrame) -> pd.DataFrame:
        return pd.DataFrame({"newest_seen": model}, index=ahead.index)

    options = {"end": START + SLOT * 240, "days": 20, "every": timedelta(days=7), "purge": Purge(SLOT), **more}
    return walk_forward(rows, fit=fit, predict=predict, **options), fits


@pytest.mark.parametrize("gap", [SLOT, 5 * SLOT])
def test_no_fit_sees_past_its_gap(rows: pd.DataFrame, gap: timedelta) -> None:
    predicted, fits = walk(rows, purge=Purge(gap))
    times = rows.loc[predicted.index, "target_slot"]
    assert (predicted["newest_seen"] + gap <= times).all()
    assert len(fits) == 3
    # What had closed when a fit began is used.
    assert times.min() - fits[0] == gap


def test_a_fit_sees_only_the_labels_that_had_come_by_its_own_moment(rows: pd.DataFrame) -> None:
    late = rows.assign(label_at=rows["target_slot"] + timedelta(days=9))
    predicted, fits = walk(late, purge=Purge(SLOT, label_at="label_at"))
    assert len(fits) == 3
    moments = [START + SLOT * 240 - timedelta(days=days) for days in (20, 14, 7)]
    assert [moment - fit for moment, fit in zip(moments, fits, strict=True)] == [timedelta(days=9)] * 3
    never = rows.assign(label_at=pd.Series(pd.NaT, index=rows.index, dtype="datetime64[ns, UTC]"))
    assert walk(never, purge=Purge(SLOT, label_at="label_at"))[0].empty
    assert len(predicted) == len(walk(rows)[0])  # those whose label is still to come are predicted all the same


def test_each_evaluated_row_is_predicted_once(rows: pd.DataFrame) -> None:
    predicted, _ = walk(rows)
    evaluated = rows[rows["target_slot"] >= START + SLOT * 120]
    assert sorted(predicted.index) == sorted(evaluated.index)


def test_rows_at_or_after_the_end_are_not_predicted(rows: pd.DataFrame) -> None:
    predicted, _ = walk(rows, end=START + SLOT * 200, days=10)
    assert rows.loc[predicted.index, "target_slot"].max() == START + SLOT * 199


def test_without_earlier_rows_nothing_is_predicted(rows: pd.DataFrame) -> None:
    predicted, fits = walk(rows.head(3), end=START + SLOT * 3, days=1)
    assert predicted.empty
    assert fits == []


def test_grid_takes_the_least_loss_and_reports_all(rows: pd.DataFrame) -> None:
    prepared: list[datetime] = []
    reported: dict[int, dict[str, float]] = {}

    def prepare(seen: pd.DataFrame) -> datetime:
        prepared.append(seen["target_slot"].max())
        return prepared[-1]

    def measure(model: tuple[datetime, int], ahead: pd.DataFrame) -> float:
        assert model[0] + SLOT <= ahead["target_slot"].min()
        return abs(model[1] - 2.0)

    def record(params: Any, metrics: Any) -> None:
        reported[params["size"]] = dict(metrics)

    grid = [{"size": 1}, {"size": 2}, {"size": 3}]
    options: dict[str, Any] = {"folds": 3, "purge": Purge(SLOT), "measure": measure, "record": record}
    chosen = search_grid(rows, grid, prepare=prepare, fit=lambda p, trial: (p, trial["size"]), **options)
    assert chosen == {"size": 2}
    assert {size: found["loss"] for size, found in reported.items()} == {1: 1.0, 2: 0.0, 3: 1.0}
    assert len(prepared) == 3  # once a fold, not once a trial
    assert search_grid(rows, [], prepare=prepare, fit=lambda p, trial: (p, 0), **options) == {}
