"""A table of candles and small frames of it, for tests."""

import os
import subprocess
import sys
import textwrap
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from db_handler.tables.table import Table

ROOT = Path(__file__).parents[2]
CANDLES = Table(
    name="test_candles",
    columns={
        "market": "text(32)",
        "slot": "time",
        "trade_price": "price",
        "volume": "amount",
        "last_tick": "integer",
        "fetched_at": "time",
    },
    key=("market", "slot"),
    newest=("last_tick", "fetched_at"),
    unwatched=("fetched_at",),
)
START = pd.Timestamp("2024-01-01", tz="UTC")


def make_candles(slots: Iterable[int], *, price: float = 100.0, tick: int = 1, fetched: int = 0) -> pd.DataFrame:
    numbers = np.array(list(slots), dtype="int64")
    return pd.DataFrame(
        {
            "market": "KRW-BTC",
            "slot": START + pd.to_timedelta(numbers * 240, unit="min"),
            "trade_price": price + numbers,
            "volume": 0.5,
            "last_tick": np.full(len(numbers), tick, dtype="int64"),
            "fetched_at": START + pd.Timedelta(seconds=fetched),
        }
    )


def start_python(code: str, *arguments: object) -> "subprocess.Popen[str]":
    """Another process that runs `code` from the root of the project."""
    command = [sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)]
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(command, cwd=ROOT, env=os.environ, **pipes)


def await_all(processes: "list[subprocess.Popen[str]]") -> list[str]:
    """What each of them printed; all must have ended well."""
    printed = [process.communicate(timeout=120) for process in processes]
    assert [process.returncode for process in processes] == [0] * len(processes), printed
    return [out.strip() for out, _ in printed]
