"""`python -m bench`: measure, print the table, and write it down."""

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from bench.machine import describe_machine
from bench.measurements import bootstrap, collection, features, judgement, rehearsal, search, stack, upsert
from bench.report import print_table, write_results
from bench.row import Row, Skipped
from db_handler.clock import WallClock
from db_handler.errors import end_with_sentence

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Kind:
    """One kind of rows: how it is measured, with which sizes, and with tiny ones."""

    measure: Callable[[Any], Iterator[Row | Skipped]]
    minutes: int
    sizes: object
    tiny: object


KINDS = {
    "collection": Kind(collection.measure_collection, 1, collection.Sizes(), collection.TINY),
    "upsert": Kind(upsert.measure_upsert, 1, upsert.Sizes(), upsert.TINY),
    "features": Kind(features.measure_features, 1, features.Sizes(), features.TINY),
    "search": Kind(search.measure_search, 2, search.Sizes(), search.TINY),
    "bootstrap": Kind(bootstrap.measure_bootstrap, 12, bootstrap.Sizes(), bootstrap.TINY),
    "judgement": Kind(judgement.measure_judgement, 1, judgement.Sizes(), judgement.TINY),
    "monitoring": Kind(rehearsal.measure_rehearsal, 12, rehearsal.Sizes(), rehearsal.TINY),
    "stack": Kind(stack.measure_stack, 12, stack.Sizes(), stack.TINY),
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
        kind = KINDS[name]
        console.print(f"measuring {name}" + ("" if tiny else f", some {kind.minutes} min"))
        rows += kind.measure(kind.tiny if tiny else kind.sizes)
    return rows


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure, beside what one would take instead.")
    parser.add_argument("--only", nargs="+", choices=list(KINDS), help="these rows; they are printed, not written down")
    parser.add_argument("--tiny", action="store_true", help="tiny sizes: shows that it works, its figures mean nothing")
    parser.add_argument("--into", type=Path, metavar="FOLDER", help="write the results below this folder, whatever ran")
    return parser


if __name__ == "__main__":
    sys.exit(main())
