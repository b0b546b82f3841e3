"""Rows in by key: any order, any number of times, the same table."""

import signal
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from db_handler.connection.database import Database
from db_handler.errors import DatabaseError
from db_handler.rows.frames import delete_rows, read_rows, upsert_rows
from db_handler.tables.ensure_table import ensure_table
from db_handler.tables.table import Table
from tests.db_handler.candles import CANDLES, START, make_candles, start_python

VERSION = st.tuples(
    st.sampled_from(["KRW-BTC", "KRW-ETH"]),
    st.integers(0, 5),  # slot
    st.integers(1, 3),  # last tick
    st.integers(0, 3),  # fetched at
    st.sampled_from([1.0, 2.5, None]),  # price
)
PAGES = st.lists(st.lists(VERSION, max_size=6), max_size=5)


def make_page(versions: list[tuple[Any, ...]]) -> pd.DataFrame:
    page = pd.DataFrame(versions, columns=["market", "slot", "last_tick", "fetched_at", "trade_price"])
    page["slot"] = START + pd.to_timedelta(page["slot"].astype("int64") * 240, unit="min")
    page["fetched_at"] = START + pd.to_timedelta(page["fetched_at"].astype("int64"), unit="s")
    return page.assign(volume=1.0).astype({"trade_price": "float64", "last_tick": "int64", "market": "str"})


def fill(database: Database, pages: list[list[tuple[Any, ...]]]) -> pd.DataFrame:
    with database.begin() as connection:
        delete_rows(connection, CANDLES)
        for page in pages:
            upsert_rows(connection, CANDLES, make_page(page))
        return read_rows(connection, CANDLES)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pages=PAGES, data=st.data())
def test_any_shuffled_duplicated_overlapping_pages_end_in_the_same_table(
    database: Database, pages: list[list[tuple[Any, ...]]], data: st.DataObject
) -> None:
    ensure_table(database, CANDLES)
    versions = [version for page in pages for version in page]
    again = data.draw(st.permutations(versions + versions[:3]))
    cut = data.draw(st.integers(0, len(again)))
    straight = fill(database, pages)
    assert_frame_equal(fill(database, [again[:cut], again[cut:], again[:cut]]), straight)
    newest = {v[:2]: max(w[2:4] for w in versions if w[:2] == v[:2]) for v in versions}
    stored = zip(straight["last_tick"], straight["fetched_at"], strict=True)
    assert [(tick, (moment - START).seconds) for tick, moment in stored] == [newest[key] for key in sorted(newest)]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=st.lists(VERSION, max_size=6), page=st.lists(VERSION, max_size=6))
def test_changed_keys_and_counts_are_exact(
    database: Database, before: list[tuple[Any, ...]], page: list[tuple[Any, ...]]
) -> None:
    ensure_table(database, CANDLES)
    first = fill(database, [before]).set_index(["market", "slot"])
    with database.begin() as connection:
        done = upsert_rows(connection, CANDLES, make_page(page))
        second = read_rows(connection, CANDLES).set_index(["market", "slot"])
    watched = ["trade_price", "volume", "last_tick"]
    differs = [
        k for k in second.index if k not in first.index or not second[watched].loc[k].equals(first[watched].loc[k])
    ]
    assert list(done.changed.itertuples(index=False, name=None)) == differs
    assert done.inserted == len(second) - len(first)
    assert done.updated == len(differs) - done.inserted == len(done.revised)
    assert done.unchanged == len({version[:2] for version in page}) - len(differs)


def test_a_stale_answer_never_regresses_a_row(database: Database) -> None:
    ensure_table(database, CANDLES)
    with database.begin() as connection:
        upsert_rows(connection, CANDLES, make_candles(range(3), price=200, tick=9, fetched=1))
        stale = upsert_rows(connection, CANDLES, make_candles(range(4), price=100, tick=8, fetched=99))
        stored = read_rows(connection, CANDLES)
    assert (stale.inserted, stale.updated, stale.unchanged) == (1, 0, 3)
    assert stored["trade_price"].tolist() == [200, 201, 202, 103]


def test_a_revised_row_shows_both_versions(database: Database) -> None:
    ensure_table(database, CANDLES)
    with database.begin() as connection:
        upsert_rows(connection, CANDLES, make_candles([0, 1]))
        done = upsert_rows(connection, CANDLES, make_candles([1], price=150, tick=2))
    ((before, after),) = done.revised
    assert (str(before["trade_price"]), str(after["trade_price"])) == ("101.00000000", "151.00000000")
    assert before["slot"] == datetime(2024, 1, 1, 4, tzinfo=UTC)
    assert done.changed["slot"].tolist() == [START + pd.Timedelta(hours=4)]


def test_unwatched_columns_alone_are_kept_but_change_nothing(database: Database) -> None:
    ensure_table(database, CANDLES)
    with database.begin() as connection:
        upsert_rows(connection, CANDLES, make_candles([0]))
        done = upsert_rows(connection, CANDLES, make_candles([0], fetched=60))
        stored = read_rows(connection, CANDLES)
    assert (done.inserted, done.updated, done.unchanged, len(done.changed)) == (0, 0, 1, 0)
    assert stored["fetched_at"].tolist() == [START + pd.Timedelta(minutes=1)]


def test_change_is_judged_on_the_stored_form(database: Database) -> None:
    ensure_table(database, CANDLES)
    with database.begin() as connection:
        upsert_rows(connection, CANDLES, make_candles([0], price=0.1 + 0.2))
        same = upsert_rows(connection, CANDLES, make_candles([0], price=0.3, tick=1, fetched=5))
    assert (same.unchanged, same.updated) == (1, 0)


