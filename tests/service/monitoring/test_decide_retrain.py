"""The decision to retrain, from what was found to its reasons."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from service.monitoring.decide_retrain import Situation, count_failures, decide_retrain
from service.spec import Monitoring
from service.statistics.windows import Alarm, Window

AT = datetime(2025, 6, 1, tzinfo=UTC)


class Rules(Monitoring):
    baseline = "rule_ewma"
    cool_down_days = 7
    min_new_rows = 42


def alarm(*, raised: bool) -> Alarm:
    ratio = 1.3 if raised else 0.8
    windows = [Window(AT - timedelta(days=7 * (i + 1)), AT - timedelta(days=7 * i), 42, ratio) for i in range(3)]
    return Alarm(windows, raised, windows[-1].start if raised else None, 1.1)


ALARMED = Situation(
    at=AT, alarm=alarm(raised=True), champion_at=AT - timedelta(days=40), max_age_days=90, drifted=(), new_rows=200,
    last_training=AT - timedelta(days=40), attempts=[], pending=None, data_problem=None,
)  # fmt: skip


def decide(**changes: Any) -> tuple[str, str]:
    answer = decide_retrain(replace(ALARMED, **changes), Rules())
    return answer.verdict, "; ".join(answer.reasons)


def test_an_alarm_with_nothing_in_the_way_is_a_retrain() -> None:
    verdict, reasons = decide()
    assert verdict == "retrain"
    assert "above 1.1 in 2 of 3 windows (1.30, 1.30, 1.30, newest first)" in reasons


def test_an_alarm_by_the_own_loss_says_so() -> None:
    windows = [Window(AT - timedelta(days=7), AT, 42, 0.8, None, 0.61), Window(AT, AT, 42, None)]
    own = Alarm(windows, raised=True, since=AT, limit=1.1, loss_limit=0.4, by=("loss",))
    verdict, reasons = decide(alarm=own)
    assert verdict == "retrain"
    assert "live loss is above 0.4, the most that its evidence" in reasons
    assert "in 2 of 3 windows (0.61, -, newest first)" in reasons
    assert "baseline" not in reasons


def test_a_retrain_waits_for_the_rows_that_it_would_be_judged_by() -> None:
    verdict, reasons = decide(lacking=12)
    assert (verdict, "12 more labelled rows since the change are wanted" in reasons) == ("wait", True)
    assert decide(lacking=12, damage="version 3 can't be loaded")[0] == "retrain"


def test_a_calm_check_says_why_it_is_calm() -> None:
    assert decide(alarm=alarm(raised=False)) == (
        "no",
        "live loss is 0.80 of the baseline's in the newest window (threshold 1.1, 2 of 3)",
    )


def test_too_few_rows_are_no_verdict() -> None:
    thin = Alarm([Window(AT - timedelta(days=7), AT, 3, None)], False, None)
    verdict, reasons = decide(alarm=thin)
    assert verdict == "no"
    assert "not enough data: 3 matured live moments" in reasons
    always = Alarm([Window(AT, AT, rows, None) for rows in (3, 29, 12)], False, None)
    assert "never a verdict, set Monitoring.window_days higher or min_rows lower" in decide(alarm=always)[1]
    lately = Alarm([Window(AT, AT, rows, None) for rows in (3, 30, 12)], False, None)
    assert "never a verdict" not in decide(alarm=lately)[1]
    assert decide(alarm=lately, hurry="too soon")[1].endswith("; too soon")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"last_training": AT - timedelta(days=3)}, "cooling down until 2025-06-05 00:00 UTC"),
        ({"new_rows": 41}, "only 41 new rows since the champion's training, 42 wanted"),
        ({"data_problem": "ewma_3 is missing"}, "the data is not fit to train on: ewma_3 is missing"),
    ],
)
def test_what_stands_in_the_way_is_named(changes: dict[str, Any], words: str) -> None:
    verdict, reasons = decide(**changes)
    assert verdict == "wait"
    assert words in reasons


def test_a_training_that_has_not_ended_is_pending() -> None:
    assert decide(pending="a:retrain")[0] == "pending"


def test_each_failure_doubles_the_cool_down_and_the_third_asks_a_human() -> None:
    failed = False
    ten_days = AT - timedelta(days=10)
    assert decide(last_training=ten_days)[0] == "retrain"
    assert decide(last_training=ten_days, attempts=[failed])[0] == "wait"
    assert decide(last_training=ten_days, attempts=[failed] * 3)[0] == "ask_a_human"
    assert count_failures([failed, True, failed]) == 1


def test_age_calls_and_drift_only_where_the_config_says_so() -> None:
    calm = alarm(raised=False)
    assert decide(alarm=calm, champion_at=AT - timedelta(days=91))[0] == "retrain"
    assert decide(alarm=calm, drifted=("rsi_14",))[0] == "no"
    triggered = Rules.model_validate({**Rules().model_dump(), "drift_triggers": True})
    assert decide_retrain(replace(ALARMED, alarm=calm, drifted=("rsi_14",)), triggered).verdict == "retrain"


def test_a_flag_that_is_stuck_retrains_within_the_budget_and_then_asks() -> None:
    """A thousand daily checks with the alarm raised and no retrain ever promoted (fault 57)."""
    attempts: list[bool] = []
    last, verdicts = ALARMED.last_training, []
    for day in range(1000):
        at = AT + timedelta(days=day)
        answer = decide_retrain(replace(ALARMED, at=at, last_training=last, attempts=attempts, champion_at=at), Rules())
        verdicts.append(answer.verdict)
        if answer.verdict == "retrain":
            last, attempts = at, [False, *attempts]
    assert verdicts.count("retrain") == 3
    assert verdicts[-1] == "ask_a_human"
