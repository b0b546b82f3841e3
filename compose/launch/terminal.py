"""Words for the user: answers go to standard output, what happens on the way to standard error."""

import shutil
import sys
import time
from typing import TextIO


def answer(text: str = "") -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def note(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def tell_what_happens(*, demo: bool) -> str:
    """Say what a person will see next."""
    if demo:
        return (
            "The demo plays one close of four virtual hours after the other, from an empty platform to a retrain: "
            "watch the DAGs in Airflow."
        )
    return (
        "The four workflows of crypto_forecast run by themselves now, every four hours; the first round takes minutes."
    )


def last_lines(text: str, count: int = 15) -> list[str]:
    """Take the last lines that say something.

    >>> last_lines("one\\n\\ntwo\\n", 1)
    ['two']
    """
    return [line.rstrip() for line in text.splitlines() if line.strip()][-count:]


class StopError(Exception):
    """Nothing more can be done; each sentence says what, where and what to do next."""

    def __init__(self, *sentences: str, status: int = 2) -> None:
        super().__init__("\n".join(sentences))
        self.sentences = sentences
        self.status = status


class Progress:
    """Begins to count when it is made."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self.stream = stream or sys.stderr
        self.moving = self.stream.isatty()
        self.started = time.monotonic()

    @property
    def seconds(self) -> int:
        return round(time.monotonic() - self.started)

    def show(self, text: str) -> None:
        """Replace the moving line; without a terminal nothing is said."""
        if self.moving:
            width = shutil.get_terminal_size().columns - 1
            self.stream.write(f"\r\033[K{f'{self.seconds} s  {text}'[:width]}")
            self.stream.flush()

    def tell(self, text: str) -> None:
        """Say something that stays, where no line moves."""
        if not self.moving:
            self.stream.write(f"{text}\n")
            self.stream.flush()

    def end(self) -> None:
        """Make room for what comes next."""
        if self.moving:
            self.stream.write("\r\033[K")
            self.stream.flush()


Row = tuple[str, str, str, str]


HEAD: Row = ("", "address", "user", "password in")


def print_table(rows: list[Row]) -> None:
    """Print rows of name, address, user and file of the password; never a password."""
    rows = [HEAD, *rows]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    answer()
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        answer(f"  {'  '.join([*cells, row[3]])}".rstrip())
    answer()
