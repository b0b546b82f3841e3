"""Extracts: which days get one, what they hold, how long they are kept, and that the model rows get everything."""

from datetime import date, timedelta
from typing import Any

import pandas as pd
import pytest

from credit_score.loader.load import list_days
from db_handler.connection.database import Database
from db_handler.rows.frames import delete_rows
from service.sources.day_range import DayRange, parse_day
from service.step.platform import Platform
from tests.credit_score.customers import ask, fill_store, list_extracts, open_credit, play, read_table, sources_of

DAY = timedelta(days=1)
TODAY = date(2025, 6, 30)
WEEK = {TODAY - place * DAY for place in range(7)}


@pytest.fixture
def platform(database: Database) -> Platform:
    return open_credit(database)


def read_prepared(platform: Platform) -> pd.DataFrame:
    return read_table(platform, platform.specs["customers"].data.features).set_index("id")


def load(platform: Platform, at: str) -> dict[str, Any]:
    outcome = play(platform, "data", at)
    assert outcome.status == "done", outcome.results
    return dict(outcome.results["load"])


@pytest.mark.parametrize(
    ("there", "missed", "expected"),
    [
        (WEEK - {TODAY}, date(2025, 6, 29), [TODAY]),
        (WEEK, None, [TODAY]),  # again on the same day
        (WEEK - {TODAY, TODAY - 2 * DAY}, date(2025, 6, 28), [TODAY - 2 * DAY, TODAY]),
        (set(), date(2025, 6, 1), sorted(WEEK)),
        (WEEK - {TODAY}, date(2025, 4, 10), [date(2025, 5, 8), date(2025, 6, 5), *sorted(WEEK)]),
    ],
)
def test_missing_days_of_the_week_come_one_by_one_and_older_ones_in_strides(
    there: set[date], missed: date | None, expected: list[date]
) -> None:
    assert list_days(TODAY, first=date(2024, 1, 1), missed=missed, stored=there) == expected


def test_no_extract_is_made_of_days_before_the_first_row() -> None:
    first = TODAY - DAY
    assert list_days(TODAY, first=first, missed=first, stored=set()) == [first, TODAY]


@pytest.mark.parametrize("missed", [date(2024, 1, 1) + 13 * place * DAY for place in range(30)])
def test_strides_leave_no_day_out(missed: date) -> None:
    days = list_days(TODAY, first=missed, missed=missed, stored=WEEK - {TODAY})
    covered = {day.date() for end in days for day in pd.date_range(pd.Timestamp(end) - pd.DateOffset(months=1), end)}
    assert {missed + place * DAY for place in range((TODAY - missed).days + 1)} <= covered


def test_never_filled_sources_are_not_yet_a_failure(platform: Platform) -> None:
    outcome = play(platform, "data", "2025-06-30T02:05")
    assert outcome.status == "not_yet"
    assert "never held a row: import or generate" in outcome.results["load"]["error"]


def test_an_empty_extract_is_a_failure_with_a_sentence(platform: Platform) -> None:
    fill_store(platform, {"a": "2025-03-01T10:00"})
    outcome = play(platform, "data", "2025-06-30T02:05")
    assert outcome.status == "failed"
    assert "no features came and no label became known between 2025-05-30" in outcome.results["load"]["error"]
    assert "has rows until 2025-03-01 10:00 UTC" in outcome.results["load"]["error"]
    assert list_extracts(platform) == []


def test_sources_that_were_emptied_are_a_failure(platform: Platform) -> None:
    fill_store(platform, {"a": "2025-06-20T10:00"})
    load(platform, "2025-06-30T02:05")
    with platform.database.begin() as connection:
        for table in sources_of(platform.specs["customers"]).tables:
            delete_rows(connection, table)
    assert play(platform, "data", "2025-07-01T02:05").status == "failed"


def test_features_meet_their_label_and_only_what_was_there_counts(platform: Platform) -> None:
    fill_store(platform, {"old": "2025-05-20T10:00", "new": "2025-06-29T10:00", "later": "2025-06-30T03:00"})
    load(platform, "2025-06-30T02:05")
    rows = read_prepared(platform)
    assert rows["target"].to_dict() == pytest.approx({"old": 2.0, "new": float("nan")}, nan_ok=True)
    assert rows.loc["old", "label_at"] == pd.Timestamp("2025-06-17T10:00", tz="UTC")


