"""What only some verbs may be told: the flags of import and generate, and what they come to."""

import re
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from db_handler.errors import UsageError
from service.filling.day_range import make_range, parse_day

OLDEST_DELAY = 36_500


def _read_day(flag: str) -> Callable[[str], Any]:
    def read(text: str) -> Any:
        try:
            return parse_day(text)
        except UsageError as mistake:
            raise UsageError(f"{flag} {mistake}") from None

    return read


def _read_number(flag: str, largest: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if re.fullmatch(r"\s*[0-9]{1,10}\s*", text) and int(text) <= largest:
            return int(text)
        raise UsageError(f"{flag} {text!r:.60} is no whole number from 0 to {largest}")

    return read


# flag -> the verbs that know it, how it is read, its metavar and its help
FLAGS: dict[str, tuple[tuple[str, ...], Callable[[str], Any], str, str]] = {
    "--file": (("import",), str, "FILE", "the CSV file, plain or .gz; - is standard input"),
    "--from": (("import", "generate"), _read_day("--from"), "DAY", "the first day, as 2025-01-01"),
    "--to": (("import", "generate"), _read_day("--to"), "DAY", "the last day"),
    "--drift": (("generate",), _read_day("--drift"), "DAY", "the day from which on the world is another"),
    "--delay": (
        ("import", "generate"),
        _read_number("--delay", OLDEST_DELAY),
        "DAYS",
        "how late labels become known (default: the config's)",
    ),
    "--seed": (("generate",), _read_number("--seed", 2**31 - 1), "N", "another seed makes another world (default: 7)"),
}


def add_flags(parser: ArgumentParser) -> None:
    """Let the parser know the flags, apart from those that all kinds have."""
    group = parser.add_argument_group("only for import and generate")
    for flag, (_, read, metavar, text) in FLAGS.items():
        group.add_argument(flag, type=read, metavar=metavar, dest=_name(flag), help=text)


def read_options(asked: Namespace) -> dict[str, Any]:
    """Answer with what the body of a verb takes by name; a flag that a kind does not know is refused."""
    given = {flag: value for flag in FLAGS if (value := getattr(asked, _name(flag))) is not None}
    for flag in given:
        if asked.kind not in FLAGS[flag][0]:
            raise UsageError(f"{asked.kind} takes no {flag}: that is for {' and '.join(FLAGS[flag][0])}")
    read = {"import": _read_import, "generate": _read_generate}.get(asked.kind)
    return read(given, asked) if read else {}


def _read_import(given: dict[str, Any], asked: Namespace) -> dict[str, Any]:
    if not given.get("--file"):
        raise UsageError("import needs --file: the CSV file to read, or - for standard input")
    if ("--from" in given) != ("--to" in given):
        raise UsageError("import takes --from and --to together: the rows without a date are spread over these days")
    days = make_range(given["--from"], given["--to"]) if "--from" in given else None
    return {"file": given["--file"], "days": days, "at": asked.at, "delay": _read_delay(given)}


def _read_generate(given: dict[str, Any], asked: Namespace) -> dict[str, Any]:
    if not {"--from", "--to"} <= given.keys():
        raise UsageError("generate needs --from and --to: the first and the last day, as --from 2025-01-01")
    if asked.at is not None:
        raise UsageError("generate takes no --at: --from and --to say which days")
    further = {"seed": given["--seed"]} if "--seed" in given else {}
    days = make_range(given["--from"], given["--to"])
    return {"days": days, "drift": given.get("--drift"), "delay": _read_delay(given), **further}


def _read_delay(given: dict[str, Any]) -> timedelta | None:
    return timedelta(days=given["--delay"]) if "--delay" in given else None


def _name(flag: str) -> str:
    return f"only_{flag.removeprefix('--')}"
