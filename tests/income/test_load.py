"""What the data workflow takes: whatever is not there yet and was there by `at`."""

import pandas as pd
import pytest

from db_handler.connection.database import Database
from service.step.platform import Platform
from tests.income.requests import insert, make_labels, make_requests, open_income, play, read_moment, read_table


@pytest.fixture
def income(database: Database) -> Platform:
    return open_income(database)


def take(platform: Platform, at: str) -> tuple[int, int]:
    found = play(platform, "data", at).results["load"]
    return found["rows"], found["labels"]


def test_tables_that_were_never_filled_are_not_yet(income: Platform) -> None:
    found = play(income, "data", "2025-01-01")
    assert found.status == "not_yet"
    assert "no requests up to 2025-01-01T00:00Z yet: import or generate some first" in found.results["load"]["error"]


def test_a_request_that_comes_late_is_taken_and_one_in_the_future_waits(income: Platform) -> None:
    insert(income, "income_requests", make_requests({"a": "2025-01-01T10:00", "b": "2025-01-01T12:30"}))
    assert take(income, "2025-01-01T12:00") == (1, 0)
    insert(income, "income_requests", make_requests({"late": "2024-12-24T10:00"}))
    assert take(income, "2025-01-01T12:05") == (1, 0)
    assert take(income, "2025-01-01T13:00") == (1, 0)
    assert take(income, "2025-01-01T13:00") == (0, 0)
    assert sorted(read_table(income, income.specs["adult"].data.features).index) == ["a", "b", "late"]


def test_a_request_without_a_moment_is_made_when_it_is_taken(income: Platform) -> None:
    insert(income, "income_requests", make_requests({"a": None}))
    assert take(income, "2025-01-01T12:00") == (1, 0)
    rows = read_table(income, income.specs["adult"].data.features)
    assert rows.loc["a", "requested_at"] == read_moment("2025-01-01T12:00")


def test_moments_may_be_written_by_hand(income: Platform) -> None:
    with income.database.begin() as connection:
        for row in ("('a', '2025-01-01 09:00')", "('b', '2025-01-01')", "('c', NULL)"):
            connection.exec_driver_sql(f"INSERT INTO income_requests (id, requested_at) VALUES {row}")
        connection.exec_driver_sql("INSERT INTO income_labels VALUES ('a', '2025-01-01 10:00:00', '>50K')")
    assert take(income, "2025-01-01T12:00") == (3, 1)
    assert take(income, "2025-01-01T13:00") == (0, 0)
    rows = read_table(income, income.specs["adult"].data.features)
    moments = ["2025-01-01T09:00", "2025-01-01", "2025-01-01T12:00"]
    assert list(rows["requested_at"]) == [read_moment(moment) for moment in moments]
    assert rows.loc["a", "known_at"] == read_moment("2025-01-01T10:00")


def test_labels_come_later_and_may_be_corrected(income: Platform) -> None:
    features = income.specs["adult"].data.features
    insert(income, "income_requests", make_requests(dict.fromkeys("ab", "2025-01-01")))
    insert(income, "income_labels", make_labels({"a": " <=50K. ", "of nobody": ">50K"}, "2025-01-08"))
    assert take(income, "2025-01-07") == (2, 0)
    assert read_table(income, features)["target"].isna().all()
    assert take(income, "2025-01-08") == (0, 1)
    assert read_table(income, features).loc["a", "target"] == 0
    insert(income, "income_labels", make_labels({"a": ">50K"}, "2025-01-08"))
    assert take(income, "2025-01-09") == (0, 1)
    assert take(income, "2025-01-10") == (0, 0)
    rows = read_table(income, features)
    assert rows.loc["a", "target"] == 1
    assert pd.isna(rows.loc["b", "target"])


def test_a_request_stays_what_it_was_when_it_was_taken(income: Platform) -> None:
    insert(income, "income_requests", make_requests({"a": "2025-01-01"}))
    take(income, "2025-01-01")
    insert(income, "income_requests", make_requests({"a": "2025-01-01"}, age="70"))
    insert(income, "income_labels", make_labels({"a": "<=50K"}, "2025-01-02"))
    assert take(income, "2025-01-02") == (0, 1)
    assert read_table(income, income.specs["adult"].data.features).loc["a", "age"] == 39


def test_what_was_loaded_before_a_kill_is_prepared_by_the_next_run(income: Platform) -> None:
    insert(income, "income_requests", make_requests({"a": "2025-01-01"}))
    take(income, "2025-01-01")
    with income.database.begin() as connection:
        connection.exec_driver_sql("DELETE FROM income_features")
    assert play(income, "data", "2025-01-02").results["preprocess"]["inserted"] == 1


def test_labels_that_are_no_class_are_named(income: Platform) -> None:
    insert(income, "income_requests", make_requests({"a": "2025-01-01", "b": "2025-01-01"}))
    insert(income, "income_labels", make_labels({"a": "rich", "b": ">50K"}, "2025-01-01"))
    told = play(income, "data", "2025-01-02").results["preprocess"]
    assert (told["no_class"], told["dirt"]["income: no class"]) == ({"rich": 1}, 1)