def test_a_row_at_the_very_moment_counts(platform: Platform) -> None:
    fill_store(platform, {"a": "2025-06-30T02:05"})
    assert load(platform, "2025-06-30T02:05")["rows"] == 1


def test_seven_days_are_kept_and_a_second_run_of_a_day_replaces_it(platform: Platform) -> None:
    fill_store(platform, {"a": "2025-06-10T10:00"})
    for day in range(12, 25):
        load(platform, f"2025-06-{day}T02:05")
    assert list_extracts(platform) == [f"06-{day}" for day in range(18, 25)]
    fill_store(platform, {"b": "2025-06-24T01:00"}, age="40")
    for _ in range(2):
        assert load(platform, "2025-06-24T02:05")["extracts"] == {"2025-06-24": 2}
    assert read_prepared(platform).loc["b", "age"] == 40.0
    fill_store(platform, {"b": "2025-06-24T01:00"}, age="39")  # the source was corrected
    load(platform, "2025-06-24T02:05")
    assert read_prepared(platform).loc["b", "age"] == 39.0


def test_a_past_moment_touches_nothing_newer(platform: Platform) -> None:
    fill_store(platform, {"a": "2025-04-20T10:00", "b": "2025-05-30T10:00"})
    load(platform, "2025-06-05T02:05")
    newer, prepared = list_extracts(platform), read_prepared(platform)
    load(platform, "2025-05-10T02:05")
    assert list_extracts(platform)[-7:] == newer
    pd.testing.assert_frame_equal(read_prepared(platform), prepared)


def test_days_that_were_missed_are_caught_up(platform: Platform) -> None:
    fill_store(platform, {"a": "2025-06-10T10:00"})
    load(platform, "2025-06-20T02:05")
    assert list(load(platform, "2025-06-23T02:05")["extracts"]) == ["2025-06-21", "2025-06-22", "2025-06-23"]


def test_one_run_after_ten_weeks_leaves_the_rows_of_daily_runs(platform: Platform) -> None:
    days = pd.date_range("2025-01-01T12:00", "2025-03-10T12:00", freq="4D")
    fill_store(platform, {f"c{place:02d}": str(day) for place, day in enumerate(days)})
    for day in pd.date_range("2025-01-02", "2025-03-11"):
        load(platform, f"{day:%Y-%m-%d}T02:05")
    daily = read_prepared(platform).drop(columns="extract_date")
    with platform.database.begin() as connection:
        for table in (platform.specs["customers"].data.features, platform.specs["customers"].data.raw):
            delete_rows(connection, table)
    load(platform, "2025-03-11T02:05")
    pd.testing.assert_frame_equal(read_prepared(platform).drop(columns="extract_date"), daily)
    assert daily["target"].notna().sum() == sum(days < pd.Timestamp("2025-02-11T02:05"))


def test_older_rows_that_come_later_and_rows_that_move_are_found(platform: Platform) -> None:
    fill_store(platform, {"a": "2025-06-10T10:00"})
    fill_store(platform, {"c": "2025-06-29T10:00"})
    load(platform, "2025-06-30T02:05")
    fill_store(platform, {"b": "2025-01-15T10:00", "a": "2025-02-10T10:00"})
    load(platform, "2025-07-01T02:05")
    rows = read_prepared(platform)
    assert rows["target"].dropna().to_dict() == {"a": 2.0, "b": 2.0}
    assert rows.loc["a", "moment"] == pd.Timestamp("2025-02-10T10:00", tz="UTC")
    assert min(load(platform, "2025-07-02T02:05")["extracts"]) >= "2025-06-26"  # nothing is missed any more


def test_generated_rows_all_arrive_and_a_second_preprocess_has_nothing_to_do(platform: Platform) -> None:
    ask(platform, "generate", days=DayRange(parse_day("2025-01-01"), parse_day("2025-03-31")))
    prepared = play(platform, "data", "2025-03-31T23:59:59").results["preprocess"]
    assert (prepared["mended"] > 1000, prepared["no_class"]) == (True, {})
    again = play(platform, "data", "2025-03-31T23:59:59", step="preprocess").results["preprocess"]
    assert (again["rows"], again["dirt"]) == (0, {})
    rows = read_prepared(platform)
    features, labels = (read_table(platform, table) for table in sources_of(platform.specs["customers"]).tables)
    assert len(rows) == len(features)
    assert rows["target"].notna().sum() == (labels["known_at"] <= pd.Timestamp("2025-03-31T23:59:59Z")).sum()
