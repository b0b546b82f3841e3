"""Practice requests: like Adult, learnable, and of another world after the change."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pandas as pd

from income.evaluator.evaluate import naive, score
from income.loader.generate import generate_day
from income.preprocessor.preprocess import read_rows
from income.trainer.train import fit_model, predict_rows
from service.spec.make_rows import make_rows as frame_rows
from service.spec.targets import take
from tests.income.requests import make_spec, sources_of

SPEC, START, DELAY = make_spec(), date(2025, 1, 1), timedelta(days=7)


def make_day(place: int, *, changed: bool = False) -> dict[str, pd.DataFrame]:
    draws = np.random.default_rng(place)
    return generate_day(SPEC, START + timedelta(days=place), draws, changed=changed, delay=DELAY)


def make_rows(days: range, *, changed: bool = False) -> pd.DataFrame:
    made = [make_day(place, changed=changed) for place in days]
    raw = pd.concat([day["income_requests"].merge(day["income_labels"], on="id") for day in made], ignore_index=True)
    counts: Counter[str] = Counter()
    return frame_rows(read_rows, SPEC, raw.assign(loaded_at=datetime(2025, 6, 1, tzinfo=UTC)), counts)


def measure(model: dict[str, object], rows: pd.DataFrame, name: str = "predicted") -> float:
    return score(rows["target"], take(SPEC.data, predict_rows(model, rows), name))["loss"]  # type: ignore[arg-type]


def test_a_day_fills_the_source_tables_and_is_the_same_again() -> None:
    day, again = make_day(3), make_day(3)
    for table in sources_of(SPEC).tables:
        assert set(day[table.name]) == set(table.columns)
        pd.testing.assert_frame_equal(day[table.name], again[table.name])
    moments = day["income_requests"]["requested_at"]
    assert set(moments.dt.date) == {START + timedelta(days=3)}
    assert (day["income_labels"]["known_at"] - moments == DELAY).all()
    assert 30 < len(moments) < 90


def test_about_a_quarter_is_high_before_and_after_the_change() -> None:
    for changed in (False, True):
        assert 0.2 < make_rows(range(60), changed=changed)["target"].mean() < 0.3


def test_the_model_beats_the_rules_and_a_change_makes_it_suffer() -> None:
    rows, ahead, after = make_rows(range(60)), make_rows(range(60, 80)), make_rows(range(80, 100), changed=True)
    model = fit_model(SPEC, rows, lambda _params, _metrics: None)
    loss, prior, split = (measure(model, ahead, name) for name in ("predicted", "rule_prior", "rule_split"))
    assert loss < 0.8 * split < split < prior
    suffering = measure(model, after)
    assert suffering > 1.6 * loss
    again = fit_model(SPEC, pd.concat([rows, ahead, make_rows(range(100, 130), changed=True)]), lambda _p, _m: None)
    assert measure(again, after) < 0.85 * suffering


def test_naive_rules_are_those_of_the_model() -> None:
    rows, ahead = make_rows(range(10)), make_rows(range(10, 12))
    model = fit_model(SPEC, rows, lambda _params, _metrics: None)
    found = naive(rows, ahead)
    pd.testing.assert_frame_equal(found, predict_rows(model, ahead)[list(found)])
