"""The three steps as three configs: what parts them, and what no model reads."""

from collections import Counter

import pandas as pd
import pytest

from ineligible_loan.evaluator.evaluate import naive, slice_rows
from ineligible_loan.preprocessor.preprocess import read_rows
from ineligible_loan.utils.utils import load_spec_from_config
from service.spec.make_rows import make_rows as frame_rows
from tests.ineligible_loan.loans import make_raw

CONFIGS = ("batch", "continuous_training", "continuous_deployment")


def test_the_three_steps() -> None:
    found = {config: load_spec_from_config(config).train for config in CONFIGS}
    assert [(t.renew, t.promote, t.months) for t in found.values()] == [
        ("once", "evidence", None),
        ("clock", "person", 6),
        ("clock", "evidence", 6),
    ]


@pytest.mark.parametrize("config", CONFIGS)
def test_configs_share_rows_and_part_predictions(config: str) -> None:
    data = load_spec_from_config(config).data
    assert data.where_in(data.features) == data.where_in(data.raw) == {}
    assert data.where_in(data.predictions) == data.where_in(data.performance) == {"config": config}
    assert data.config == config


@pytest.mark.parametrize("config", CONFIGS)
def test_gender_is_watched_and_not_read(config: str) -> None:
    spec = load_spec_from_config(config)
    assert "gender" not in spec.features.columns
    assert "gender" in spec.data.features.columns


def test_slices_have_a_name_for_what_was_not_said() -> None:
    rows = pd.DataFrame({"property_area": ["Rural", None], "gender": [None, "Female"]}, index=[4, 7])
    found = slice_rows(rows)
    assert found["slice_area"].tolist() == ["Rural", "not said"]
    assert found["slice_gender"].tolist() == ["not said", "Female"]
    assert list(found.index) == [4, 7]


def test_the_naive_rules_answer_with_odds() -> None:
    raw = make_raw(*[{"credit_history": str(place % 2), "loan_status": "NY"[place % 2]} for place in range(40)])
    rows = frame_rows(read_rows, load_spec_from_config("batch"), raw, Counter())
    odds = naive(rows, rows)
    assert odds["rule_prior_ineligible"].tolist() == pytest.approx([0.5] * 40)
    assert (odds["rule_split_ineligible"] > 0.9).tolist() == [True, False] * 20
