"""The trainers that the guideline shows: each fits, is kept, comes back, and answers as before."""

import re
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from service.skeleton.loader.generate import generate_day
from service.skeleton.preprocessor.preprocess import read_rows
from service.spec import Spec
from service.spec.make_rows import make_rows
from service.tracking.artifact import read_model, write_model

ROOT = Path(__file__).resolve().parents[3]
IMPORTS = """
import numpy as np
import pandas as pd
from lightgbm import LGBMRegressor
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import Ridge
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder
from service.tabular.models.estimator import fit_estimator, predict_estimator
from service.tabular.models.rules import fit_rules, predict_rules
"""
GUIDELINE = (ROOT / "docs" / "project-guideline.md").read_text()
TRAINERS = re.findall(r"^```python\n(def fit_model.*?  # (.*?)\n.*?)```", GUIDELINE, re.M | re.S)


@pytest.fixture
def rows(demand: Spec) -> pd.DataFrame:
    draws, days = np.random.default_rng(7), [date(2025, 3, 1) + timedelta(day) for day in range(60)]
    made = [generate_day(demand, day, draws, changed=False, delay=timedelta(days=1)) for day in days]
    asked, labels = (pd.concat([tables[name] for tables in made]) for name in ("skeleton_rows", "skeleton_labels"))
    return (
        make_rows(read_rows, demand, asked.merge(labels, on="id"), Counter())
        .dropna(subset=["target"])
        .reset_index(drop=True)
    )


def test_all_four_are_found() -> None:
    assert [name.split()[0].rstrip(":") for _, name in TRAINERS] == ["scikit-learn", "LightGBM", "a", "tensors"]


@pytest.mark.parametrize("code", [code for code, _ in TRAINERS], ids=[name.split(":")[0] for _, name in TRAINERS])
def test_a_trainer_of_the_guideline_is_whole(demand: Spec, rows: pd.DataFrame, tmp_path: Path, code: str) -> None:
    trainer: dict[str, Any] = {}
    exec(compile(IMPORTS + code, "guideline", "exec"), trainer)  # noqa: S102  # the guideline is our own text
    seen, ahead = rows.iloc[: len(rows) // 2], rows.iloc[len(rows) // 2 :]
    model = trainer["fit_model"](demand, seen, None)
    predicted = trainer["predict_rows"](model, ahead)
    assert predicted.columns.tolist() == ["predicted", "rule_prior", "rule_split"]
    assert predicted.index.equals(ahead.index)
    loss = ((predicted.sub(ahead["target"], axis=0)) ** 2).mean()
    assert loss["predicted"] < loss["rule_prior"]
    files = write_model(tmp_path / "model", model)
    pd.testing.assert_frame_equal(
        trainer["predict_rows"](read_model(tmp_path / "model", files), ahead), predicted, rtol=1e-12
    )
