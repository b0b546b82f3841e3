"""Words for the user: answers go to standard output, what happens on the way to standard error."""

import shutil
import sys
import time

Row = tuple[str, str, str, str]


def answer(text: str = "") -> None:
    print(text, flush=True)


def note(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def last_lines(text: str, count: int = 15) -> list[str]:
    """Take the last lines that say something.

    >>> last_lines("one\\n\\ntwo\\n", 1)
    ['two']
    """
    return [line.rstrip() for line in text.splitlines() if line.strip()][-count:]


def quote(text: str, count: int = 15) -> list[str]:
    """Set off the last lines of another program."""
    return [f"  | {line}" for line in last_lines(text, count)]


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


def print_up(headline: str, rows: list[Row], *, demo: bool) -> None:
    """Print what is up, where everything is (never a password), and what happens next."""
    answer(headline)
    table: list[Row] = [("", "address", "user", "password in"), *rows]
    widths = [max(len(row[column]) for row in table) for column in range(3)]
    answer()
    for row in table:
        cells = [row[column].ljust(widths[column]) for column in range(3)]
        answer(f"  {'  '.join([*cells, row[3]])}".rstrip())
    answer()
    if demo:
        answer(
            "The demo plays one close of four virtual hours after the other, from an empty platform to a retrain: "
            "watch the DAGs in Airflow."
        )
    else:
        answer(
            "The four workflows of crypto_forecast run by themselves now, every four hours; "
            "the first round takes minutes."
        )
