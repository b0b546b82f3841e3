"""The page with plots: what it tells, what it draws, and that nothing in it comes from outside or breaks out."""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest

from crypto_forecast.report.candles_plot import is_wide, measure_ranges
from crypto_forecast.report.events import find_alarm, find_recoveries, list_marks, list_turns, show_time
from crypto_forecast.report.loss_plot import read_pooled, roll_ratio
from crypto_forecast.report.measures import count_rows, list_models, measure_phases, tell_story
from crypto_forecast.report.plot_style import break_gaps, mark_moments, place
from crypto_forecast.report.records import Records, read_records
from crypto_forecast.report.write_report import find_span, write_report
from tests.crypto_forecast.played_world import ALARM, CHANGE, END, LIVE, NASTY, SLOT, build_world


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("played")


@pytest.fixture(scope="module")
def world(home: Path) -> tuple:
    return build_world(home)


@pytest.fixture(scope="module")
def records(world: tuple) -> Records:
    return read_records(*world, CHANGE)


@pytest.fixture(scope="module")
def page(world: tuple, home: Path) -> str:
    return write_report(*world, home / "deep" / "report.html", change=CHANGE).read_text(encoding="utf-8")


def test_page_holds_plotly_once_and_asks_nobody(page: str) -> None:
    assert page.count("* plotly.js v") == 1
    assert page.count('class="plotly-graph-div"') == 5
    assert not re.search(r"<(script|link|img|iframe)[^>]+(src|href)=", page)
    assert "default-src 'none'" in page


def test_text_of_the_database_can_not_break_out(page: str) -> None:
    assert NASTY not in page
    assert "alert(1)</script>" not in page
    assert "&lt;/script&gt;" in page


def test_headline_tells_the_story(records: Records) -> None:
    told = " ".join(tell_story(records, measure_phases(records)))
    assert "1,116 candles of KRW-BTC, KRW-ETH and KRW-ADA, first champions at 2025-01-20 09:00 KST" in told
    assert "changed on 2025-02-03 09:00 KST" in told
    assert "raised at 2025-02-17 09:00 (14 days later)" in told
    assert "the challengers of ada, btc and eth were promoted at 2025-02-17 09:00" in told


def test_what_the_champion_before_would_have_lost_is_told(records: Records) -> None:
    said = "0.45 of the loss of version 1 on 77 rows"
    last = max((d for d in records.decisions if d.config == "btc"), key=lambda decision: decision.at)
    probation = replace(last, subject="probation", verdict="running", reasons=[said], numbers={"rows": 77})
    after = replace(records, decisions=[*records.decisions, probation])
    told = tell_story(after, measure_phases(after))
    assert told[-1] == f"On probation beside the champions before: btc {said} (running)."
    assert [turn.outcome for turn in list_turns(after) if turn.subject == "probation"] == ["probation: running"]


def test_headline_of_an_unfinished_story(records: Records) -> None:
    calm = [d for d in records.decisions if d.at < ALARM]
    told = tell_story(replace(records, decisions=calm), measure_phases(replace(records, decisions=calm)))
    assert "no alarm was raised since" in told[1]
    assert "since the change" in told[2]
    alarmed = [d for d in records.decisions if d.subject == "retrain"]
    assert "no challenger was promoted" in tell_story(replace(records, decisions=alarmed), measure_phases(records))[1]


def test_phases_part_at_the_change_and_after_the_moment_of_the_promotion(records: Records) -> None:
    phases = measure_phases(records).set_index(["phase", "config"])
    assert phases["rows"].xs("btc", level="config").to_dict() == {
        "before the change": 84,
        "until the promotion": 85,
        "after the promotion": 83,
    }
    ratio = phases["ratio"].xs("all", level="config")
    assert ratio["before the change"] < 0.8
    assert ratio["until the promotion"] > 1.5
    assert ratio["after the promotion"] < 0.8


def test_pooling_counts_each_moment_once(records: Records) -> None:
    rows = records.performance[records.performance["target_slot"] < LIVE + 2 * SLOT]
    found = measure_phases(replace(records, performance=rows)).set_index("config").loc["all"]
    pooled = rows.groupby("target_slot")[["loss", "baseline_loss"]].mean().sum()
    assert found["ratio"] == pytest.approx(pooled["loss"] / pooled["baseline_loss"])


def test_late_and_void_predictions_count_nowhere(records: Records) -> None:
    spoilt = records.performance.assign(state="late")
    assert measure_phases(replace(records, performance=spoilt)).empty


def test_alarm_and_recovery_are_found_in_the_ledger(records: Records) -> None:
    assert find_alarm(records) == ALARM
    assert find_recoveries(records) == dict.fromkeys(("btc", "eth", "ada"), ALARM)
    assert [label for _, label in list_marks(records)] == ["first champions", "the world changes", "alarm + promoted"]


