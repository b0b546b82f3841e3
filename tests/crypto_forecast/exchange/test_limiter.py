"""The limiter's turns, by a clock that the tests set."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from crypto_forecast.exchange.client.errors import BlockedError, MissedTurnsError
from crypto_forecast.exchange.client.limiter import WINDOW, Limiter, Turn
from db_handler.connection.database import Connection, Database

NOW = datetime(2025, 1, 1, tzinfo=UTC)


class SetClock:
    """A clock that may also be set back."""

    def __init__(self) -> None:
        self.moment = NOW

    def now(self) -> datetime:
        return self.moment

    def sleep(self, seconds: float) -> None:
        self.moment += timedelta(seconds=max(seconds, 0.0))


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def limiter(database: Database, clock: SetClock) -> Limiter:
    return Limiter(database, clock, "exchange")


def seconds(turns: list[Turn]) -> list[float]:
    return [round(turn.slot - NOW.timestamp(), 3) for turn in turns]


def test_turns_are_evenly_paced_and_ten_fit_into_a_window(limiter: Limiter) -> None:
    turns = [limiter.take() for _ in range(21)]
    assert seconds(turns)[:3] == [0, 0.102, 0.205]
    assert [turn.place for turn in turns] == [*range(1, 11), *range(1, 11), 1]
    assert turns[20].slot - turns[0].slot == pytest.approx(2 * WINDOW)


def test_two_limiters_of_one_database_share_the_turns(database: Database, clock: SetClock, limiter: Limiter) -> None:
    other = Limiter(database, clock, "exchange")
    assert seconds([limiter.take(), other.take(), limiter.take()]) == [0, 0.102, 0.205]


def test_a_lower_limit_is_followed_at_once_and_so_is_a_higher_one(limiter: Limiter) -> None:
    first = limiter.take()
    limiter.learn(first, 4)
    turns = [limiter.take() for _ in range(5)]
    assert seconds(turns) == [0.205, 0.41, 0.615, 0.82, 1.025]
    limiter.learn(turns[-1], 9)
    assert seconds([limiter.take()]) == [1.128]


def test_nothing_left_means_waiting_for_the_next_window(limiter: Limiter) -> None:
    limiter.learn(limiter.take(), 0)
    assert seconds([limiter.take()]) == [WINDOW]


def test_a_window_that_began_later_than_thought_is_taken_over(limiter: Limiter) -> None:
    turns = [limiter.take() for _ in range(4)]
    limiter.learn(turns[3], 9)
    assert limiter.take().window == turns[3].slot


def test_a_window_that_slipped_while_others_were_under_way_costs_a_turn_at_most(limiter: Limiter) -> None:
    """The tenth of a window travelled slowly and began the exchange's next one; the answer comes two turns later."""
    turns = [limiter.take() for _ in range(12)]
    limiter.learn(turns[9], 9)
    limiter.learn(turns[10], 8)
    limiter.learn(turns[11], 7)
    rest = [limiter.take() for _ in range(20)]
    assert rest[-1].rate == 10
    assert rest[-1].slot - turns[9].slot < 2.3 * WINDOW + 0.01  # one turn lost at most


def test_a_window_that_began_earlier_is_not_overdrawn_and_meets_the_next(limiter: Limiter) -> None:
    turns = [limiter.take() for _ in range(2)]
    limiter.learn(turns[1], 7)  # one request of the exchange's window was not ours, or belonged to our last
    turns = [limiter.take() for _ in range(8)]
    assert [turn.place for turn in turns] == [*range(4, 11), 1]
    assert turns[-1].slot == pytest.approx(turns[0].window + WINDOW)


def test_a_clock_that_was_set_makes_nobody_wait(limiter: Limiter, clock: SetClock) -> None:
    limiter.take()
    for minutes in (-10, 10, -10):
        clock.moment += timedelta(minutes=minutes)
        before = clock.moment
        limiter.take()
        assert clock.moment - before < timedelta(seconds=1)


def test_a_block_is_no_longer_after_the_clock_was_set_back(limiter: Limiter, clock: SetClock) -> None:
    limiter.block(30)
    clock.moment -= timedelta(minutes=10)
    with pytest.raises(BlockedError) as blocked:
        limiter.take()
    assert blocked.value.until - clock.moment == timedelta(seconds=30)


def test_a_hold_moves_everybodys_next_turn(database: Database, clock: SetClock, limiter: Limiter) -> None:
    limiter.take()
    limiter.hold(2.0)
    assert seconds([Limiter(database, clock, "exchange").take()]) == [2.0]


def test_a_turn_that_comes_too_late_is_given_up(
    limiter: Limiter, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    limiter.take()
    slow = iter([0.5])
    monkeypatch.setattr(clock, "sleep", lambda wait: SetClock.sleep(clock, wait + next(slow, 0.0)))
    turn = limiter.take()
    assert turn.slot == pytest.approx(clock.moment.timestamp())


def test_a_turn_is_taken_however_long_the_database_takes(
    limiter: Limiter, database: Database, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each transaction takes 10, then 200 ms: the turns stay in their pace, and none is late."""
    for milliseconds in (10, 200):
        answer_slowly(database, clock, monkeypatch, seconds=milliseconds / 1000)
        limiter.take()
        turns = []
        for _ in range(20):
            turns.append(limiter.take())
            assert clock.moment.timestamp() - turns[-1].slot < 0.018
        paces = [later.slot - turn.slot for turn, later in pairwise(turns)]
        assert min(paces) > WINDOW / 10 - 1e-3
        assert max(paces) < max(WINDOW / 10 + 1e-3, 0.65)


def test_a_turn_that_never_comes_is_said_after_a_bounded_time(
    limiter: Limiter, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def look() -> datetime:  # a machine so busy that even a look at the clock takes 30 ms
        clock.sleep(0.03)
        return clock.moment

    monkeypatch.setattr(clock, "now", look)
    with pytest.raises(MissedTurnsError, match="100 turns in a row were missed"):
        limiter.take()
    assert MissedTurnsError.exit_status == 75


def answer_slowly(database: Database, clock: SetClock, monkeypatch: pytest.MonkeyPatch, *, seconds: float) -> None:
    begin = Database.begin

    @contextmanager
    def begin_slowly(self: Database, *, writing: bool = True) -> Iterator[Connection]:
        clock.moment += timedelta(seconds=seconds)
        with begin(self, writing=writing) as connection:
            yield connection

    monkeypatch.setattr(database, "begin", begin_slowly.__get__(database))
