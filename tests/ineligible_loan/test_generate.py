"""Practice data: dirty like real rows, more than one question deep, and another world after the change."""

from collections import Counter
from datetime import date, timedelta

import pandas as pd
import pytest

from ineligible_loan.loader.generate import A_DAY, generate_day
from ineligible_loan.preprocessor.preprocess import read_rows
from ineligible_loan.trainer.train import fit_model, predict_rows
from ineligible_loan.utils.utils import load_spec_from_config
from service.sources.generate import make_draws
from service.spec.make_rows import make_rows as frame_rows
from service.spec.targets import take
from service.statistics.scores import measure_log_loss

SPEC = load_spec_from_config("batch")
assert SPEC.data.sources
APPLICATIONS, DECISIONS = SPEC.data.sources.tables
ASKED = [name for name in APPLICATIONS.columns if name not in ("loan_id", "applied_at")]
DELAY = timedelta(days=14)
FIRST = date(2025, 1, 1)


def generate(days: int, *, first: date = FIRST, changed: bool = False) -> dict[str, pd.DataFrame]:
    made = [
        generate_day(SPEC, day, make_draws("ineligible_loan", 7, day), changed=changed, delay=DELAY)
        for day in (first + timedelta(days=place) for place in range(days))
    ]
    return {name: pd.concat([day[name] for day in made], ignore_index=True) for name in made[0]}


def make_rows(days: int, **how: object) -> pd.DataFrame:
    tables = generate(days, **how)  # type: ignore[arg-type]
    raw = tables[APPLICATIONS.name].merge(tables[DECISIONS.name], on="loan_id")
    return frame_rows(read_rows, SPEC, raw, Counter())


def measure(model: dict[str, object], rows: pd.DataFrame, name: str = "predicted") -> float:
    return float(measure_log_loss(rows["target"], take(SPEC.data, predict_rows(model, rows), name)).mean())


@pytest.fixture(scope="module")
def year() -> pd.DataFrame:
    return make_rows(180)


def test_a_day_fills_the_source_tables() -> None:
    day = generate(1)
    applications, decisions = day[APPLICATIONS.name], day[DECISIONS.name]
    assert list(applications) == list(APPLICATIONS.columns)
    assert list(decisions) == list(DECISIONS.columns)
    assert applications["loan_id"].is_unique
    assert (applications["applied_at"].dt.date == FIRST).all()
    assert (decisions["decided_at"] - applications["applied_at"] == DELAY).all()
    assert all(isinstance(text, str) for column in ASKED for text in applications[column])


def test_a_day_is_the_same_whenever_it_is_asked_for() -> None:
    assert generate(1)[APPLICATIONS.name].equals(generate(1)[APPLICATIONS.name])
    later = generate(2)[APPLICATIONS.name]
    assert later[later["applied_at"].dt.date == FIRST].equals(generate(1)[APPLICATIONS.name])


def test_it_is_about_as_many_and_as_dirty_as_it_says() -> None:
    applications = generate(60)[APPLICATIONS.name]
    assert 0.8 * A_DAY < len(applications) / 60 < 1.2 * A_DAY
    assert (applications["dependents"] == "3+").mean() > 0.05
    for column in ("gender", "married", "dependents", "loan_amount", "credit_history"):
        assert applications[column].isin(["", "-"]).any()
    assert applications["property_area"].str.startswith(" ").any()
    assert applications["loan_term"].str.endswith("months").any()


def test_no_single_question_catches_what_the_model_finds(year: pd.DataFrame) -> None:
    model, ahead = fit_model(SPEC, year, print), make_rows(60, first=date(2025, 7, 1))
    losses = {name: measure(model, ahead, name) for name in ("predicted", "rule_prior", "rule_split")}
    assert losses["predicted"] < 0.9 * losses["rule_split"] < 0.9 * losses["rule_prior"]
    assert losses["predicted"] > 0.5 * losses["rule_prior"]  # it stays a matter of odds


def test_a_change_hurts_the_model_and_a_month_of_it_mends_that(year: pd.DataFrame) -> None:
    new, ahead = (
        make_rows(30, first=date(2025, 7, 1), changed=True),
        make_rows(40, first=date(2025, 8, 1), changed=True),
    )
    old, again = fit_model(SPEC, year, print), fit_model(SPEC, pd.concat([year, new], ignore_index=True), print)
    assert measure(old, ahead) > 1.25 * measure(old, year)
    assert measure(again, ahead) < 0.88 * measure(old, ahead)
    assert measure(old, ahead, "rule_prior") == pytest.approx(measure(old, year, "rule_prior"), rel=0.05)
