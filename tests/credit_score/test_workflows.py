"""The four workflows on half a year of practice data, and what they say before it is their time."""

from datetime import timedelta

import pandas as pd
import pytest

from db_handler.connection.database import Database
from db_handler.errors import NotYetError
from service.sources.day_range import DayRange, parse_day
from service.step.platform import Platform
from tests.credit_score.customers import ask, open_credit, play, read_table

TRAINED, BETWEEN, LATER = "2025-05-01T02:35", "2025-05-15T03:00", "2025-06-12T03:00"


@pytest.fixture
def platform(database: Database) -> Platform:
    platform = open_credit(database)
    ask(platform, "generate", days=DayRange(parse_day("2025-01-01"), parse_day("2025-06-11")))
    return platform


def test_the_loop_runs_from_sources_to_a_judged_champion(platform: Platform) -> None:
    assert play(platform, "inference", TRAINED).status == "not_yet"
    assert play(platform, "data", TRAINED).status == "done"
    trained = play(platform, "train", TRAINED).results
    assert trained["promote"]["verdict"] == "promoted", trained["promote"]["reasons"]
    scores, slices = trained["evaluate"]["scores"], trained["evaluate"]["slices"]
    assert scores["loss"] < 0.75 * scores["rule_split_loss"] < scores["rule_prior_loss"]
    assert {"macro_f1", "calibration_error"} <= scores.keys()
    assert {"slice_age=under_25", "slice_occupation=technical"} <= slices.keys()
    first = play(platform, "inference", TRAINED).results
    assert (first["inference"]["predicted"] > 1200, first["score"]["label_share"]) == (True, 0.0)

    for kind in ("data", "inference"):
        assert play(platform, kind, BETWEEN).status == "done"
    assert play(platform, "data", LATER).status == "done"
    later = play(platform, "inference", LATER).results
    assert 0.3 < later["score"]["label_share"] < 1.0
    assert play(platform, "inference", LATER).results["inference"]["predicted"] == 0
    watched = play(platform, "monitoring", LATER).results["monitor"]
    assert (watched["verdict"], watched["drifted"]) == ("no", [])
    assert watched["metrics"]["live_ratio"] < 0.8

    data = platform.specs["customers"].data
    predictions = read_table(platform, data.predictions)
    odds = predictions[[f"predicted_{label}" for label in data.classes]]
    assert odds.sum(axis=1).to_numpy() == pytest.approx(1.0)
    assert (predictions["predicted"].to_numpy() == odds.to_numpy().argmax(axis=1)).all()
    performance = read_table(platform, data.performance)
    labels = read_table(platform, data.features).set_index("id")["label_at"]
    assert (labels.loc[performance["id"]] <= pd.Timestamp(LATER, tz="UTC")).all()


def test_training_waits_for_labels_and_says_so(platform: Platform) -> None:
    play(platform, "data", "2025-02-20T02:05")
    outcome = play(platform, "train", "2025-02-20T02:35")
    assert outcome.status == "not_yet"
    assert "labelled rows before" in outcome.results["train"]["error"]
    assert NotYetError.exit_status == 99


def test_the_shipped_config_trains_after_about_four_months() -> None:
    from credit_score.utils.utils import load_spec_from_config

    spec = load_spec_from_config("customers")
    filled = timedelta(days=spec.train.min_rows / 50)
    assert timedelta(days=105) < filled + timedelta(days=spec.train.evidence_days) + spec.purge < timedelta(days=125)
