"""The results: a table in the terminal, one in docs/bench.md, and a file with every number."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from textwrap import fill
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bench.row import Row, Skipped

COLUMNS = ("work", "ours", "peer", "ratio", "limit", "target", "ok?")
WIDTH = 140
PAGE_WIDTH = 120
MARKS = {True: "yes", False: "NO", None: ""}
HOW = """\
`make bench` measures and writes this page; `bench/results.json` has every number. Ours and what one would take instead
are measured side by side in one run, each on the same rows. *Ratio* is our speed over the peer's: above 1 we are
faster. *Limit* is what is possible at all, and which share of it we reach. Ratios hold to about 30 % on another
machine, absolute figures do not, and what else runs beside it can cost any single line.
"""


def print_table(results: Sequence[Row | Skipped]) -> None:
    """Print the table, then a line for each note."""
    console = Console(highlight=False)
    console.width = console.width if console.is_terminal else WIDTH
    table = Table(box=SIMPLE_HEAD)
    for name in COLUMNS:
        table.add_column(name, justify="right" if name in ("ours", "ratio") else "left")
    before = ""
    for row in list_rows(results):
        work, ours, peer, ratio, limit, target, mark = list_cells(row)
        if work == before:
            # Beside several peers what they are compared with stands once.
            work = ours = limit = ""
        table.add_row(work, ours, peer, ratio, limit, target, Text(mark, "red" if row.reached is False else "green"))
        before = row.work
    console.print(table)
    for line in list_notes(results):
        console.print(line, soft_wrap=True, markup=False)


def write_results(
    folder: Path, results: Sequence[Row | Skipped], machine: Mapping[str, str], at: datetime, seconds: float
) -> list[Path]:
    """Write `bench/results.json` and `docs/bench.md` below the folder."""
    numbers, page = folder / "bench" / "results.json", folder / "docs" / "bench.md"
    for path in (numbers, page):
        path.parent.mkdir(parents=True, exist_ok=True)
    report = {
        **{"at": at.isoformat(timespec="seconds"), "seconds": round(seconds), "machine": dict(machine)},
        "rows": [describe_row(row) for row in list_rows(results)],
        "skipped": [asdict(one) for one in results if isinstance(one, Skipped)],
    }
    numbers.write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    page.write_text(write_page(results, machine, at, seconds), encoding="utf-8")
    return [numbers, page]


def write_page(results: Sequence[Row | Skipped], machine: Mapping[str, str], at: datetime, seconds: float) -> str:
    """Compose the page of docs/."""
    lines = [COLUMNS, ["---"] * len(COLUMNS), *(list_cells(row) for row in list_rows(results))]
    table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    notes = "\n".join(fill(note, PAGE_WIDTH, subsequent_indent="  ") for note in list_notes(results, "- "))
    kind = f"{machine['cores']} cores ({machine['processor']}), {machine['system']}, Python {machine['python']}"
    packages = ", ".join(f"{name} {what}" for name, what in list(machine.items())[4:])
    measured = f"Measured on {at:%Y-%m-%d} in {seconds:.0f} seconds on {kind}, {packages}."
    return f"# Measurements\n\n{HOW}\n{table}\n\n{notes}\n\n{fill(measured, PAGE_WIDTH)}\n"


def list_cells(row: Row) -> list[str]:
    """Write a row as the texts of its columns."""
    ours, theirs = f"{write_number(row.ours)} {row.unit}", f"{write_number(row.theirs)}, {row.peer}"
    ratio = f"{row.ratio:.2f}" if row.ratio < 10 else f"{row.ratio:.0f}"
    limit = f"{row.share:.0%} of {write_number(row.limit)}, {row.limit_name}" if row.limit and row.share else ""
    return [row.work, ours, theirs, ratio, limit, row.target.text if row.target else "", MARKS[row.reached]]


def describe_row(row: Row) -> dict[str, Any]:
    """Write a row with every number."""
    derived = {"ratio": row.ratio, "share_of_limit": row.share, "reached": row.reached}
    numbers = {**asdict(row), **derived, "target": row.target.text if row.target else ""}
    return {name: float(f"{value:.4g}") if isinstance(value, float) else value for name, value in numbers.items()}


def list_notes(results: Sequence[Row | Skipped], mark: str = "") -> list[str]:
    """List what was skipped and why, flaws and notes."""
    skipped = [(one.work, f"skipped, {one.why}") for one in results if isinstance(one, Skipped)]
    noted = [(row.work, text) for row in list_rows(results) for text in (row.flaw, row.note) if text]
    return [f"{mark}{work}: {text}." for work, text in (*skipped, *noted)]


def list_rows(results: Sequence[Row | Skipped]) -> list[Row]:
    return [one for one in results if isinstance(one, Row)]


def write_number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
