"""The errors of the exchange, each with its sentence."""

from datetime import datetime

from db_handler.errors import AwayError, QuartetError


class ExchangeError(QuartetError):
    """The exchange refused, or its answers can't be used."""


class ExchangeAwayError(ExchangeError, AwayError):
    """The exchange can't answer just now; the same may well succeed in a while."""


class MissedTurnsError(ExchangeAwayError):
    """No turn of the shared limit was taken in time, again and again."""


class BlockedError(ExchangeAwayError):
    """The exchange has blocked this address for a while; nobody asks until then."""

    def __init__(self, host: str, until: datetime) -> None:
        super().__init__(
            f"{host} has blocked this address until {until:%Y-%m-%d %H:%M:%S} UTC (418): nothing is asked before; "
            "run again after that."
        )
        self.until = until


class DirtyAnswerError(ExchangeError):
    """Too many rows of a page can't be right."""


class FlawError(Exception):
    """One try failed in a way that another try may not; the client turns the last one into an ExchangeError."""


class TooManyError(Exception):
    """429: the whole group has to wait."""
