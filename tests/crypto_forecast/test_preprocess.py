"""Features: past-only, in grid time, the same numbers incremental and in full."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from crypto_forecast.preprocessor.feature_engineering import count_longest_history, count_shortest_history
from crypto_forecast.preprocessor.preprocess import build_features, measure_range, widen_percent
from service.spec.made_by import MADE_BY
from tests.crypto_forecast.real_rows import SLOT, build_market, invent_candles, make_spec, read_market

SPEC = make_spec()
COLUMNS = [*SPEC.features.columns, "alert_threshold"]


@pytest.mark.parametrize("moment", [700, 1504, 2203])
def test_truncated_history_gives_the_same_features(moment: int) -> None:
    raw = read_market("KRW-ADA")
    whole = build_market(SPEC, raw).set_index("slot")
    cut = build_market(SPEC, raw.iloc[:moment]).set_index("slot")
    pd.testing.assert_frame_equal(cut[COLUMNS], whole.loc[cut.index, COLUMNS], rtol=0, atol=1e-9)
    assert np.isnan(cut["target"].iloc[-1])


@pytest.mark.parametrize("fresh", [1, 7, 100])
def test_incremental_gives_the_same_rows_as_everything(fresh: int) -> None:
    raw = invent_candles([slot for slot in range(2000) if slot % 17 and not 300 <= slot < 320])
    whole = build_market(SPEC, raw)
    since = whole["slot"].iloc[-fresh]
    begin = since - (count_longest_history(SPEC) - 1) * SLOT
    news = build_market(SPEC, raw[raw["slot"] >= begin], begin=begin)
    news = news[news["slot"] >= since].reset_index(drop=True)
    pd.testing.assert_frame_equal(news, whole.tail(fresh).reset_index(drop=True), rtol=0, atol=1e-9)


def test_columns_are_those_of_the_table() -> None:
    raw = read_market("KRW-BTC")
    rows = build_market(SPEC, raw[raw["slot"] >= "2024-01-01"])
    assert {*rows, MADE_BY} == set(SPEC.data.features.columns)
    assert rows[list(SPEC.features.columns)].notna().all(axis=None)


@pytest.mark.parametrize("unit", [60, 30, 1])
def test_any_unit_has_the_columns_of_the_table(unit: int) -> None:
    horizon = timedelta(minutes=unit)
    data = SPEC.data.model_copy(update={"unit": unit, "horizon": horizon})
    spec = replace(SPEC, data=data)
    slots = count_shortest_history(spec) + 20
    raw = invent_candles(list(range(slots)))
    raw["unit"], raw["slot"] = unit, pd.date_range("2025-01-01", periods=slots, freq=horizon, tz="UTC", unit="us")
    rows = build_features(spec, raw, begin=raw["slot"].min(), until=raw["slot"].max() + horizon)
    assert len(rows) == 21
    assert set(rows) <= set(data.features.columns)
    assert rows[list(spec.features.columns)].notna().all(axis=None)


def test_rows_without_enough_history_are_left_out() -> None:
    raw = invent_candles(list(range(130)))
    rows = build_market(SPEC, raw)
    assert len(rows) == 130 - count_shortest_history(SPEC) + 1
    assert rows["alert_threshold"].isna().all()
    assert build_market(SPEC, raw.head(3)).empty


def test_alert_threshold_waits_for_ninety_days() -> None:
    rows = build_market(SPEC, invent_candles(list(range(600))))
    known = rows["alert_threshold"].notna()
    assert known.idxmax() == 540 - count_shortest_history(SPEC)
    assert known.iloc[known.idxmax() :].all()


def test_an_empty_slot_is_missing_and_its_target_empty() -> None:
    raw = invent_candles([slot for slot in range(200) if slot != 150])
    rows = build_market(SPEC, raw).set_index("slot")
    before = raw["slot"].iloc[149]
    after = before + 2 * SLOT
    assert rows.loc[before, "target_empty"]
    assert np.isnan(rows.loc[before, "target"])
    assert before + SLOT not in rows.index
    assert np.isnan(rows.loc[after, "return_1"])
    there = measure_range(raw.iloc[[145, 146, 147, 148, 149, 150]])
    assert rows.loc[after, "mean_6"] == pytest.approx(there[1:].mean())


def test_the_hole_of_december_2023_is_known() -> None:
    rows = build_market(SPEC, read_market("KRW-BTC")).set_index("slot")
    assert list(rows.index[rows["target_empty"]]) == [pd.Timestamp("2023-12-03 12:00", tz="UTC")]
    assert rows["return_1"].isna().sum() == 1


def test_an_open_end_is_unknown_not_empty() -> None:
    raw = invent_candles(list(range(150)))
    until = raw["slot"].max() + SLOT
    known = build_features(SPEC, raw, begin=raw["slot"].min(), until=until)
    proved = build_features(SPEC, raw, begin=raw["slot"].min(), until=until + SLOT)
    assert not known["target_empty"].iloc[-1]
    assert proved["target_empty"].iloc[-1]
    assert not proved["target_empty"].iloc[:-1].any()


def test_target_is_the_next_candle() -> None:
    raw = read_market("KRW-ETH")
    rows = build_market(SPEC, raw)
    position = int(np.flatnonzero(raw["slot"] == rows["slot"].iloc[40])[0])
    assert rows["target"].iloc[40] == pytest.approx(measure_range(raw.iloc[[position + 1]])[0])
    assert rows["target_slot"].iloc[40] == raw["slot"].iloc[position + 1]
    assert rows["target_hour"].iloc[40] == raw["slot"].iloc[position + 1].hour


def test_a_candle_that_did_not_move_is_clipped() -> None:
    flat = pd.DataFrame({"high_price": [100.0, 101.0], "low_price": [100.0, 100.0]})
    assert np.exp(measure_range(flat))[0] == pytest.approx(1e-4)
    assert widen_percent(measure_range(flat))[1] == pytest.approx(1.0)


def test_order_of_candles_does_not_matter() -> None:
    raw = invent_candles(list(range(300)))
    shuffled = raw.sample(frac=1, random_state=1)
    pd.testing.assert_frame_equal(build_market(SPEC, raw), build_market(SPEC, shuffled))


def test_hours_are_utc_hours_of_the_target() -> None:
    rows = build_market(SPEC, invent_candles(list(range(140)), start="2025-01-01"))
    assert rows["target_slot"].iloc[0] == datetime(2025, 1, 21, tzinfo=UTC)
    assert (rows["target_hour"].iloc[0], rows["target_weekday"].iloc[0]) == (0.0, 1.0)
