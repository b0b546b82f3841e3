"""Plain values, and a bug in one sentence."""

import json
from datetime import UTC, datetime

import numpy as np

from db_handler.tables.values import to_plain
from service.contract.describe_error import describe_bug


def test_everything_becomes_what_json_knows() -> None:
    found = to_plain(
        {
            1: np.int64(3), "f": np.float32(0.5), "nan": float("nan"), "inf": np.inf, "b": np.bool_(True),
            "at": datetime(2025, 1, 1, tzinfo=UTC), "list": (np.float64("nan"), None), "text": "é",
        }
    )  # fmt: skip
    assert json.loads(json.dumps(found, allow_nan=False)) == {
        "1": 3, "f": 0.5, "nan": None, "inf": None, "b": True, "at": "2025-01-01 00:00:00+00:00",
        "list": [None, None], "text": "é",
    }  # fmt: skip
    assert type(found["b"]) is bool


def test_a_bug_is_one_line_whatever_it_says() -> None:
    assert describe_bug(ValueError("two\nlines")) == "met ValueError: two lines; QUARTET_DEBUG=1 shows the whole trace"
    assert describe_bug(MemoryError()) == "met MemoryError; QUARTET_DEBUG=1 shows the whole trace"
