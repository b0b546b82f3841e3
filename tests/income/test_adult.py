"""The rows of UCI Adult: the sample that ships, and the larger file where it is at hand."""

import gzip
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest

from db_handler.connection.database import Database
from income.configs.adult import FILE
from income.evaluator.evaluate import score
from income.preprocessor.preprocess import read_rows
from income.trainer.train import fit_model, predict_rows
from service.sources.day_range import DayRange, parse_day
from service.spec.make_rows import make_rows
from service.spec.targets import take
from tests.income.requests import ask, make_spec, open_income, play, read_table

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "income/sample/adult.csv.gz"
REAL = Path("/work/shared/data/income/adult.csv.gz")
ASKED = {name: name.replace("-", "_") for name in FILE}
DAYS = DayRange(parse_day("2025-01-01"), parse_day("2025-06-30"))


def test_the_sample_is_imported_and_prepared_twice_as_once(database: Database) -> None:
    platform = open_income(database)
    first, again = (ask(platform, "import", file=str(SAMPLE), days=DAYS) for _ in range(2))
    assert (first["stored"], first["refused"], first["ignored"]) == (2000, {}, [])
    assert first["tables"]["income_labels"]["inserted"] == 2000
    assert again["tables"]["income_requests"] == {"inserted": 0, "updated": 0, "unchanged": 2000}
    result = play(platform, "data", "2025-12-01").results
    assert result["preprocess"]["dirt"].keys() == {"occupation: no category", "workclass: no category"}
    rows = read_table(platform, platform.specs["adult"].data.features)
    assert 0.2 < rows["target"].mean() < 0.28


def test_a_file_that_lacks_columns_and_the_label_is_taken(database: Database, tmp_path: Path) -> None:
    lines = gzip.decompress(SAMPLE.read_bytes()).decode().splitlines()[:101]
    narrow = tmp_path / "narrow.csv"
    cut = [",".join(line.split(",")[:-6]) for line in lines]  # no sex, no hours, no label
    narrow.write_text("\n".join(cut), encoding="utf-8")
    platform = open_income(database)
    found = ask(platform, "import", file=str(narrow), days=DAYS)
    assert found["tables"]["income_requests"]["inserted"] == 100
    assert found["tables"]["income_labels"]["inserted"] == 0
    checked = play(platform, "data", "2025-12-01").results["check"]
    assert "hours_per_week is missing in 100%" in checked["unfit_to_train"]


@pytest.mark.skipif(not REAL.exists(), reason="the larger file is not at hand")
def test_the_model_beats_the_rules_on_real_rows() -> None:
    spec, counts = make_spec(), Counter[str]()
    raw = pd.read_csv(REAL, dtype=str, keep_default_na=False).rename(columns=ASKED | {"income-per-year": "income"})
    raw = raw.assign(
        id=raw.index.astype(str), known_at=None, loaded_at=None, requested_at=pd.Timestamp("2025-01-01", tz="UTC")
    )
    rows = make_rows(read_rows, spec, raw, counts)
    assert counts == {"workclass: no category": 1115, "occupation: no category": 1118}
    assert rows["target"].notna().all()
    model = fit_model(spec, rows[:10_000], lambda _params, _metrics: None)
    predicted, truth = predict_rows(model, rows[10_000:]), rows["target"][10_000:]
    names = ("predicted", "rule_split", "rule_prior")
    loss, split, prior = (score(truth, take(spec.data, predicted, name))["loss"] for name in names)
    assert loss < 0.33
    assert loss < 0.75 * split < split < prior
