"""One page with what the loop did, that opens offline: the headline, plots and tables."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

import plotly.graph_objects as go

from crypto_forecast.report.candles_plot import plot_candles
from crypto_forecast.report.decisions_plot import plot_decisions
from crypto_forecast.report.events import list_marks
from crypto_forecast.report.loss_plot import plot_loss
from crypto_forecast.report.measures import measure_phases, tell_story
from crypto_forecast.report.page import write_page, write_section, write_tiles
from crypto_forecast.report.plot_style import mark_moments
from crypto_forecast.report.records import Records, read_records
from crypto_forecast.report.tables import table_of_models, table_of_phases, table_of_rows, table_of_turns
from db_handler.connection.database import Database
from service.spec import Spec

LEAD = timedelta(days=3)  # shown before the first prediction
WITHOUT_PREDICTIONS = timedelta(days=60)


def write_report(database: Database, specs: Mapping[str, Spec], path: Path, *, change: datetime | None) -> Path:
    """Write the page from what the database holds, and say where it is."""
    records = read_records(database, specs, change)
    page = write_page(compose_sections(records))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page, encoding="utf-8")
    return path


def compose_sections(records: Records) -> list[str]:
    """Put the page together, section by section."""
    phases, span = measure_phases(records), find_span(records)

    def mark(figure: go.Figure) -> go.Figure:
        return mark_moments(figure, list_marks(records), span)

    candles = [mark(plot_candles(records, config, span)) for config in records.specs]
    return [
        write_tiles(records, phases, tell_story(records, phases)),
        write_section("Live loss against the baseline", LOSS_NOTE, [mark(plot_loss(records, span))], ""),
        write_section("Decisions", DECISIONS_NOTE, [mark(plot_decisions(records, span))], table_of_turns(records)),
        write_section("Live scores beside the naive rules", SCORES_NOTE, [], table_of_phases(phases, records)),
        write_section("Candles, and the range predicted for each", CANDLES_NOTE, candles, ""),
        write_section("Models and their evidence", MODELS_NOTE, [], table_of_models(records)),
        write_section("Rows", ROWS_NOTE, [], table_of_rows(records)),
    ]


def find_span(records: Records) -> tuple[datetime, datetime]:
    """Find the time that all plots show: the live part, or the last candles where there is none."""
    slots = records.predictions["target_slot"]
    if slots.empty:
        slots = records.candles["slot"]
        end = slots.max().to_pydatetime() if len(slots) else datetime.fromisoformat("2025-01-01T00:00+00:00")
        return end - WITHOUT_PREDICTIONS, end
    first, last = slots.min().to_pydatetime(), slots.max().to_pydatetime()
    return first - min(LEAD, (last - first) / 10), last + LEAD / 2


LOSS_NOTE = (
    "Squared error of the log range, summed over the last seven days, divided by that of the baseline rule (EWMA). "
    "Only predictions of the champion that serves count, so a line begins anew after a promotion."
)
DECISIONS_NOTE = (
    "Monitoring asks after every candle whether to retrain; each challenger faces the gate. Hover for the reasons."
)
SCORES_NOTE = (
    "RMSE of the log range of live predictions. Coverage is the share of outcomes inside the interval, 0.8 is wanted."
)
CANDLES_NOTE = "A range is how far a candle's high stands above its low. Drag to zoom, double-click to go back."
ROWS_NOTE = "What was collected, and the slots of the grid that hold no candle."
MODELS_NOTE = (
    "Loss on walk-forward rows over a rival's on the same rows, with the p-value of a one-sided block bootstrap."
)
