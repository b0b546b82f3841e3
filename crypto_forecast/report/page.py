"""The page itself: its head, its headline with tiles, and its sections; nothing in it asks another server."""

from collections.abc import Sequence
from html import escape
from pathlib import Path

import pandas as pd
import plotly.graph_objects as go
from plotly.offline import get_plotlyjs

from crypto_forecast.report.events import find_alarm
from crypto_forecast.report.measures import pooled_ratios
from crypto_forecast.report.records import Records

STYLE = Path(__file__).with_name("page.css")
CONFIG = {
    "displaylogo": False,
    "displayModeBar": "hover",
    "responsive": True,
    "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d"],
}
# The browser itself refuses whatever would leave the page.
POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:"


def write_page(sections: Sequence[str]) -> str:
    """Write the whole page; plotly's own script is in it once."""
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<title>Quartet: what the loop did</title>
<style>{STYLE.read_text(encoding="utf-8")}</style>
<script>{get_plotlyjs()}</script>
</head>
<body>
<main>
{"".join(sections)}
<footer>All times are KST (Asia/Seoul, UTC+09:00). Written from the database alone.</footer>
</main>
</body>
</html>
"""


def write_section(title: str, note: str, figures: Sequence[go.Figure], table: str) -> str:
    """Write a section: its title, what to know before looking, plots, a table."""
    plots = "".join(figure.to_html(full_html=False, include_plotlyjs=False, config=CONFIG) for figure in figures)
    return f"<section><h2>{escape(title)}</h2><p class=note>{escape(note)}</p>{plots}{table}</section>\n"


def write_tiles(records: Records, phases: pd.DataFrame, story: Sequence[str]) -> str:
    """Write the headline: what happened, and the few numbers that matter."""
    ratios, alarm = pooled_ratios(phases), find_alarm(records)
    tiles = [("candles", f"{len(records.candles):,}"), ("predictions", f"{len(records.predictions):,}")]
    tiles += [(f"loss / baseline, {phase}", f"{ratio:.2f}") for phase, ratio in ratios.items()]
    if records.change is not None and alarm is not None:
        tiles.append(("days from change to alarm", str((alarm - records.change).days)))
    written = "".join(
        f"<div class=tile><b>{escape(value)}</b><span>{escape(name)}</span></div>" for name, value in tiles
    )
    sentences = "".join(f"<p>{escape(sentence)}</p>" for sentence in story)
    return f"<header><h1>What the loop did</h1>{sentences}<div class=tiles>{written}</div></header>\n"
