"""What the exchange says is read with distrust."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from crypto_forecast.exchange.client.answers import read_block_seconds, read_date, read_left, read_rows_of
from crypto_forecast.exchange.client.errors import FlawError
from crypto_forecast.exchange.client.settings import read_exchange_settings
from db_handler.errors import UsageError

NOW = datetime(2025, 1, 1, tzinfo=UTC)


def test_numbers_keep_all_their_digits() -> None:
    (row,) = read_rows_of(b'[{"a": 1234567890123456789.12345678, "b": NaN, "c": 1e30, "d": 99999999999999999999999}]')
    assert row["a"] == Decimal("1234567890123456789.12345678")
    assert row["b"].is_nan()
    assert row["c"] == Decimal("1e30")
    assert row["d"] == Decimal("99999999999999999999999")


@pytest.mark.parametrize("body", [b"", b" ", b"{}", b"[1]", b"null", b"[" * 100_000, b"\xff\xfe", b"[" + b"9" * 9999])
def test_whatever_else_is_a_flaw(body: bytes) -> None:
    with pytest.raises(FlawError):
        read_rows_of(body)


@pytest.mark.parametrize(
    ("body", "seconds"),
    [
        ('{"error": {"name": 418, "message": "Blocked for 90 seconds"}}', 90),
        ('{"error": {"name": 418, "message": "blocked for 2 minutes"}}', 120),
        ('{"error": {"name": 418, "message": "until 2025-01-01T00:05:00Z"}}', 300),
        ('{"error": {"name": 418, "message": "until 2025-01-01T09:05:00+09:00"}}', 300),
        ('{"error": {"name": 418, "message": "no"}, "retry_after": 7}', 7),
        ("30초 동안 차단", 30),
        ('{"error": {"name": 418, "message": "Code 418"}}', None),
        ("I'm a teapot", None),
    ],
)
def test_a_block_lasts_as_long_as_its_body_says(body: str, seconds: float | None) -> None:
    assert read_block_seconds(body.encode(), {}, NOW) == seconds


def test_headers_that_make_no_sense_are_none() -> None:
    assert read_left({"Remaining-Req": "group=candles; min=600; sec=9"}) == 9
    assert read_left({"Remaining-Req": "sec=x"}) is None
    assert read_left({}) is None
    assert read_date({"Date": "yesterday"}) is None
    assert read_date({"Date": "Wed, 11 Mar 2026 23:40:59 +0900"}) == datetime(2026, 3, 11, 14, 40, 59, tzinfo=UTC)


@pytest.mark.parametrize("url", ["ftp://a", "api.upbit.com", "http://", "http://user:word@host/v1", "http://host:x"])
def test_a_url_that_is_none_is_refused_without_repeating_it(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUARTET_UPBIT_URL", url)
    with pytest.raises(UsageError, match="QUARTET_UPBIT_URL") as refused:
        read_exchange_settings()
    assert "word" not in str(refused.value)
