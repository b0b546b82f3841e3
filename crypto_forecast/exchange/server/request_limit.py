"""The stand-in's limit: a number of requests in a window that starts at its first one, then 429, then 418."""

WINDOW = 1.0
# Nobody knows Upbit's own numbers; nothing relies on these.
FORGIVEN = 5
MEMORY = 10.0
FIRST_BLOCK = 60.0


class RequestLimit:
    """Counts per group of endpoints; times are seconds of the stand-in's clock."""

    def __init__(self, limit: int = 10) -> None:
        self.limit = limit
        self._windows: dict[str, tuple[float, int]] = {}
        self._refused: list[float] = []
        self._blocked_until = 0.0
        self._block = FIRST_BLOCK

    def enter(self, group: str, now: float, limit: int | None = None) -> tuple[tuple[int, str] | None, int]:
        """Answer the refusal, if any, and the requests that this window has left."""
        if now < self._blocked_until:
            return self._say_blocked(now), 0
        start, used = self._windows.get(group, (now, 0))
        if not 0 <= now - start < WINDOW:
            start, used = now, 0
        allowed = limit or self.limit
        if used >= allowed:
            return self._refuse(now), 0
        self._windows[group] = start, used + 1
        return None, allowed - used - 1

    def _refuse(self, now: float) -> tuple[int, str]:
        self._refused = [moment for moment in self._refused if now - moment < MEMORY] + [now]
        if len(self._refused) <= FORGIVEN:
            return 429, "Too many API requests."
        self._blocked_until, self._block, self._refused = now + self._block, self._block * 2, []
        return self._say_blocked(now)

    def _say_blocked(self, now: float) -> tuple[int, str]:
        seconds = round(self._blocked_until - now) or 1
        return 418, f'{{"error": {{"name": 418, "message": "Blocked for {seconds} seconds."}}}}'
