"""Practice customers: dirty like the real ones, learnable, and of another world after the change."""

from collections import Counter
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from credit_score.evaluator.evaluate import naive, score
from credit_score.loader.generate import generate_day
from credit_score.preprocessor.preprocess import read_rows
from credit_score.trainer.train import fit_model, predict_rows
from service.spec.make_rows import make_rows as frame_rows
from service.spec.targets import take
from tests.credit_score.customers import make_spec, sources_of

SPEC, START, DELAY = make_spec(), date(2025, 1, 1), timedelta(days=28)
FEATURES, LABELS, KEY = "credit_score_features", "credit_score", ["id", "customer_id"]


def make_day(place: int, *, changed: bool = False) -> dict[str, pd.DataFrame]:
    draws = np.random.default_rng(place)
    return generate_day(SPEC, START + timedelta(days=place), draws, changed=changed, delay=DELAY)


def make_extracts(days: range, *, changed: bool = False) -> pd.DataFrame:
    made = [make_day(place, changed=changed) for place in days]
    labels = [day[LABELS].rename(columns={"known_at": "label_at"}) for day in made]
    raw = [day[FEATURES].merge(known, on=KEY) for day, known in zip(made, labels, strict=True)]
    return pd.concat(raw, ignore_index=True).assign(extract_date=pd.Timestamp("2025-12-31"))


def make_rows(days: range, *, changed: bool = False) -> pd.DataFrame:
    return frame_rows(read_rows, SPEC, make_extracts(days, changed=changed), Counter())


def measure(model: dict[str, object], rows: pd.DataFrame) -> float:
    return score(rows["target"], take(SPEC.data, predict_rows(model, rows), "predicted"))["loss"]  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def earlier() -> pd.DataFrame:
    return make_rows(range(60))


@pytest.fixture(scope="module")
def model(earlier: pd.DataFrame) -> dict[str, object]:
    return fit_model(SPEC, earlier, lambda _params, _metrics: None)


def test_a_day_fills_the_source_tables_and_is_the_same_again() -> None:
    day, again = make_day(3), make_day(3)
    for table in sources_of(SPEC).tables:
        assert set(day[table.name]) == set(table.columns)
        pd.testing.assert_frame_equal(day[table.name], again[table.name])
    moments = day[FEATURES]["moment"]
    assert set(moments.dt.date) == {START + timedelta(days=3)}
    assert (day[LABELS]["known_at"] - moments == DELAY).all()
    assert 40 <= len(moments) <= 60
    assert not day[FEATURES].duplicated(KEY).any()


def test_every_kind_of_real_dirt_is_there() -> None:
    dirt: Counter[str] = Counter()
    frame_rows(read_rows, SPEC, make_extracts(range(30)), dirt)
    assert {"age: out of range", "age: stray characters", "occupation: no category", "credit_mix: no category"} <= {
        *dirt
    }
    assert {"num_of_loan: out of range", "payment_behaviour: no category", "monthly_balance: out of range"} <= {*dirt}
    assert {"amount_invested_monthly: out of range", "payment_of_min_amount: no category"} <= {*dirt}


def test_the_shares_of_the_scores_are_the_same_before_and_after_the_change(earlier: pd.DataFrame) -> None:
    for rows in (earlier, make_rows(range(60, 120), changed=True)):
        assert rows["target"].value_counts(normalize=True).sort_index().tolist() == pytest.approx(
            [0.29, 0.51, 0.2], abs=0.03
        )


def test_a_model_clearly_beats_the_rules(earlier: pd.DataFrame, model: dict[str, object]) -> None:
    rows = make_rows(range(60, 80))
    rules = naive(earlier, rows)
    prior, split = (score(rows["target"], take(SPEC.data, rules, rule))["loss"] for rule in SPEC.data.rules)
    assert measure(model, rows) < 0.7 * split < 0.7 * prior


def test_after_the_change_it_fails_and_one_that_saw_two_weeks_of_it_recovers(
    earlier: pd.DataFrame, model: dict[str, object]
) -> None:
    seen, ahead = make_rows(range(60, 74), changed=True), make_rows(range(100, 115), changed=True)
    prior = score(ahead["target"], take(SPEC.data, naive(earlier, ahead), "rule_prior"))["loss"]
    assert measure(model, ahead) > 1.5 * prior
    again = fit_model(SPEC, pd.concat([earlier, seen]), lambda _params, _metrics: None)
    assert measure(again, ahead) < 0.8 * prior
