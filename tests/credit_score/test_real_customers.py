"""The real file, where it is at hand: its dirt, and a champion on it."""

from pathlib import Path

import pytest

from db_handler.connection.database import Database
from service.sources.day_range import DayRange, parse_day
from tests.credit_score.customers import ask, open_credit, play, read_table

REAL = Path("/work/shared/data/credit_score/credit_score_raw.csv.gz")

pytestmark = pytest.mark.skipif(not REAL.exists(), reason="the real file is not at hand")


def test_a_model_of_the_real_customers_beats_the_rules(database: Database) -> None:
    platform = open_credit(database)
    days = DayRange(parse_day("2025-01-01"), parse_day("2025-06-30"))
    first, again = (ask(platform, "import", file=str(REAL), days=days) for _ in range(2))
    assert (first["stored"], first["refused"], first["ignored"]) == (6250, {}, [])
    assert again["tables"]["credit_score"] == {"inserted": 0, "updated": 0, "unchanged": 6250}
    prepared = play(platform, "data", "2025-07-31T02:05").results["preprocess"]
    assert prepared["rows"] == 6250
    dirt = prepared["dirt"]
    assert dirt["occupation: no category"] == 423
    assert dirt["credit_mix: no category"] == 1320
    assert dirt["payment_behaviour: no category"] == 527
    assert dirt["amount_invested_monthly: out of range"] == 285
    assert dirt["age: stray characters"] == 349
    rows = read_table(platform, platform.specs["customers"].data.features)
    assert rows["target"].value_counts().to_dict() == {1.0: 3170, 0.0: 1808, 2.0: 1272}

    trained = play(platform, "train", "2025-07-31T02:35").results
    scores = trained["evaluate"]["scores"]
    assert trained["promote"]["verdict"] == "promoted", trained["promote"]["reasons"]
    assert scores["loss"] < 0.95 * scores["rule_split_loss"] < scores["rule_prior_loss"]
