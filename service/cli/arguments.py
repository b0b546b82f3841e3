"""The arguments of a project's command line, and the flags that only some verbs have."""

import difflib
import re
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, NoReturn

from db_handler.errors import UsageError
from service.contract.kinds import KINDS, VERBS
from service.contract.moment import parse_at
from service.sources.day_range import DayRange, parse_day

OLDEST_DELAY = 36_500  # days
LONGEST_TEXT = 500
# flag -> its metavar and its help
FLAGS = {
    "--force": ("REASON", "go on though the data is unfit to train on, or a leak probe fired; the reason is kept"),
    "--file": ("FILE", "the CSV file, plain or .gz; - is standard input"),
    "--from": ("DAY", "the first day, as 2025-01-01"),
    "--to": ("DAY", "the last day"),
    "--drift": ("DAY", "the day from which on the world is another"),
    "--delay": ("DAYS", "how late labels become known (default: the config's)"),
    "--redate": ("1", "rows that are stored move to the days of --from and --to"),
    "--replay": (
        "1",
        "a home of its own lives through a history: its time begins at --at and moves with each later one",
    ),
    "--seed": ("N", "another seed makes another world (default: 7)"),
}
# kind or verb -> the flags that only it or few have
FLAGS_OF = {
    "data": ("--replay",),
    "train": ("--force",),
    "promote": ("--force",),
    "import": ("--file", "--from", "--to", "--delay", "--redate"),
    "generate": ("--from", "--to", "--drift", "--delay", "--seed"),
}
HELP = {
    "data": "collect what is new, verify it, store it, make the model rows",
    "train": "fit, gather evidence, promote if the evidence allows",
    "inference": "predict with the champion, score what has matured",
    "monitoring": "watch the live loss; start a training where it calls for one",
}


class OneSentenceParser(ArgumentParser):
    """An argparse parser whose errors are one sentence with the nearest valid word."""

    def error(self, message: str) -> NoReturn:
        missing = message.endswith("required: kind")
        message = f"say what to run: {', '.join([*KINDS, *VERBS])}" if missing else message.removeprefix("argument ")
        raise UsageError(f"{self.prog}: {message}; --help shows what can be asked")


def make_parser(project: str) -> ArgumentParser:
    """Describe the command line of a project."""
    steps = {kind: f" ({' -> '.join(names)})" for kind, names in KINDS.items() if len(names) > 1}
    kinds = "\n".join(f"  {name:<11} {text}{steps.get(name, '')}" for name, text in {**HELP, **VERBS}.items())
    parser = OneSentenceParser(
        prog=f"{project}.run", formatter_class=RawDescriptionHelpFormatter, allow_abbrev=False,
        description=f"Run one workflow of {project}, or one step of it.\n\n{kinds}",
        epilog=f"example: python -m {project}.run train --config btc --at 2026-11-20T00:05Z\n"
        "exit status: 0 done, 1 a config failed, 2 bad usage or config, 75 away or busy, 99 could not be done yet",
    )  # fmt: skip
    add = parser.add_argument
    add("kind", metavar="kind", type=_read_kind, help=", ".join([*KINDS, *VERBS]))
    add("--step", metavar="NAME", help="only this step of the kind")
    add("--config", metavar="NAME", nargs="+", default=[], help="only these configs (default: all)")
    add("--at", type=parse_at, metavar="TIME", help="the moment to run for, e.g. 2026-11-20T00:05Z (default: now)")
    cause = "what called for it: person (the default), clock, or the id of a decision"
    add("--cause", type=_read_cause, help=cause)
    group = parser.add_argument_group(f"only for {', '.join(FLAGS_OF)}")
    for flag, (metavar, text) in FLAGS.items():
        group.add_argument(flag, metavar=metavar, help=f"{text} ({_name_owners(flag)})")
    return parser


def read_step(kind: str, step: str | None) -> str | None:
    """Return a step that its kind has; any other is refused."""
    steps = KINDS.get(kind, ())
    if step is None or step in steps:
        return step
    if not steps:
        raise UsageError(f"{kind} has no steps: leave --step out")
    home = next((name for name, own in KINDS.items() if step in own), None)
    hint = f"it is a step of {home}" if home else _suggest(step, steps)
    raise UsageError(f"{kind} has no step {step!r:.60}: {hint}")


