"""Words for the user: answers go to standard output, what happens on the way to standard error."""

import math
import shutil
import sys
import time
from collections.abc import Callable

PAUSE = 0.3
QUARTER = 15  # seconds between two lines where no line can move
DEMO = "The demo plays one close of four virtual hours after the other, up to a retrain: watch the DAGs in Airflow."
REAL = "The four workflows of crypto_forecast run by themselves now, every four hours; the first round takes minutes."


def answer(text: str = "") -> None:
    print(text, flush=True)


def note(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def quote(text: str, count: int = 15) -> list[str]:
    """Set off the last lines of another program that say something."""
    return [f"  | {line.rstrip()}" for line in text.splitlines() if line.strip()][-count:]


def last_line(text: str) -> str:
    return "".join(quote(text, 1)).removeprefix("  | ")


class StopError(Exception):
    """Nothing more can be done; each sentence says what, where and what to do next."""

    def __init__(self, *sentences: str, status: int = 2) -> None:
        super().__init__("\n".join(sentences))
        self.sentences = sentences
        self.status = status


def wait_for(look: Callable[[], list[str]], seconds: float = math.inf) -> str:
    """Look until nothing is awaited; answers with the first name that still is when the time is over."""
    moving, started, said = sys.stderr.isatty(), time.monotonic(), 0.0
    try:
        while names := look():
            passed = time.monotonic() - started
            if passed >= seconds:
                return names[0]
            line = f"{passed:.0f} s  waiting for {', '.join(names)}"
            if moving:
                print(f"\r\033[K{line[: shutil.get_terminal_size().columns - 1]}", end="", file=sys.stderr, flush=True)
            elif passed - said >= QUARTER:
                note(line)
                said = passed
            time.sleep(PAUSE)
        return ""
    finally:
        if moving:
            print("\r\033[K", end="", file=sys.stderr, flush=True)


def print_up(headline: str, rows: list[tuple[str, str, str, str]], *, demo: bool) -> None:
    """Print what is up, where everything is (never a password), and what happens next."""
    table = [("", "address", "user", "password in"), *rows]
    widths = [max(len(cell) for cell in column) for column in zip(*table, strict=True)]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in table)
    answer("\n".join([headline, "", *(f"  {line}".rstrip() for line in lines), "", DEMO if demo else REAL]))