def test_without_newest_the_last_wins_and_absent_columns_stay(database: Database) -> None:
    plain = Table(name="test_plain", columns={"id": "integer", "a": "float", "b": "text"}, key=("id",))
    ensure_table(database, plain)
    with database.begin() as connection:
        upsert_rows(connection, plain, pd.DataFrame({"id": [1, 1], "a": [1.0, 2.0], "b": ["x", "y"]}))
        done = upsert_rows(connection, plain, pd.DataFrame({"id": [2, 1], "a": [5.0, np.nan]}))
        stored = read_rows(connection, plain)
    assert (done.inserted, done.updated) == (1, 1)
    assert_frame_equal(stored, pd.DataFrame({"id": [1, 2], "a": [np.nan, 5.0], "b": ["y", None]}).astype({"b": "str"}))


def test_many_rows_with_far_keys_go_in_by_chunks(database: Database) -> None:
    ensure_table(database, CANDLES)
    page = make_candles(range(0, 24_000, 2)).sample(frac=1, random_state=1)
    with database.begin() as connection:
        assert upsert_rows(connection, CANDLES, page).inserted == 12_000
        done = upsert_rows(connection, CANDLES, make_candles(range(12_000), tick=2))
        assert (done.inserted, done.updated) == (6_000, 6_000)
        assert upsert_rows(connection, CANDLES, make_candles([0, 23_998, 30_000])).inserted == 1


def test_an_empty_page_does_nothing(database: Database) -> None:
    ensure_table(database, CANDLES)
    with database.begin() as connection:
        done = upsert_rows(connection, CANDLES, make_candles([]))
        assert upsert_rows(connection, CANDLES, pd.DataFrame()).unchanged == 0
    assert (done.inserted, done.updated, done.unchanged, len(done.changed)) == (0, 0, 0, 0)
    assert str(done.changed["slot"].dtype) == "datetime64[us, UTC]"


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda page: page.assign(slot=page["slot"].dt.tz_localize(None)), "slot is time .* no time zone"),
        (lambda page: page.assign(market="x" * 10_000), r"market is text\(32\) .* 10000 characters"),
        (lambda page: page.assign(market=pd.Series(["\ud800"], dtype=object)), "market is text"),
        (lambda page: page.assign(market=None), "market is part of the key"),
        (lambda page: page.assign(trade_price=1e30), "trade_price is price .* more than 12 digits"),
        (lambda page: page.assign(trade_price=-np.inf), "trade_price is price"),
        (lambda page: page.assign(volume=1e15 + 0.5, trade_price=1e12 + 0.5), "trade_price is price"),
        (lambda page: page.assign(last_tick=1.5), "last_tick is integer"),
        (lambda page: page.assign(last_tick=2**70), "last_tick is integer"),
        (lambda page: page.assign(**{"x`; DROP TABLE y": 1}), "no column"),
        (lambda page: page.drop(columns="fetched_at"), "lack the column fetched_at"),
        (lambda page: pd.concat([page, page[["volume"]]], axis=1), "have a column twice"),
        (lambda page: page.rename(columns={"volume": 7}), "no column '7'"),
    ],
)
def test_rows_that_do_not_fit_are_refused_in_one_sentence(
    database: Database, spoil: Callable[[pd.DataFrame], pd.DataFrame], sentence: str
) -> None:
    ensure_table(database, CANDLES)
    with pytest.raises(DatabaseError, match=sentence), database.begin() as connection:
        upsert_rows(connection, CANDLES, spoil(make_candles([0])))


@pytest.mark.parametrize("market", ["'; DROP TABLE x; --", '"`\\%s%%:a', "비트코인 🚀", "krw-btc ", "KRW-btc"])
def test_strange_texts_are_only_texts(database: Database, market: str) -> None:
    ensure_table(database, CANDLES)
    with database.begin() as connection:
        upsert_rows(connection, CANDLES, make_candles([0]))
        upsert_rows(connection, CANDLES, make_candles([0]).assign(market=market))
        assert len(read_rows(connection, CANDLES)) == 2
        assert read_rows(connection, CANDLES, where={"market": market})["market"].tolist() == [market]


KILLED = """
    import sys, time
    from db_handler.open_database import open_database
    from db_handler.rows.frames import upsert_rows
    from db_handler.ledger.watermarks import move_watermark
    from tests.db_handler.candles import CANDLES, START, make_candles
    with open_database() as database:
        with database.begin() as connection:
            upsert_rows(connection, CANDLES, make_candles(range(50, 150), price=300, tick=2))
            move_watermark(connection, "test", "candles", START)
            print("inside", flush=True)
            time.sleep(60 if sys.argv[1] == "stay" else 0)
"""


def test_killed_within_an_upsert_and_run_again_ends_in_the_same_table(database: Database) -> None:
    ensure_table(database, CANDLES)
    with database.begin() as connection:
        upsert_rows(connection, CANDLES, make_candles(range(100)))
        before = read_rows(connection, CANDLES)
    process = start_python(KILLED, "stay")
    assert process.stdout is not None
    assert process.stdout.readline() == "inside\n"
    process.send_signal(signal.SIGKILL)
    process.communicate()
    with database.begin() as connection:
        assert_frame_equal(read_rows(connection, CANDLES), before)
    start_python(KILLED, "go on").communicate(timeout=60)
    with database.begin() as connection:
        stored = read_rows(connection, CANDLES)
    assert stored["slot"].tolist() == [START + timedelta(hours=4 * slot) for slot in range(150)]
    assert stored["trade_price"].tolist() == [100.0 + n for n in range(50)] + [300.0 + n for n in range(50, 150)]
