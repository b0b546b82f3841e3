"""Times side by side."""

import gc
import time
from collections.abc import Callable, Mapping

Work = Callable[[], object]


def time_work(work: Work) -> float:
    """Seconds that one call takes, without the collection of what others left behind."""
    gc.collect()
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def time_in_turn(ways: Mapping[str, Work], *, rounds: int, before: Work = lambda: None) -> dict[str, float]:
    """The best time of each way; they take turns, so that a busy moment of the machine meets them all."""
    best = dict.fromkeys(ways, float("inf"))
    for _ in range(rounds):
        for name, work in ways.items():
            before()
            best[name] = min(best[name], time_work(work))
    return best