def test_an_alarm_is_raised_before_there_are_the_rows_for_a_retrain(records: Records) -> None:
    call = next(d for d in records.decisions if d.verdict == "retrain")
    waits = replace(call, at=call.at - 5 * SLOT, verdict="wait", numbers={"since": CHANGE.isoformat()})
    assert find_alarm(replace(records, decisions=[waits, *records.decisions])) == ALARM - 5 * SLOT


def test_equal_answers_are_told_once(records: Records) -> None:
    turns = [(turn.verdict, turn.count, turn.configs) for turn in list_turns(records)]
    everyone, once = ("btc", "eth", "ada"), [("promoted", 1), ("retrain", 1), ("promoted", 1), ("wait", 6), ("kept", 1)]
    assert turns == [(verdict, count, everyone) for verdict, count in once]


def test_models_carry_their_evidence_and_rows(records: Records) -> None:
    kept = [model for model in list_models(records) if model.verdict == "kept"]
    assert [model.row.config for model in kept] == ["btc", "eth", "ada"]
    assert kept[0].evidence["champion"]["p"] == 0.2
    assert list_models(records)[0].evidence["champion"] is None
    assert list_models(records)[0].rows == 3 * 20 * 6


def test_gaps_are_counted_with_their_market(records: Records) -> None:
    assert [found["gaps"] for found in count_rows(records)] == [{"exchange": 1}, {}, {}]


def test_rolling_ratio_begins_anew_with_each_version(records: Records) -> None:
    spec = records.specs["btc"]
    rows = records.performance[records.performance["config"] == "btc"]
    rolled = roll_ratio(rows, spec).dropna()
    after = rolled[rolled["time"] > ALARM + SLOT]
    assert after["time"].min() == ALARM + SLOT * (1 + spec.monitoring.min_rows)
    last = rows[rows["target_slot"] >= END - timedelta(days=7)]
    assert after["ratio"].iloc[-1] == pytest.approx(last["loss"].sum() / last["baseline_loss"].sum())


def test_pooled_ratio_is_what_the_checks_measured(records: Records) -> None:
    pooled = read_pooled(records)
    assert len(pooled) == 6 * 42
    assert pooled["live_ratio"].max() == 1.3


def test_no_line_is_drawn_across_a_pause() -> None:
    rows = pd.DataFrame(
        {"time": pd.to_datetime(["2025-01-01", "2025-01-02", "2025-01-09"], utc=True), "y": [1.0, 2, 3]}
    )
    broken = break_gaps(rows, "time", timedelta(days=2))
    assert broken["y"].isna().tolist() == [False, False, True, False]


def test_ranges_are_in_percent_and_what_has_not_come_is_no_miss() -> None:
    slots = pd.to_datetime(["2025-01-01", "2025-01-02"], utc=True)
    forecast = dict.fromkeys(("predicted", "predicted_low", "predicted_high"), -4.0)
    came = {"covered": pd.array([False, None], dtype="boolean"), "truth": [-4.6, None]}
    predicted = pd.DataFrame({"target_slot": slots, **forecast, **came})
    ranges = measure_ranges(predicted)
    assert ranges["actual"].iloc[0] == pytest.approx(1.01, abs=0.01)
    assert ranges["outside"].tolist() == [True, False]
    assert ranges["time"].iloc[0] == pd.Timestamp("2025-01-01 09:00")


def test_eight_times_as_wide_needs_a_log_axis() -> None:
    narrow = pd.Series([0.5, 1.0, 2.0, 3.0] * 30)
    assert not is_wide(narrow)
    assert is_wide(pd.concat([narrow, narrow * 8]))
    assert not is_wide(pd.Series([], dtype=float))


def test_near_labels_stand_on_different_levels() -> None:
    import plotly.graph_objects as go

    marks = [(LIVE, "a"), (LIVE + SLOT, "b"), (LIVE + 2 * SLOT, "c"), (END, "d"), (END + 9 * SLOT, "outside")]
    notes = mark_moments(go.Figure(), marks, (LIVE, END)).layout.annotations
    assert [note.yshift for note in notes] == [0, 16, 32, 0]
    assert notes[0].x == place(LIVE)


def test_times_are_seouls() -> None:
    assert show_time(CHANGE) == "2025-02-03 09:00"


def test_empty_database_gives_a_page_too(tmp_path: Path) -> None:
    from crypto_forecast.utils.utils import load_spec_from_config
    from db_handler.open_database import open_database
    from db_handler.settings import HouseSettings

    database = open_database(HouseSettings(home=tmp_path, database_url=None))
    path = write_report(database, {"btc": load_spec_from_config("btc")}, tmp_path / "report.html", change=None)
    assert "no champion yet" in path.read_text(encoding="utf-8")


def test_span_covers_the_live_part(records: Records) -> None:
    start, end = find_span(records)
    assert start < LIVE
    assert end > END - SLOT
