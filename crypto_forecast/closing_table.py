"""The end of a played loop in the terminal: rows, models, scores, decisions, times, and what to type next."""

import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import pandas as pd
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from crypto_forecast.report.events import Turn, list_rivals, list_turns, show_time
from crypto_forecast.report.measures import POOLED, list_models, measure_phases, rules_of, tell_story
from crypto_forecast.report.records import Records, read_records
from crypto_forecast.report.tables import list_market_cells
from db_handler.connection.database import Database
from service.spec import Spec

WIDTH = 100
WHY = 44  # letters of a reason; the page has all of them
CLEAR = 0.05


def print_closing_table(
    database: Database,
    specs: Mapping[str, Spec],
    *,
    report: Path,
    home: Path,
    change: datetime | None = None,
    seconds: Mapping[str, float] | None = None,
) -> None:
    """Print what the loop did; without `seconds` the time of each step is what the ledger knows."""
    records = read_records(database, specs, change)
    phases = measure_phases(records)
    console = Console(file=sys.stdout, highlight=False)
    console.width = min(console.width, WIDTH) if console.is_terminal else WIDTH
    spent = records.runs.groupby("step")["seconds"].sum().sort_values(ascending=False)
    times = table_of_times(seconds or {str(step): float(value) for step, value in spent.items()})
    reached = (table_of_phases(phases, records), table_of_turns(records), times)
    console.print(table_of_rows(records), table_of_models(records), *reached, sep="\n")
    lines = [
        *tell_story(records, phases),
        "",
        f"Report with plots:         {report}",
        f"Experiments and models:    QUARTET_HOME={home} make mlflow",
        f"Go on from here:           QUARTET_HOME={home} make run p={records.project} k=train c={next(iter(specs))}",
    ]
    for line in lines:
        console.print(Text(line), soft_wrap=True)


def table_of_rows(records: Records) -> Table:
    """Show what was collected per market."""
    table = _start_table("Rows", ["market", "from (KST)", "to (KST)"], right=["candles", "model rows"], last="gaps")
    for cells in list_market_cells(records):
        _add_row(table, cells)
    return table


def table_of_models(records: Records) -> Table:
    """Show each model with its loss over every rival's on the same walk-forward rows."""
    rivals = [*rules_of(records), "champion"]
    left = ["config", "trained (KST)", "verdict"]
    table = _start_table("Models: loss over that of", left, right=["version", "rows", *rivals])
    for model in list_models(records):
        row = model.row
        evidence = [model.evidence[rival] for rival in rivals]
        ratios = ["-" if not one else f"{one['ratio']:.2f}{' ' if one['p'] < CLEAR else '?'}" for one in evidence]
        cells = [row.config, show_time(row.at), model.verdict, str(row.version), f"{model.rows:,}", *ratios]
        _add_row(table, cells)
    table.caption = f"walk-forward rows; ? where p is not below {CLEAR:g}"
    return table


def table_of_phases(phases: pd.DataFrame, records: Records) -> Table:
    """Show the live scores beside the naive rules'."""
    scores = ["model", *rules_of(records), "coverage"]
    table = _start_table("Live: RMSE of the log range", ["when", "config"], right=["rows", *scores, "loss/base"])
    named = phases.assign(phase=phases["phase"].mask(phases["phase"].duplicated(), ""))
    for phase, config, count, *values in named[["phase", "config", "rows", *scores, "ratio"]].itertuples(index=False):
        _add_row(table, [phase, config, f"{count:,}", *[f"{value:.3f}" for value in values]], strong=config == POOLED)
    return table


def table_of_turns(records: Records) -> Table:
    """Show every decision other than `no`."""
    table = _start_table("Decisions", ["when (KST)", "config", "decision"], right=[], last="why")
    for turn in list_turns(records):
        times = f" ({turn.count} checks)" if turn.count > 1 else ""
        _add_row(table, [show_time(turn.at), ", ".join(turn.configs), f"{turn.outcome}{times}", shorten_why(turn)])
    return table


def shorten_why(turn: Turn) -> str:
    """Say why in a few words: the ratios that called, the closest rival of what was promoted, else a reason."""
    against = list_rivals(turn.numbers)
    windows = [window["ratio"] for window in turn.numbers.get("windows") or ()]
    if turn.verdict == "promoted" and against:
        closest = "champion" if "champion" in against else max(against, key=lambda rival: against[rival]["ratio"])
        rival = "the champion" if closest == "champion" else closest
        return f"{against[closest]['ratio']:.2f} of {rival}'s loss, p {against[closest]['p']:.3f}"
    if turn.verdict == "retrain" and windows:
        return f"loss ratio {', '.join('-' if ratio is None else f'{ratio:.2f}' for ratio in windows)} (newest first)"
    first = turn.reasons[-1 if turn.verdict == "wait" else 0] if turn.reasons else ""
    return first if len(first) <= WHY else f"{first[: WHY - 3].rstrip()}..."


def table_of_times(seconds: Mapping[str, float]) -> Table:
    """Show the time of each step, summed over all moments and configs."""
    table = _start_table("Time of each step", ["step"], right=["seconds"])
    for step, spent in seconds.items():
        _add_row(table, [step, f"{spent:,.1f}"])
    return table


def _start_table(title: str, left: list[str], *, right: list[str], last: str | None = None) -> Table:
    """Start a table with columns that keep their width, and perhaps a last one that wraps."""
    table = Table(title=f"\n{title}", title_style="bold", title_justify="left", caption_justify="left", box=SIMPLE_HEAD)
    table.pad_edge, table.collapse_padding, table.min_width = False, True, len(title)
    for name in left:
        table.add_column(name, no_wrap=True)
    for name in right:
        table.add_column(name, no_wrap=True, justify="right")
    if last is not None:
        table.add_column(last)
    return table


def _add_row(table: Table, cells: list[str], *, strong: bool = False) -> None:
    """Add plain text: what stands in the database is neither markup nor an escape sequence."""
    plain = ("".join(letter if letter.isprintable() else " " for letter in cell) for cell in cells)
    table.add_row(*[Text(cell) for cell in plain], style="bold" if strong else "", end_section=strong)
