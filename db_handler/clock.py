"""Clocks: the machine's, and a virtual one that only moves by a call or a sleep."""

import threading
import time
from datetime import UTC, datetime, timedelta


class WallClock:
    """The time of this machine."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        time.sleep(max(seconds, 0.0))


class VirtualClock:
    """A clock that many threads may share; sleeping moves it at once, and it never goes back."""

    def __init__(self, start: datetime) -> None:
        self._lock = threading.Lock()
        self._now = _aware(start)

    def now(self) -> datetime:
        with self._lock:
            return self._now

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self._now += timedelta(seconds=max(seconds, 0.0))

    def move_to(self, moment: datetime) -> None:
        with self._lock:
            self._now = max(self._now, _aware(moment))


Clock = WallClock | VirtualClock


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError(f"{moment} has no time zone; a clock counts in UTC")
    return moment.astimezone(UTC)


# The smallest step between two stored moments: "before the next tick" is "up to this one".
TICK = timedelta(microseconds=1)
