"""`python -m bench`: measure, print the table, and write it down."""

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from rich.console import Console

from bench.machine import describe_machine
from bench.measurements.bootstrap import measure_bootstrap
from bench.measurements.collection import measure_collection
from bench.measurements.features import measure_features
from bench.measurements.forecast import measure_forecast
from bench.measurements.judgement import measure_judgement
from bench.measurements.probation import measure_probation
from bench.measurements.rehearsal import measure_rehearsal
from bench.measurements.search import measure_search
from bench.measurements.stack import measure_stack
from bench.measurements.upsert import measure_upsert
from bench.report import print_table, write_results
from bench.row import Row, Skipped
from db_handler.clock import WallClock
from db_handler.errors import end_with_sentence

ROOT = Path(__file__).resolve().parents[1]


# How each kind of rows is measured, and for how many minutes.
KINDS: dict[str, tuple[Callable[[bool], Iterator[Row | Skipped]], int]] = {
    "collection": (measure_collection, 1),
    "upsert": (measure_upsert, 1),
    "features": (measure_features, 1),
    "search": (measure_search, 2),
    "forecast": (measure_forecast, 2),
    "bootstrap": (measure_bootstrap, 12),
    "judgement": (measure_judgement, 1),
    "probation": (measure_probation, 3),
    "monitoring": (measure_rehearsal, 12),
    "stack": (measure_stack, 12),
}


@end_with_sentence
def main(arguments: Sequence[str] | None = None) -> int:
    """Measure the kinds that were typed; a missed target is a line in the table, not a failure."""
    options = build_parser().parse_args(arguments)
    at, started = WallClock().now(), time.monotonic()
    rows = measure(options.only or list(KINDS), tiny=options.tiny)
    seconds = time.monotonic() - started
    print_table(rows)
    print(f"{len(rows)} lines in {seconds:.0f} s")
    whole = not options.tiny and not options.only
    if whole or options.into:
        paths = write_results(options.into or ROOT, rows, describe_machine(), at, seconds)
        print(f"written to {' and '.join(str(path) for path in paths)}")
    return 0


def measure(names: Sequence[str], *, tiny: bool) -> list[Row | Skipped]:
    """Measure one kind after the other, with a line on the terminal for each."""
    console, rows = Console(stderr=True), list[Row | Skipped]()
    for name in names:
        measure_kind, minutes = KINDS[name]
        console.print(f"measuring {name}" + ("" if tiny else f", some {minutes} min"))
        rows += measure_kind(tiny)
    return rows


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure, beside what one would take instead.")
    parser.add_argument("--only", nargs="+", choices=list(KINDS), help="these rows; they are printed, not written down")
    parser.add_argument("--tiny", action="store_true", help="tiny sizes: shows that it works, its figures mean nothing")
    parser.add_argument("--into", type=Path, metavar="FOLDER", help="write the results below this folder, whatever ran")
    return parser


if __name__ == "__main__":
    sys.exit(main())
