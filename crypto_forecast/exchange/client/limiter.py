"""One budget of requests for all processes and markets of an address, evenly paced, led by the exchange's header."""

import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from crypto_forecast.exchange.client.errors import BlockedError, MissedTurnsError
from db_handler.clock import Clock
from db_handler.connection.database import Connection, Database
from db_handler.ledger.limiter import read_limiter, write_limiter

# The exchange counts in windows of a second that start at a request; the guard is for requests that travel unevenly.
WINDOW = 1.025
MOST = 10
# A turn that is taken later than this is given up, since the next ones are already near.
LATE = 0.018
# So many turns in a row that come to nothing mean that none will come.
MISSED_TURNS = 100
LONGEST_LEAD = 1.0
# Nobody waits longer than this for a turn: then the clock was set back.
JUMP = 10.0
LONGEST_PAUSE = 86_400.0
# Our window and the exchange's may part by a request or two that travelled slowly; more means another limit.
SLIP = 2


@dataclass(frozen=True)
class Turn:
    """Leave to send one request: when, and its place in its window as far as we know."""

    slot: float
    window: float
    place: int
    serial: int  # of all turns ever
    rate: int
    pause: float


class Limiter:
    """`take` waits for a turn; answers are reported to `learn`, `hold` and `block`."""

    def __init__(self, database: Database, clock: Clock, host: str, first_pause: float = 60.0) -> None:
        self.database, self.clock, self.host = database, clock, host
        self.first_pause = first_pause
        self.name = f"candles@{host}"[:128]
        self._queue = threading.Lock()
        # How long the database takes to reserve a turn and to look whether it still holds: a turn is planned so much
        # ahead, and looked at so much before it begins.
        self._reserving = self._looking = 0.0

    def take(self) -> Turn:
        """Wait for a turn; where each one is missed, say so instead of waiting for ever."""
        # One at a time in a process: an answer changes the turns that are still to be given.
        with self._queue:
            missed = 0
            while missed < MISSED_TURNS:
                began = self._now()
                turn = self.database.retry(self._reserve)
                self._reserving = min(self._now() - began, LONGEST_LEAD)
                self._sleep_until(turn.slot - self._looking)
                began = self._now()
                with self.database.begin(writing=False) as connection:
                    held = read_limiter(connection, self.name, lock=False)["blocked_until"] > turn.slot
                self._looking = min(self._now() - began, LONGEST_LEAD)
                self._sleep_until(turn.slot)
                if held:
                    continue
                if self._now() - turn.slot <= LATE:
                    return turn
                missed += 1
        raise MissedTurnsError(
            f"{self.host} could not be asked: {missed} turns in a row were missed, since the database "
            f"{self.database.place} takes {self._reserving + self._looking:.1f} s to give one; run again later"
        )

    def _sleep_until(self, moment: float) -> None:
        if self._now() < moment:
            self.clock.sleep(moment - self._now())

    def learn(self, turn: Turn, left: int | None) -> None:
        """Follow the header, which gives the limit and the start of the exchange's window."""
        if (left is not None and left + turn.place != turn.rate) or turn.pause:
            self.database.retry(partial(self._learn, turn=turn, left=left))

    def hold(self, seconds: float) -> None:
        """429: nobody sends for so long."""
        until = self._now() + seconds
        self.database.retry(partial(self._hold, until=until))

    def block(self, seconds: float | None) -> BlockedError:
        """418: nobody sends until the block ends; a silent one is taken for longer each time."""
        until = self.database.retry(partial(self._block, seconds=seconds))
        return BlockedError(self.host, datetime.fromtimestamp(until, UTC))

    def _now(self) -> float:
        return self.clock.now().timestamp()

    def _reserve(self, connection: Connection) -> Turn:
        row, now = read_limiter(connection, self.name), self._now()
        rate = int(row["rate"]) or MOST
        lead = now + self._reserving + self._looking
        slot = max(lead, row["next_at"] if row["next_at"] < now + JUMP else lead, self._check_block(row, now))
        window, place = row["window_start"], row["used"] + 1
        if place > rate and 0 <= slot - window < WINDOW:  # the limit fell while the window ran
            slot = window + WINDOW
        if not 0 <= slot - window < WINDOW - 1e-6:
            window, place = slot, 1
        pace, serial = slot + WINDOW / rate, row["taken"] + 1
        write_limiter(connection, self.name, next_at=pace, window_start=window, used=place, taken=serial)
        return Turn(slot, window, place, serial, rate, row["pause"])

    def _check_block(self, row: dict[str, Any], now: float) -> float:
        """When it may go on after a 429; an error while a 418's block lasts."""
        until: float = row["blocked_until"]
        if not row["pause"]:
            return until if until < now + JUMP * 3 else now
        # A clock that was set back must not make the block longer than it was.
        until = min(until, now + row["pause"])
        if now < until:
            raise BlockedError(self.host, datetime.fromtimestamp(until, UTC))
        return now

    def _learn(self, connection: Connection, *, turn: Turn, left: int | None) -> None:
        row = read_limiter(connection, self.name)
        changes: dict[str, Any] = {}
        if turn.pause and turn.slot >= row["blocked_until"]:
            changes["pause"] = 0.0
        if left is not None:
            changes |= _follow_header(row, turn, left)
        if changes:
            write_limiter(connection, self.name, **changes)

    def _hold(self, connection: Connection, *, until: float) -> None:
        row = read_limiter(connection, self.name)
        if not row["pause"] and row["blocked_until"] < until:
            write_limiter(connection, self.name, blocked_until=until, window_start=0.0, used=0)

    def _block(self, connection: Connection, *, seconds: float | None) -> float:
        row, now = read_limiter(connection, self.name), self._now()
        running = row["pause"] > 0 and now < row["blocked_until"] <= now + row["pause"]
        if running and seconds is None:
            return float(row["blocked_until"])
        pause = min(seconds or row["pause"] * 2 or self.first_pause, LONGEST_PAUSE)
        write_limiter(connection, self.name, blocked_until=now + pause, pause=pause, next_at=now + pause)
        return now + pause


def _follow_header(row: dict[str, Any], turn: Turn, left: int) -> dict[str, Any]:
    """List the changes after an answer: `left` requests are left in the exchange's window after this turn's."""
    since, rate = int(row["taken"]) - turn.serial, int(row["rate"]) or MOST
    if turn.window == row["window_start"] and (left == 0 or rate - left + since - row["used"] > SLIP):
        return _lower_rate(row, turn, left)
    rate = min(max(rate, left + 1), MOST)
    used = rate - left + since  # of the exchange's window, as far as it still runs
    if used > rate or used == row["used"]:
        return _pace(row, rate)
    if used > row["used"]:  # begun before ours: its end is not waited for, ours is
        return {"used": used} if turn.window == row["window_start"] else {}
    begun = turn.slot - (rate - left - 1) * WINDOW / rate
    return {**_pace(row, rate), "window_start": begun, "used": used}


def _lower_rate(row: dict[str, Any], turn: Turn, left: int) -> dict[str, Any]:
    """Fewer are left than a slip explains, or none: go by the header."""
    paced = _pace(row, max(1, min(left + turn.place, MOST)))
    return {**paced, "next_at": max(paced["next_at"], turn.window + WINDOW)} if left == 0 else paced


def _pace(row: dict[str, Any], rate: int) -> dict[str, Any]:
    """Another rate holds from the next turn on."""
    return {"rate": rate, "next_at": row["next_at"] - WINDOW / (row["rate"] or MOST) + WINDOW / rate}
