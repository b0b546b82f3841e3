"""The alarm on the live ratio."""

from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from service.statistics.windows import Labels, Window, cut_windows, judge_windows, pool_by_time

AT = datetime(2025, 6, 1, tzinfo=UTC)


def live(days: int, loss: float, *, end: datetime = AT, markets: int = 1) -> pd.DataFrame:
    times = pd.date_range(end=end, periods=days * 6, freq="4h", inclusive="left")
    return pd.concat([pd.DataFrame({"time": times, "loss": loss, "baseline_loss": 1.0}) for _ in range(markets)])


def windows(*ratios: float | None) -> list[Window]:
    return [
        Window(AT - timedelta(days=7 * (i + 1)), AT - timedelta(days=7 * i), 42, ratio)
        for i, ratio in enumerate(ratios)
    ]


def test_windows_end_at_the_check_and_pool_by_timestamp() -> None:
    found = cut_windows(pool_by_time(live(21, 0.8, markets=3)), AT, days=7, count=3, min_rows=30)
    assert [window.end for window in found] == [AT, AT - timedelta(days=7), AT - timedelta(days=14)]
    assert all(window.rows <= 42 and abs((window.ratio or 0) - 0.8) < 1e-12 for window in found)


def test_a_thin_window_has_no_ratio() -> None:
    assert cut_windows(live(4, 2.0), AT, days=7, count=1, min_rows=30)[0].ratio is None


def test_nothing_at_all_and_a_perfect_baseline_have_no_ratio() -> None:
    nothing = pd.DataFrame({"time": pd.to_datetime([], utc=True), "loss": [], "baseline_loss": []})
    assert cut_windows(nothing, AT, days=7, count=3, min_rows=1)[0].ratio is None
    assert cut_windows(live(7, 1.0).assign(baseline_loss=0.0), AT, days=7, count=1, min_rows=1)[0].ratio is None


def test_two_of_three_and_the_newest_raise_the_alarm() -> None:
    alarm = judge_windows(windows(1.3, 1.2, 0.8), limit=lambda _rows: 1.1, k=2)
    assert alarm.raised
    assert alarm.since == AT - timedelta(days=14)
    assert judge_windows(windows(1.3, 0.8, 1.2), limit=lambda _rows: 1.1, k=2).since == AT - timedelta(days=21)


def test_without_the_newest_or_with_one_alone_it_stays_quiet() -> None:
    for ratios in ((0.9, 1.3, 1.3), (1.3, 0.9, 0.9), (None, 1.3, 1.3), (1.3, None, None), (1.1, 1.1, 1.1)):
        assert not judge_windows(windows(*ratios), limit=lambda _rows: 1.1, k=2).raised


def test_a_row_that_lacks_one_loss_weighs_on_neither() -> None:
    rows = live(7, 0.8)
    rows.loc[::2, "baseline_loss"] = float("nan")
    ratio = cut_windows(pool_by_time(rows), AT, days=7, count=1, min_rows=10)[0].ratio
    assert ratio is not None
    assert abs(ratio - 0.8) < 1e-12


def test_the_models_own_loss_raises_the_alarm_where_the_baseline_suffers_alike() -> None:
    both = live(14, 0.8).assign(
        loss=lambda rows: rows["loss"] * 4, baseline_loss=lambda rows: rows["baseline_loss"] * 4
    )
    calm = live(21, 0.8)
    calm = calm[calm["time"] < AT - timedelta(days=14)]
    found = cut_windows(pd.concat([calm, both]), AT, days=7, count=3, min_rows=30)
    assert not judge_windows(found, limit=lambda _rows: 1.1, k=2).raised
    alarm = judge_windows(found, limit=lambda _rows: 1.1, k=2, loss_limit=lambda _rows: 1.0)
    assert (alarm.raised, alarm.by, alarm.since) == (True, ("loss",), AT - timedelta(days=14))


def test_the_share_of_labels_counts_rows_on_both_sides() -> None:
    times = pd.Series(pd.date_range(AT - timedelta(days=7), AT, freq="6h", inclusive="left"))
    three_a_moment = pd.concat([times] * 3, ignore_index=True)
    labels = Labels(three_a_moment, three_a_moment.iloc[: len(times) * 2])
    found = cut_windows(pool_by_time(live(7, 0.8)), AT, days=7, count=1, min_rows=1, labels=labels, min_share=0.7)
    assert (found[0].label_share, found[0].ratio) == (pytest.approx(2 / 3), None)
