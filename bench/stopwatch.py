"""Times side by side."""

import gc
import time
from collections.abc import Callable, Mapping

Work = Callable[[], object]


def time_work(work: Work) -> float:
    """Time one call; garbage of earlier ones is collected before."""
    gc.collect()
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def time_in_turn(ways: Mapping[str, Work], *, rounds: int, before: Work = lambda: None) -> dict[str, float]:
    """Find the best time of each way; they take turns, so that a busy moment of the machine affects all."""
    best = dict.fromkeys(ways, float("inf"))
    for _ in range(rounds):
        for name, work in ways.items():
            before()
            best[name] = min(best[name], time_work(work))
    return best
