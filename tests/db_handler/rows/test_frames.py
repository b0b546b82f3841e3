"""Frames out of tables: conditions, order, dtypes, exact values, queries."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from db_handler.connection.database import Database
from db_handler.errors import DatabaseError
from db_handler.rows.frames import delete_rows, read_query, read_rows, upsert_rows
from db_handler.tables.ensure_table import ensure_table
from db_handler.tables.table import Table
from tests.db_handler.candles import CANDLES, START, make_candles
from tests.exact_rows import read_exact_rows

KINDS = Table(
    name="test_kinds",
    columns={
        "id": "integer",
        "words": "text",
        "word": "text(8)",
        "whole": "integer",
        "number": "float",
        "cost": "price",
        "volume": "amount",
        "moment": "time",
        "day": "date",
        "flag": "boolean",
        "facts": "json",
    },
    key=("id",),
)
FULL: dict[str, Any] = {
    "words": "a\nb 비",
    "word": "x",
    "whole": 2**62,
    "number": 0.1,
    "cost": Decimal("0.00000001"),
    "volume": Decimal("1234567890123456789.12345678"),
    "moment": datetime(2024, 2, 29, 23, 59, 59, 999999, tzinfo=UTC),
    "day": date(2024, 2, 29),
    "flag": True,
    "facts": {"b": [1, None, {"c": 1.5}], "a": "é"},
}
EMPTY = dict.fromkeys(FULL)


def test_every_kind_comes_back_as_it_went_in(database: Database) -> None:
    ensure_table(database, KINDS)
    with database.begin() as connection:
        upsert_rows(connection, KINDS, pd.DataFrame([{"id": 1, **FULL}, {"id": 2, **EMPTY}]))
        stored = read_exact_rows(connection, KINDS)
        again = upsert_rows(connection, KINDS, stored)
    assert stored.iloc[0].drop("id").to_dict() == {**FULL, "day": pd.Timestamp("2024-02-29")}
    assert stored.iloc[1].drop("id").isna().all()
    assert again.unchanged == 2


def test_dtypes_are_those_of_the_columns(database: Database) -> None:
    ensure_table(database, KINDS)
    wanted = {
        **{"id": "int64", "words": "str", "word": "str", "whole": "Int64", "number": "float64", "cost": "float64"},
        **{"volume": "float64", "moment": "datetime64[us, UTC]", "day": "datetime64[us]", "flag": "boolean"},
        "facts": "object",
    }
    with database.begin() as connection:
        empty = read_rows(connection, KINDS)
        upsert_rows(connection, KINDS, pd.DataFrame([{"id": 1, **FULL}, {"id": 2, **EMPTY}]))
        stored = read_rows(connection, KINDS)
    assert {name: str(dtype) for name, dtype in stored.dtypes.items()} == wanted
    assert {name: str(dtype) for name, dtype in empty.dtypes.items()} == {**wanted, "whole": "int64"}


@pytest.mark.parametrize(
    "number", [95_123_000.0, 1234567890.123, 123456789012.12345, 0.1, -0.1, 1e-9, -1e-9, 9_999_999.12345678, 7]
)
def test_floats_are_stored_by_the_digits_they_were_written_with(database: Database, number: float) -> None:
    ensure_table(database, KINDS)
    exact = Decimal(repr(number)).quantize(Decimal("1e-8"))
    with database.begin() as connection:
        upsert_rows(connection, KINDS, pd.DataFrame({"id": [1], "volume": [number]}))
        assert read_exact_rows(connection, KINDS)["volume"].tolist() == [exact]
        assert upsert_rows(connection, KINDS, pd.DataFrame({"id": [1], "volume": [exact]})).unchanged == 1


def test_frames_of_other_dtypes_are_stored_alike(database: Database) -> None:
    ensure_table(database, KINDS)
    seoul = pd.date_range("2024-01-01 09:00", periods=2, freq="h", tz="Asia/Seoul").as_unit("ns")
    one = pd.DataFrame({"id": [1, 2], "moment": seoul, "whole": [1.0, np.nan], "flag": [1, None], "number": [1, 2]})
    other = pd.DataFrame(
        {
            "id": pd.array([1, 2], dtype="Int32"),
            "moment": ["2024-01-01T00:00Z", datetime(2024, 1, 1, 1, tzinfo=UTC)],
            "whole": pd.array([1, None], dtype="Int64"),
            "flag": pd.array([True, None], dtype="boolean"),
            "number": pd.array([1.0, 2.0], dtype="Float64"),
        }
    )
    with database.begin() as connection:
        upsert_rows(connection, KINDS, one)
        assert upsert_rows(connection, KINDS, other).unchanged == 2


def test_conditions_order_and_limit(database: Database) -> None:
    ensure_table(database, CANDLES)
    with database.begin() as connection:
        upsert_rows(connection, CANDLES, make_candles(range(10)))
        upsert_rows(connection, CANDLES, make_candles(range(3)).assign(market="KRW-ETH"))
        since, until = ("slot", START + pd.Timedelta(hours=8)), ("slot", START + pd.Timedelta(hours=20))
        some = read_rows(
            connection,
            CANDLES,
            where={"market": ["KRW-BTC", "KRW-ADA"]},
            since=since,
            until=until,
            columns=["slot", "trade_price"],
            order_by=["-market", "-slot"],
            limit=2,
        )
        assert list(some.columns) == ["slot", "trade_price"]
        assert some["trade_price"].tolist() == [104.0, 103.0]
        assert read_rows(connection, CANDLES, where={"market": []}).empty
        assert len(read_rows(connection, CANDLES, where={"slot": some["slot"]})) == 2
        assert delete_rows(connection, CANDLES, where={"market": "KRW-BTC"}, since=since) == 8
        assert len(read_rows(connection, CANDLES, order_by=["slot", "market"])) == 5


def test_prices_are_not_put_in_order_as_text(database: Database) -> None:
    ensure_table(database, CANDLES)
    for wrong in ({"order_by": "trade_price"}, {"since": ("volume", 1)}):
        with pytest.raises(DatabaseError, match="exact text on SQLite"), database.begin() as connection:
            read_rows(connection, CANDLES, **wrong)  # type: ignore[arg-type]


def test_names_that_the_table_lacks_are_refused(database: Database) -> None:
    ensure_table(database, CANDLES)
    for wrong in ({"where": {"x = 1; --": 1}}, {"columns": ["y`"]}, {"order_by": "z"}, {"since": ("a", 1)}):
        with pytest.raises(DatabaseError, match="has no column"), database.begin() as connection:
            read_rows(connection, CANDLES, **wrong)  # type: ignore[arg-type]


def test_a_query_takes_parameters_only_and_knows_times_and_decimals(database: Database, tmp_path: Path) -> None:
    ensure_table(database, CANDLES)
    (tmp_path / "newest.sql").write_text(
        "SELECT market, MAX(slot) AS newest, MIN(trade_price + 0.0) AS lowest, COUNT(*) AS n FROM test_candles\n"
        "WHERE slot >= :since AND market IN :markets GROUP BY market"
    )
    with database.begin() as connection:
        upsert_rows(connection, CANDLES, make_candles(range(5)))
        found = read_query(
            connection,
            tmp_path / "newest.sql",
            since=START + pd.Timedelta(hours=4),
            markets=["KRW-BTC", "'; DROP TABLE test_candles; --"],
        )
        assert read_query(connection, "SELECT slot FROM test_candles WHERE market = :m", m="x").empty
        query = "SELECT slot FROM test_candles WHERE last_tick = :tick AND trade_price + 0.0 > :price"
        assert len(read_query(connection, query, tick=np.int64(1), price=np.float64(101.5))) == 3
    wanted = pd.DataFrame(
        {"market": ["KRW-BTC"], "newest": [START + pd.Timedelta(hours=16)], "lowest": [101.0], "n": [4]}
    )
    assert_frame_equal(found, wanted.astype({"newest": "datetime64[us, UTC]"}))


COMPUTED = """
SELECT AVG(cost) AS mean_cost, AVG(whole) AS mean_whole, AVG(number) AS mean_number, SUM(whole) AS whole_sum,
       SUM(cost) AS cost_sum, COUNT(*) AS n, SUM(whole) / COUNT(*) AS share, SUM(cost) / 7 AS part,
       MIN(whole) / 3 AS third, MAX(cost + 0.0) AS most, SUM(flag) AS flags, MIN(volume + 0.0) * 2 AS twice,
       AVG(CASE WHEN whole > 100 THEN cost END) AS none
