"""Divisions in SQL: of two whole numbers SQLite drops the remainder, and MySQL keeps it."""

import re
from functools import lru_cache

from db_handler.errors import UsageError

NO_CODE = re.compile(r"'(?:[^']|'')*'|--[^\n]*|/\*.*?\*/", re.DOTALL)
WORD = re.compile(r"\d*\.\d+(?:e[+-]?\d+)?|\d+e[+-]?\d+|:?\w+|\S", re.IGNORECASE)
FRACTION = re.compile(r"\d*\.\d+(?:e[+-]?\d+)?|\d+e[+-]?\d+|avg|real|double", re.IGNORECASE)
# What begins an operand: a division reaches back to it.
OPENS, CLOSES = {"(", "case"}, {")", "end"}
STARTS = {*"+-,<>=!;", *"select where and or not on by having when then else between in distinct".split()}


@lru_cache(64)
def refuse_whole_division(statement: str, place: str) -> None:
    """Refuse a statement with a division that may be one of whole numbers; `place` names it for the sentence."""
    words = WORD.findall(NO_CODE.sub(" '' ", statement))
    for number, word in enumerate(words):
        if word != "/":
            continue
        dividend, divisor = _read_dividend(words[:number]), words[number + 1 : number + 2]
        if not any(map(FRACTION.fullmatch, [*dividend, *divisor])):
            raise UsageError(
                f"{place} divides {''.join(dividend)!r:.60}: of whole numbers SQLite drops the "
                "remainder and MySQL keeps it, so write 1.0 * before what is divided, as in 1.0 * a / b"
            )


def _read_dividend(words: list[str]) -> list[str]:
    """Read back from a division to the start of what it divides."""
    depth = 0
    for number in range(len(words) - 1, -1, -1):
        word = words[number].lower()
        depth += (word in CLOSES) - (word in OPENS)
        if depth < 0 or (depth == 0 and word in STARTS):
            return words[number + 1 :]
    return words
