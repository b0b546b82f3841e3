"""Words for the user: answers go to standard output, what happens on the way to standard error."""

import sys


def answer(text: str = "") -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def note(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()