FROM test_kinds
"""


def test_what_sql_computes_is_the_same_number_on_every_database(database: Database) -> None:
    ensure_table(database, KINDS)
    costs, wholes = [9.5, 10.25, 100.12345678], [1, 2, 2]
    rows = pd.DataFrame(
        {"id": [1, 2, 3], "whole": wholes, "cost": costs, "volume": costs, "number": [0.1, 0.2, 0.4]}
    ).assign(flag=True)
    with database.begin() as connection:
        upsert_rows(connection, KINDS, rows)
        found = read_query(connection, COMPUTED).iloc[0].to_dict()
        types = {name: kind.kind for name, kind in read_query(connection, COMPUTED).dtypes.items()}
    wanted = {
        "mean_cost": sum(costs) / 3, "mean_whole": 5 / 3, "mean_number": 0.7 / 3, "whole_sum": 5, "n": 3, "flags": 3,
        "cost_sum": sum(costs), "share": 5 / 3, "part": sum(costs) / 7, "third": 1 / 3, "most": 100.12345678,
        "twice": 19,
    }  # fmt: skip
    assert found.pop("none") is None
    assert found == pytest.approx(wanted, rel=1e-14)
    whole = {"whole_sum", "n", "flags"}
    assert {name: kind for name, kind in types.items() if name != "none"} == {
        name: "i" if name in whole else "f" for name in wanted
    }


@pytest.mark.parametrize(
    ("division", "value"),
    [
        ("7 / 2", 3.5),
        ("1 + 7 / 2", 4.5),
        ("-(7 - 2) / 2", -2.5),
        ("3 * 7 / 2 / 5", 2.1),
        ("7.5 / 2", 3.75),
        ("CASE WHEN 7 / 2 > 3 THEN 1 ELSE 0 END", 1),
        ("SUM(7) / COUNT(*)", 7.0),
        ("7 / 0", None),
        ("'a/b'", "a/b"),
        ("7 -- a / b\n /* a / b */", 7),
    ],
)
def test_a_division_keeps_its_remainder(database: Database, division: str, value: Any) -> None:
    with database.begin(writing=False) as connection:
        [answer] = read_query(connection, f"SELECT {division} AS value")["value"]
    assert answer == value
