"""A SIGTERM is remembered, whatever a library makes of it, and a step ends with its task, however long it takes."""

import os
import signal
import subprocess
import sys
import textwrap
import time

from service.contract.ending import LIFELINE
from tests.db_handler.candles import ROOT, start_python

FIT = """
    import numpy as np
    from catboost import CatBoostRegressor
    from service.contract.ending import listen_for_end, was_terminated
    listen_for_end()
    rows = np.random.default_rng(7).normal(size=(4000, 30))
    model = CatBoostRegressor(iterations=100_000, verbose=False, thread_count=1, allow_writing_files=False)
    print("fits", flush=True)
    try:
        model.fit(rows, rows[:, 0])
    except KeyboardInterrupt:
        print(was_terminated())
"""


def test_a_sigterm_in_the_middle_of_a_catboost_fit_is_no_ctrl_c() -> None:
    process = start_python(FIT)
    assert process.stdout is not None
    assert process.stdout.readline() == "fits\n"
    time.sleep(1.5)  # until the library's own code runs
    process.send_signal(signal.SIGTERM)
    out, _ = process.communicate(timeout=60)
    assert out == "True\n"


SHUTS_DOWN = """
    import time
    from service.contract import ending
    class Slow:
        def __del__(self, sleep=time.sleep):
            print("shuts down", flush=True)
            sleep(30)
    slow, ending.SECONDS_TO_END = Slow(), 0.3
    ending.listen_for_end()
    print("works", flush=True)
    time.sleep(30)
"""


def test_a_step_that_takes_long_to_shut_down_ends_with_its_task_all_the_same() -> None:
    program = [sys.executable, "-c", textwrap.dedent(SHUTS_DOWN)]
    lifeline = {**os.environ, LIFELINE: "0"}  # what a task that is gone leaves: the end of a pipe
    with subprocess.Popen(
        program, cwd=ROOT, env=lifeline, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == "works\n"
        process.stdin.close()
        assert process.stdout.readline() == "shuts down\n"
        assert process.wait(timeout=15) == -signal.SIGALRM
