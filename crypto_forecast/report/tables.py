"""Tables of the page; whatever stands in a cell is escaped."""

from collections.abc import Iterable, Sequence
from html import escape
from itertools import zip_longest

import pandas as pd

from crypto_forecast.report.events import list_turns, show_time
from crypto_forecast.report.measures import POOLED, count_rows, list_models, rules_of
from crypto_forecast.report.records import Records

NUMERIC = frozenset("0123456789+-.,%")
SHORT = 20  # cells up to here stay on one line


def write_table(heads: Sequence[str], rows: Sequence[Sequence[str]], *, strong: Iterable[bool] = ()) -> str:
    """Write a table; the rows that are `strong` stand out, columns of numbers stand to the right."""
    right = [bool(rows) and all(set(row[number]) <= NUMERIC for row in rows) for number in range(len(heads))]
    head = _write_cells("th", heads, right)
    lines = [
        f"<tr{' class=strong' if stands_out else ''}>{_write_cells('td', row, right)}</tr>"
        for row, stands_out in zip_longest(rows, strong)
    ]
    return f"<div class=scroll><table><thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table></div>"


def table_of_rows(records: Records) -> str:
    """Write what was collected per market."""
    heads = ["market", "first (KST)", "last (KST)", "candles", "model rows", "gaps"]
    return write_table(heads, list_market_cells(records))


def list_market_cells(records: Records) -> list[list[str]]:
    """List the cells of what was collected per market."""
    return [
        [row["market"], *row["ends"], f"{row['candles']:,}", f"{row['features']:,}", write_gaps(row["gaps"])]
        for row in count_rows(records)
    ]


def table_of_phases(phases: pd.DataFrame, records: Records) -> str:
    """Write the live scores of each phase beside the naive rules'."""
    names = ["ratio", "coverage", "model", *rules_of(records)]
    rows = [
        [phase, "all together" if config == POOLED else config, f"{count:,}", *[f"{value:.3f}" for value in values]]
        for phase, config, count, *values in phases[["phase", "config", "rows", *names]].itertuples(index=False)
    ]
    heads = ["when", "config", "live predictions", "loss / baseline", "coverage", "RMSE of model"]
    return write_table([*heads, *rules_of(records)], rows, strong=phases["config"] == POOLED)


def table_of_models(records: Records) -> str:
    """Write the models with their evidence."""
    rivals = [*rules_of(records), "champion"]
    rows = []
    for model in list_models(records):
        row, times = model.row, [show_time(model.row.at), show_time(model.row.training_end)]
        against = [model.evidence[rival] for rival in rivals]
        evidence = ["-" if not one else f"{one['ratio']:.3f} (p {one['p']:.3f})" for one in against]
        rows.append([row.config, str(row.version), model.verdict, *times, f"{model.rows:,}", *evidence])
    strong = [row[2] == "promoted" for row in rows]
    heads = ["config", "version", "verdict", "trained at (KST)", "training end (KST)", "rows"]
    return write_table([*heads, *[f"against {rival}" for rival in rivals]], rows, strong=strong)


def table_of_turns(records: Records) -> str:
    """Write every decision other than `no`, with its reasons."""
    rows = []
    for turn in list_turns(records):
        times = f" until {show_time(turn.until)} ({turn.count} checks)" if turn.count > 1 else ""
        when, configs = f"{show_time(turn.at)}{times}", ", ".join(turn.configs)
        rows.append([when, configs, turn.subject, turn.outcome, "; ".join(turn.reasons)])
    return write_table(["when (KST)", "config", "about", "decision", "reasons"], rows)


def write_gaps(gaps: dict[str, int]) -> str:
    """Write how many slots are empty for which reason."""
    return ", ".join(f"{count} {reason.replace('_', ' ')}" for reason, count in gaps.items()) or "none"


def _write_cells(tag: str, cells: Sequence[str], right: Sequence[bool]) -> str:
    return "".join(
        f"<{tag}{' class=number' if number else ' class=short' if len(cell) < SHORT else ''}>{escape(cell)}</{tag}>"
        for cell, number in zip(cells, right, strict=True)
    )
