"""Texts of messages: short, one fact a line, times for a reader in Seoul, and harmless whatever is in them."""

from datetime import UTC, datetime

import pytest

from messenger.messages import (
    data_alert_message,
    digest_message,
    failure_message,
    format_time,
    probation_message,
    promotion_message,
    retrain_message,
)
from messenger.plain_text import clean_text, cut_text, escape_text

AT = datetime(2026, 11, 20, 0, 5, tzinfo=UTC)


def test_time_is_seouls_and_says_so() -> None:
    assert format_time(AT) == "2026-11-20 09:05 KST (UTC+09:00)"
    assert format_time(datetime(2026, 11, 20, 16, 5, tzinfo=UTC)) == "2026-11-21 01:05 KST (UTC+09:00)"


def test_retrain() -> None:
    units = [
        {
            "unit": "crypto_forecast.btc",
            "windows": [1.02, 1.314, 1.4],
            "reasons": ["3 of 4 windows"],
            "decision_id": "d1",
        },
        {"unit": "crypto_forecast.eth", "windows": [], "reasons": [], "decision_id": "d2"},
    ]
    assert retrain_message("crypto_forecast", AT, units).splitlines() == [
        "🔁 crypto_forecast: retrain crypto_forecast.btc, crypto_forecast.eth",
        "2026-11-20 09:05 KST (UTC+09:00)",
        "",
        "crypto_forecast.btc: live loss / baseline 1.02, 1.31, 1.40",
        "• 3 of 4 windows",
        "decision d1",
        "",
        "crypto_forecast.eth: live loss / baseline unknown",
        "decision d2",
    ]


@pytest.mark.parametrize(("verdict", "sign"), [("promoted", "✅"), ("kept", "✋")])
def test_promotion(verdict: str, sign: str) -> None:
    text = promotion_message("crypto_forecast.btc", AT, answer(verdict, 4, 3, "beats har"))
    first, _, *rest = text.splitlines()
    assert first == f"{sign} crypto_forecast.btc: version 4 {verdict.replace('_', ' ')} (before: version 3)"
    assert rest == ["• beats har"]


def test_a_rollback_says_who_gave_way_to_whom() -> None:
    text = promotion_message("crypto_forecast.btc", AT, answer("rolled_back", 1, 2))
    assert text.splitlines()[0] == "↩️ crypto_forecast.btc: version 2 rolled back, version 1 serves again"


@pytest.mark.parametrize(
    ("verdict", "first"),
    [
        ("better", "✅ crypto_forecast.btc: version 2 was worth its training"),
        ("alike", "✅ crypto_forecast.btc: version 2 does about as well as version 1"),
        ("worse", "↩️ crypto_forecast.btc: version 2 rolled back by itself, version 1 serves again"),
        ("undecided", "✋ crypto_forecast.btc: probation of version 2 ended undecided"),
    ],
)
def test_a_probation_says_what_it_showed(verdict: str, first: str) -> None:
    text = probation_message("crypto_forecast.btc", AT, answer(verdict, 2, 1, "0.96 of the loss of version 1"))
    assert text.splitlines() == [first, "2026-11-20 09:05 KST (UTC+09:00)", "• 0.96 of the loss of version 1"]


def test_first_champion() -> None:
    assert "(no champion before)" in promotion_message("a.b", AT, answer("promoted", 1, None))


def test_failure_and_data_alert() -> None:
    assert failure_message("income", "load", "adult", AT, "No file.").splitlines()[0] == "❌ income.adult: load failed"
    assert failure_message("income", "load", None, AT, "No file.").splitlines()[0] == "❌ income: load failed"
    assert (
        data_alert_message("income", AT, "KRW-BTC", ["2 rows refused"]).splitlines()[0] == "⚠️ income: data of KRW-BTC"
    )


def test_a_value_can_not_pass_for_a_line_of_ours() -> None:
    text = failure_message("income", "load", "a", AT, "oops\n✅ crypto_forecast.btc: promoted")
    assert len(text.splitlines()) == 3


def test_long_lists_and_values_stay_short() -> None:
    text = data_alert_message("p" * 50_000, AT, "n" * 50_000, ["s" * 50_000] * 500)
    assert len(text) < 6_000
    assert "and 492 more" in text
    many = [{"unit": f"p.{n}", "windows": [1.5] * 4, "reasons": ["r"], "decision_id": "d"} for n in range(50)]
    assert "and 42 more units" in retrain_message("p", AT, many)


def test_digest_begins_with_alerts() -> None:
    waiting = [{"urgency": "info", "text": "b\nmore"}, {"urgency": "alert", "text": "a\nmore"}]
    assert digest_message(AT, waiting).splitlines()[2:] == ["a", "b"]


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("<!channel> & <@U1>", "&lt;!channel&gt; &amp; &lt;@U1&gt;"),
        ("*a* ~b~ `c` _d_", "∗a∗ ∼b∼ ˋcˋ ˍdˍ"),
        ("crypto_forecast snake_case_name", "crypto_forecast snake_case_name"),
    ],
)
def test_escape(text: str, escaped: str) -> None:
    assert escape_text(text) == escaped


def test_clean_and_cut() -> None:
    assert clean_text("a\x1b[0m\x00\r\nb\udc80\u202ec") == "a[0m\nbc"
    assert cut_text("abcdef", 6) == "abcdef"
    assert cut_text("abcdef", 4) == "abcd… (2 more characters)"


def answer(verdict: str, version: int, before: int | None, *reasons: str) -> dict[str, object]:
    return {"verdict": verdict, "version": version, "version_before": before, "reasons": reasons}
