"""Tables of the page; whatever stands in a cell is escaped."""

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

import pandas as pd

from crypto_forecast.report.events import list_turns, show_time
from crypto_forecast.report.measures import POOLED, count_rows, list_models, rules_of
from crypto_forecast.report.records import Records

NUMERIC = frozenset("0123456789+-.,%")
SHORT = 20  # cells up to here stay on one line


def write_table(heads: Sequence[str], rows: Iterable[Sequence[str]], *, strong: Iterable[int] = ()) -> str:
    """Write a table; the rows with the numbers in `strong` stand out, columns of numbers stand to the right."""
    cells, standing_out = [list(row) for row in rows], set(strong)
    right = [bool(cells) and all(set(row[number]) <= NUMERIC for row in cells) for number in range(len(heads))]
    head = _write_cells("th", heads, right)
    lines = [
        f"<tr{' class=strong' if number in standing_out else ''}>{_write_cells('td', row, right)}</tr>"
        for number, row in enumerate(cells)
    ]
    return f"<div class=scroll><table><thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table></div>"


def table_of_rows(records: Records) -> str:
    """Write what was collected per market."""
    rows = [
        [
            row["market"],
            f"{row['candles']:,}",
            *[show_time(row[end]) if row[end] else "-" for end in ("first", "last")],
            f"{row['features']:,}",
            write_gaps(row["gaps"]),
        ]
        for row in count_rows(records)
    ]
    return write_table(["market", "candles", "first (KST)", "last (KST)", "model rows", "gaps"], rows)


def table_of_phases(phases: pd.DataFrame, records: Records) -> str:
    """Write the live scores of each phase beside the naive rules'."""
    names = ["ratio", "coverage", "model", *rules_of(records)]
    rows = [
        [
            one["phase"],
            "all together" if one["config"] == POOLED else one["config"],
            f"{one['rows']:,}",
            *[f"{one[name]:.3f}" for name in names],
        ]
        for one in phases.to_dict("records")
    ]
    strong = [number for number, config in enumerate(phases["config"]) if config == POOLED]
    heads = ["when", "config", "live predictions", "loss / baseline", "coverage", "RMSE of model"]
    return write_table([*heads, *rules_of(records)], rows, strong=strong)


def table_of_models(records: Records) -> str:
    """Write the models with their evidence."""
    rivals = [*rules_of(records), "champion"]
    rows = [
        [
            model.row.config,
            str(model.row.version),
            model.verdict.replace("_", " "),
            show_time(model.row.at),
            show_time(model.row.training_end),
            f"{model.rows:,}",
            *[write_evidence(model.evidence[rival]) for rival in rivals],
        ]
        for model in list_models(records)
    ]
    strong = [number for number, row in enumerate(rows) if row[2] == "promoted"]
    heads = ["config", "version", "verdict", "trained at (KST)", "training end (KST)", "rows"]
    return write_table([*heads, *[f"against {rival}" for rival in rivals]], rows, strong=strong)


def table_of_turns(records: Records) -> str:
    """Write every decision other than `no`, with its reasons."""
    rows = []
    for turn in list_turns(records):
        times = f" until {show_time(turn.until)} ({turn.count} checks)" if turn.count > 1 else ""
        version = f" version {turn.version}" if turn.version is not None else ""
        what = f"{turn.verdict.replace('_', ' ')}{version}"
        rows.append(
            [f"{show_time(turn.at)}{times}", ", ".join(turn.configs), turn.subject, what, "; ".join(turn.reasons)]
        )
    return write_table(["when (KST)", "config", "about", "decision", "reasons"], rows)


def write_gaps(gaps: dict[str, int]) -> str:
    """Write how many slots are empty for which reason."""
    return ", ".join(f"{count} {reason.replace('_', ' ')}" for reason, count in gaps.items()) or "none"


def write_evidence(evidence: dict[str, Any] | None) -> str:
    """Write a ratio of losses with its p-value."""
    return "-" if not evidence else f"{evidence['ratio']:.3f} (p {evidence['p']:.3f})"


def _write_cells(tag: str, cells: Sequence[str], right: Sequence[bool]) -> str:
    return "".join(
        f"<{tag}{' class=number' if number else ' class=short' if len(cell) < SHORT else ''}>{escape(cell)}</{tag}>"
        for cell, number in zip(cells, right, strict=True)
    )
