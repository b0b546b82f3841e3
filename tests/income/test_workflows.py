"""The four workflows on a small generated world: who is answered when, by what, and what a missing column does."""

from collections.abc import Iterator
from datetime import date

import numpy as np
import pandas as pd
import pytest

from db_handler.open_database import open_database
from income.loader import generate
from service.sources.day_range import DayRange
from service.step.outcome import Outcome
from service.step.platform import Platform
from tests.income.requests import ask, insert, make_labels, make_requests, open_income, play, read_moment, read_table

Played = tuple[Platform, dict[str, Outcome]]
ODD = {
    "unseen": {"workclass": "Guild", "marital_status": "Engaged", "occupation": "Astronaut"},
    "unseen too": {"workclass": "Crown", "marital_status": "Eloped", "occupation": "Alchemist"},
    "nothing known": dict.fromkeys(("age", "workclass", "education", "education_num", "marital_status", "occupation")),
    "question marks": dict.fromkeys(("age", "workclass", "education", "education_num", "marital_status"), "?"),
    "impossible": {"age": "999", "hours_per_week": "300", "capital_gain": "plenty", "capital_loss": "-5"},
    "never": {"age": None, "hours_per_week": "300", "capital_gain": "plenty", "capital_loss": None},
}


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    """Four months of few requests a day, a first champion, odd requests, a day without a column, and labels."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("QUARTET_HOME", str(tmp_path_factory.mktemp("income") / "home"))
        for name in ("MLFLOW_TRACKING_URI", "QUARTET_DATABASE_URL"):
            patch.delenv(name, raising=False)
        patch.setattr(generate, "A_DAY", 15)
        with open_database() as database:
            platform = open_income(database)
            yield platform, play_story(platform)


def play_story(platform: Platform) -> dict[str, Outcome]:
    found = {"empty": play(platform, "data", "2025-05-01T00:05")}
    ask(platform, "generate", days=DayRange(date(2025, 1, 1), date(2025, 5, 3)))
    found["data"] = play(platform, "data", "2025-05-01T00:05")
    for name, kind in {"waits": "inference", "train": "train", "first": "inference", "again": "inference"}.items():
        found[name] = play(platform, kind, "2025-05-01T00:05")
    for place, (name, values) in enumerate(ODD.items()):
        insert(platform, "income_requests", make_requests({name: f"2024-12-2{place}T10:00"}, **values))
    hour(platform, found, "odd", "2025-05-01T01:05")
    without = {f"without {place}": "2025-05-04T10:00" for place in range(60)}
    insert(platform, "income_requests", make_requests(dict.fromkeys(without, "2025-05-04T10:00"), occupation=None))
    hour(platform, found, "without", "2025-05-04T11:05")
    insert(platform, "income_labels", make_labels(dict.fromkeys(without, ">50K."), "2025-05-11T10:00"))
    hour(platform, found, "labels", "2025-05-11T11:05")
    return found


def hour(platform: Platform, found: dict[str, Outcome], name: str, at: str) -> None:
    for kind in ("data", "inference", "monitoring"):
        found[f"{name} {kind}"] = play(platform, kind, at)


def read_answers(platform: Platform) -> pd.DataFrame:
    return read_table(platform, platform.specs["adult"].data.predictions)


def test_nothing_fails(played: Played) -> None:
    failed = {name: outcome.results for name, outcome in played[1].items() if outcome.status != "done"}
    assert list(failed) == ["empty", "waits"]
    assert {played[1][name].status for name in failed} == {"not_yet"}


def test_the_first_champion_beats_the_rules(played: Played) -> None:
    trained = played[1]["train"].results
    assert trained["promote"]["verdict"] == "promoted"
    scores = trained["evaluate"]["scores"]
    assert scores["loss"] < scores["rule_split_loss"] < scores["rule_prior_loss"]
    assert {"slice_sex=Female", "slice_sex=Male", "slice_age=under_30"} <= set(trained["evaluate"]["slices"])


def test_requests_wait_for_the_champion_and_are_answered_once(played: Played) -> None:
    platform, found = played
    waiting = found["first"].results["inference"]["predicted"]
    assert 60 < waiting < 160  # a week of requests, whose labels were to come
    assert f"{waiting} rows wait for their answer" in found["waits"].results["inference"]["error"]
    assert found["again"].results["inference"]["predicted"] == 0
    rows = read_table(platform, platform.specs["adult"].data.features)
    unlearned = rows[rows["known_at"].isna() | (rows["known_at"] > read_moment("2025-05-01T00:05"))]
    assert set(read_answers(platform).index) == set(unlearned.index)


def test_every_odd_request_is_answered_however_old_it_is(played: Played) -> None:
    platform, found = played
    answers = read_answers(platform).loc[list(ODD)]
    assert found["odd inference"].results["inference"]["predicted"] >= len(ODD)
    odds = answers[["predicted_low", "predicted_high"]].to_numpy()
    assert np.isfinite(odds).all()
    assert odds.sum(axis=1) == pytest.approx(1)
    assert answers["predicted"].isin([0, 1]).all()


def test_what_is_wrong_with_a_request_says_what_it_is_answered(played: Played) -> None:
    answers = read_answers(played[0])["predicted_high"]
    assert answers["unseen"] == answers["unseen too"]  # as any text that was never met
    assert answers["impossible"] == answers["never"]  # what can't be is missing
    dirt = played[1]["odd data"].results["preprocess"]["dirt"]
    assert {"age: out of range", "capital_gain: no number", "capital_loss: out of range"} <= dirt.keys()


def test_a_missing_column_is_answered_and_told_and_not_trained_on(played: Played) -> None:
    platform, found = played
    told = "occupation is missing in 100% of the newest 42 rows"
    assert found["without data"].results["check"]["unfit_to_train"] == told
    assert found["without inference"].results["inference"]["predicted"] >= 60
    answers = read_answers(platform)
    assert answers[answers.index.str.startswith("without")]["predicted_high"].nunique() == 1


def test_labels_score_the_answers(played: Played) -> None:
    platform, found = played
    scored = found["labels inference"].results["score"]
    assert scored["live"] > 60
    performance = read_table(platform, platform.specs["adult"].data.performance)
    assert (performance.loc[[name for name in performance.index if name.startswith("without")], "truth"] == 1).all()
    monitored = found["labels monitoring"].results["monitor"]
    assert monitored["windows"][0]["rows"] > 60
    assert monitored["windows"][0]["end"] == "2025-05-04T11:05:00+00:00"
