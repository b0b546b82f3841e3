"""Messages for a machine without Slack: a tidy box on standard error."""

import sys
from contextlib import suppress

from messenger.outcome import Outcome

TITLE = "Slack is not set up: printed and kept"
WIDTH = 72


class PrintClient:
    """Print a text instead of sending it."""

    def post(self, text: str) -> Outcome:
        """Print; where even that is impossible (standard error is closed) the message is only kept."""
        with suppress(OSError, ValueError, AttributeError):
            sys.stderr.write(box_text(text))
            sys.stderr.flush()
        return Outcome("printed")


def box_text(text: str) -> str:
    """Draw a box that is open to the right, since nobody knows how wide a terminal draws an emoji."""
    head = f"┌─ {TITLE} ".ljust(WIDTH, "─")
    return "\n".join([head, *(f"│ {line}".rstrip() for line in text.split("\n")), "└".ljust(WIDTH, "─"), ""])
