"""Words for the user: answers go to standard output, what happens on the way to standard error."""

import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

Row = tuple[str, str, str, str]
PAUSE = 0.5
DEMO = (
    "The demo plays one close of four virtual hours after the other, from an empty platform to a retrain: "
    "watch the DAGs in Airflow."
)
REAL = "The four workflows of crypto_forecast run by themselves now, every four hours; the first round takes minutes."


def answer(text: str = "") -> None:
    print(text, flush=True)


def note(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def quote(text: str, count: int = 15) -> list[str]:
    """Set off the last lines of another program that say something.

    >>> quote("one\\n\\ntwo\\n", 1)
    ['  | two']
    """
    return [f"  | {line.rstrip()}" for line in text.splitlines() if line.strip()][-count:]


def last_line(text: str) -> str:
    return "".join(quote(text, 1)).removeprefix("  | ")


class StopError(Exception):
    """Nothing more can be done; each sentence says what, where and what to do next."""

    def __init__(self, *sentences: str, status: int = 2) -> None:
        super().__init__("\n".join(sentences))
        self.sentences = sentences
        self.status = status


class Progress:
    """One moving line on a terminal, lines that stay elsewhere; counts the seconds since it was made."""

    def __init__(self) -> None:
        self.moving = sys.stderr.isatty()
        self.started = time.monotonic()

    @property
    def seconds(self) -> int:
        return round(time.monotonic() - self.started)

    def show(self, text: str) -> None:
        """Replace the moving line; an empty text makes room for what comes next."""
        if self.moving:
            line = f"{self.seconds} s  {text}"[: shutil.get_terminal_size().columns - 1] if text else ""
            print(f"\r\033[K{line}", end="", file=sys.stderr, flush=True)

    def tell(self, text: str) -> None:
        """Say something that stays, where no line moves."""
        if not self.moving:
            note(text)


@dataclass(frozen=True)
class Look:
    """What there is at a moment: the parts that are not ready, the one to blame first, and the new ones that are."""

    total: int
    waiting: list[str]
    ready: dict[str, str]  # with the word for it: healthy, done


def wait_until_ready(look: Callable[[], Look], explain: Callable[[str, str], StopError], seconds: int) -> None:
    """Look until nothing is waited for; a look that finds a failure stops by itself."""
    progress = Progress()
    told: set[str] = set()
    try:
        while True:
            now = look()
            for name in now.ready.keys() - told:
                progress.tell(f"{name} {now.ready[name]} after {progress.seconds} s")
            told |= now.ready.keys()
            if not now.waiting:
                return
            if progress.seconds >= seconds:
                raise explain(now.waiting[0], f"is not ready after {progress.seconds} s")
            count = now.total - len(now.waiting)
            progress.show(f"{count} of {now.total} ready; waiting for {', '.join(now.waiting)}")
            time.sleep(PAUSE)
    finally:
        progress.show("")


def print_up(headline: str, rows: list[Row], *, demo: bool) -> None:
    """Print what is up, where everything is (never a password), and what happens next."""
    table = [("", "address", "user", "password in"), *rows]
    widths = [max(len(cell) for cell in column) for column in zip(*table, strict=True)]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in table)
    answer("\n".join([headline, "", *(f"  {line}".rstrip() for line in lines), "", DEMO if demo else REAL]))
