"""How far it is: one moving line on a terminal, tidy lines where there is none."""

import shutil
import sys
import time
from typing import TextIO


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
