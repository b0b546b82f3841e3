"""A SIGTERM is remembered, whatever a library makes of it."""

import signal
import time

from tests.db_handler.candles import start_python

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
