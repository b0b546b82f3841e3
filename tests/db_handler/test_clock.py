"""Clocks tell aware UTC; a virtual one moves only forward and is safe to share."""

import threading
from datetime import UTC, datetime, timedelta

import pytest

from db_handler.clock import VirtualClock, WallClock

START = datetime(2024, 1, 1, tzinfo=UTC)


def test_the_wall_clock_is_aware() -> None:
    assert WallClock().now().tzinfo is UTC
    WallClock().sleep(-1)


def test_a_virtual_clock_moves_by_sleeping_and_never_back() -> None:
    clock = VirtualClock(START)
    clock.sleep(90)
    clock.move_to(START)
    assert clock.now() == START + timedelta(seconds=90)
    clock.move_to(START + timedelta(days=1))
    assert clock.now() == START + timedelta(days=1)


def test_threads_share_it() -> None:
    clock = VirtualClock(START)
    threads = [threading.Thread(target=lambda: [clock.sleep(1) for _ in range(100)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert clock.now() == START + timedelta(seconds=400)


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        VirtualClock(datetime(2024, 1, 1))  # noqa: DTZ001
