"""Run a server of Airflow whose processes share the memory of their imports.

Python's garbage collector writes to every object that it visits, and a page that is written to is no longer shared: an
idle stack would hold the same imports several times.
"""

import gc
import os
import runpy


def share() -> None:
    """Exclude all present objects from garbage collection; at the first fork those are the imports, which stay."""
    if not gc.get_freeze_count():
        gc.freeze()


def main() -> None:
    """Run `airflow` with the arguments of this program."""
    os.register_at_fork(before=share)
    gc.unfreeze = lambda: None  # the LocalExecutor calls it when it has forked its workers
    runpy.run_module("airflow", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
