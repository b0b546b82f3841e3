"""Runs a server of Airflow such that the processes it splits into go on sharing what was loaded before.

Python's garbage collector writes to every object that it looks at, and a page that is written to is shared no more: an
idle stack then holds the same imports several times over.
"""

import gc
import os
import runpy


def share() -> None:
    """Have the collector look no more at what exists by now; at the first split that is what was loaded, and stays."""
    if not gc.get_freeze_count():
        gc.freeze()


def main() -> None:
    """Run `airflow` with the words that follow."""
    os.register_at_fork(before=share)
    gc.unfreeze = lambda: None  # what the LocalExecutor calls when its workers have split off
    runpy.run_module("airflow", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
