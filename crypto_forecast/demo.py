"""The whole loop once, visibly, on a virtual clock over real candles: `make demo`."""

import argparse
import logging
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from crypto_forecast.demo_home import build_world, hold_home
from crypto_forecast.exchange.ticker.play_moments import AFTER_CLOSE, CLOSE, list_moments
from crypto_forecast.exchange.world import World
from crypto_forecast.report.events import list_rivals
from db_handler.errors import QuartetError, UsageError, end_with_sentence
from service.contract.kinds import KINDS
from service.step.outcome import Outcome, worst_status
from service.step.platform import Platform
from service.workflow.open_platform import move_now, open_platform
from service.workflow.run_kind import run_kind

HOME = Path("artifacts/demo")
WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Story:
    """What the demo plays: when it goes live, for how long, and how the world changes on the way."""

    live: datetime = datetime(2025, 1, 20, tzinfo=UTC)
    days: int = 62
    change: datetime | None = datetime(2025, 2, 20, tzinfo=UTC)
    factor: float = 8.0

    def moments(self) -> Iterator[datetime]:
        """Every close of a candle, and five minutes."""
        return list_moments(self.live, self.live + timedelta(days=self.days))


@end_with_sentence
def main() -> int:
    """Play the demo from the command line."""
    description = "Play the whole loop once on a virtual clock."
    parser = argparse.ArgumentParser(prog="crypto_forecast.demo", description=description)
    parser.add_argument("--no-change", action="store_true", help="leave the world as it was: nothing may trigger")
    parser.add_argument("--days", type=int, default=Story.days, help=f"live days to play (default {Story.days})")
    options = parser.parse_args()
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(message)s")
    try:
        show(replace(Story(), days=options.days, change=None if options.no_change else Story.change))
    except KeyboardInterrupt:
        sys.stderr.write("Stopped; make demo plays it again from the beginning.\n")
        return 130
    return 0


def show(story: Story, home: Path = HOME) -> None:
    """Play the story in a terminal, and end with the table, the report and what to type next."""
    from crypto_forecast.closing_table import print_closing_table
    from crypto_forecast.report.write_report import write_report

    started = time.monotonic()
    console = Console(stderr=True, soft_wrap=True)
    change = f"; on {story.change:%Y-%m-%d} the world changes" if story.change else "; the world stays as it is"
    days = f"{story.days} live days from {story.live:%Y-%m-%d}"
    console.print(f"Quartet's demo: real candles of the exchange, {days}{change}.")
    platform = play(story, home, console)
    database, specs = platform.database, platform.specs
    report = write_report(database, specs, home.resolve() / "report.html", change=story.change)
    print_closing_table(database, specs, report=report, home=home, change=story.change)
    console.print(f"The whole loop took {time.monotonic() - started:.0f} s.")


def play(story: Story, home: Path, console: Console) -> Platform:
    """Play the story in a home of its own: history and first champions, then every candle at its close."""
    moments = list(story.moments())
    world = World(change=story.change, factor=story.factor)
    if not moments or moments[-1] > world.end:
        most = (world.end - story.live) // timedelta(days=1)
        raise UsageError(f"{story.days} live days can't be played: from {story.live:%Y-%m-%d} on there are 1 to {most}")
    with hold_home(home):
        return _play_world(story, world, home, moments, console)


def _play_world(story: Story, world: World, home: Path, moments: list[datetime], console: Console) -> Platform:
    build_world(world, home, moments[0])
    platform = open_platform("crypto_forecast")
    console.print("Collecting the history and training the first champions.")
    with _show_progress(console) as progress:
        task = progress.add_task("history and first champions", total=len(moments))
        for kind in KINDS:
            _advance(platform, kind, moments[0], console)
        for at in moments[1:]:
            if story.change is not None and at - AFTER_CLOSE <= story.change < at - AFTER_CLOSE + CLOSE:
                wider = f"Every candle's log range is {story.factor:g} times as wide from now on."
                console.print(f"[bold]{story.change:%Y-%m-%d}: the world changes.[/] {wider}")
            move_now(platform, platform.clock.now(), at)
            for kind in ("data", "inference", "monitoring"):
                _advance(platform, kind, at, console)
            progress.update(task, advance=1, description=f"live on {at:%Y-%m-%d %H:%M} UTC")
            if not console.is_terminal and (at - moments[0]) % WEEK == timedelta(0):
                console.print(f"live until {at:%Y-%m-%d %H:%M} UTC")
    return platform


def _advance(platform: Platform, kind: str, at: datetime, console: Console) -> None:
    """Run one workflow at one moment; what fails ends the demo with its sentence."""
    outcomes = run_kind(platform, kind, list(platform.specs), at=at, now=platform.clock.now(), cause="clock")
    if worst_status(outcomes.values()) == "failed":
        results = [result for outcome in outcomes.values() for result in outcome.results.values()]
        raise QuartetError(next(result["error"] for result in results if "error" in result))
    if kind in ("train", "monitoring"):
        platform.messenger.flush()
    for config, outcome in outcomes.items():
        for decision in _read_decisions(outcome, at):
            if decision["verdict"] != "no":
                console.print(f"{at:%Y-%m-%d %H:%M} UTC  {config}  {_describe_decision(decision)}", highlight=False)


def _describe_decision(decision: dict[str, Any]) -> str:
    """Say in a line what was decided: a promotion by its numbers, all else by its first reason."""
    if decision["verdict"] != "promoted":
        return f"[bold yellow]{decision['verdict'].replace('_', ' ')}[/]: {decision['reasons'][0]}"
    rivals = list_rivals(decision.get("numbers", {}))
    ratios = ", ".join(f"{value['ratio']:.2f} of {name}'s" for name, value in rivals.items())
    return f"[bold green]version {decision['version']} promoted[/], with a loss of {ratios}"


def _read_decisions(outcome: Outcome, at: datetime) -> Iterator[dict[str, Any]]:
    for steps in (outcome.results, outcome.results.get("retrain", {})):
        yield from (steps[step] for step in ("monitor", "promote") if "verdict" in steps.get(step, {}))
    probation = outcome.results.get("monitor", {}).get("probation")
    if probation and probation["verdict"] != "running" and probation["at"] == at.isoformat():
        yield probation


def _show_progress(console: Console) -> Progress:
    done = TextColumn("{task.completed}/{task.total} candles")
    columns = (TextColumn("{task.description}"), BarColumn(), done, TimeElapsedColumn())
    return Progress(*columns, console=console, disable=not console.is_terminal)


if __name__ == "__main__":
    sys.exit(main())