def read_options(typed: Namespace) -> dict[str, Any]:
    """Return the options of a kind or verb by name; a flag that it does not have is refused."""
    given = {flag: value for flag in FLAGS if (value := getattr(typed, flag.removeprefix("--"))) is not None}
    for flag in given:
        if flag not in FLAGS_OF.get(typed.kind, ()):
            raise UsageError(f"{typed.kind} takes no {flag}: that is for {_name_owners(flag)}")
    if typed.kind == "data":
        return _read_data(given, typed.at)
    if typed.kind == "import":
        return _read_import(given, typed.at)
    if typed.kind == "generate":
        return _read_generate(given, typed.at)
    return {flag.removeprefix("--"): _read_text(flag, value) for flag, value in given.items()}


def _name_owners(flag: str) -> str:
    return " and ".join(kind for kind, flags in FLAGS_OF.items() if flag in flags)


def _read_text(flag: str, value: str) -> str:
    if not value.strip() or len(value) > LONGEST_TEXT:
        raise UsageError(f"{flag} wants a sentence of at most {LONGEST_TEXT} letters, such as {flag} 'seen and known'")
    return value.strip()


def _read_data(given: dict[str, str], at: datetime | None) -> dict[str, Any]:
    if "--replay" in given and (given["--replay"] != "1" or at is None):
        raise UsageError("--replay is 1, and goes with --at: the first moment of a history that is lived through")
    return {"replay": True} if "--replay" in given else {}


def _read_import(given: dict[str, str], at: datetime | None) -> dict[str, Any]:
    if not given.get("--file"):
        raise UsageError("import needs --file: the CSV file to read, or - for standard input")
    if ("--from" in given) != ("--to" in given):
        raise UsageError("import takes --from and --to together: the rows without a date are spread over these days")
    days = _read_range(given) if "--from" in given else None
    redate = given.get("--redate")
    if redate is not None and (redate != "1" or days is None):
        raise UsageError("--redate is 1, and goes with --from and --to: rows that are stored move to these days")
    return {"file": given["--file"], "days": days, "at": at, "delay": _read_delay(given), "redate": redate is not None}


def _read_generate(given: dict[str, str], at: datetime | None) -> dict[str, Any]:
    if not {"--from", "--to"} <= given.keys():
        raise UsageError("generate needs --from and --to: the first and the last day, as --from 2025-01-01")
    if at is not None:
        raise UsageError("generate takes no --at: --from and --to say which days")
    options: dict[str, Any] = {"days": _read_range(given), "delay": _read_delay(given)}
    if "--drift" in given:
        options["drift"] = _read_day(given, "--drift")
    if "--seed" in given:
        options["seed"] = _read_number(given, "--seed", 2**31 - 1)
    return options


def _read_range(given: dict[str, str]) -> DayRange:
    return DayRange(_read_day(given, "--from"), _read_day(given, "--to"))


def _read_day(given: dict[str, str], flag: str) -> date:
    try:
        return parse_day(given[flag])
    except UsageError as mistake:
        raise UsageError(f"{flag} {mistake}") from None


def _read_delay(given: dict[str, str]) -> timedelta | None:
    return timedelta(days=_read_number(given, "--delay", OLDEST_DELAY)) if "--delay" in given else None


def _read_number(given: dict[str, str], flag: str, largest: int) -> int:
    text = given[flag]
    if re.fullmatch(r"\s*[0-9]{1,10}\s*", text) and int(text) <= largest:
        return int(text)
    raise UsageError(f"{flag} {text!r:.60} is no whole number from 0 to {largest}")


def _read_kind(text: str) -> str:
    if text in KINDS or text in VERBS:
        return text
    raise UsageError(f"there is no kind {text!r:.60}: {_suggest(text, [*KINDS, *VERBS])}")


def _read_cause(text: str) -> str:
    if re.fullmatch(r"[!-~]{1,255}", text):
        return text
    raise UsageError("--cause is person, clock, or the id of a decision: one word of at most 255 letters")


def _suggest(word: str, words: Sequence[str]) -> str:
    nearest = difflib.get_close_matches(word, words, n=1)
    return f"did you mean {nearest[0]}?" if nearest else f"there are {', '.join(words)}"
