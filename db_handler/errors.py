"""The family of errors that everyone's own derive from: `str(error)` is the one sentence that a user sees."""

import sys
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

Arguments = ParamSpec("Arguments")


class QuartetError(Exception):
    """Something failed; the sentence says what, where and what to do next."""

    exit_status = 1


class UsageError(QuartetError):
    """A command line, a config, a setting or a home that can't be used as it is."""

    exit_status = 2


class NotYetError(QuartetError):
    """Nothing is wrong, but it could not be done yet."""

    exit_status = 99


class AwayError(QuartetError):
    """Something that this depends on is away or busy just now: the same may well succeed in a while."""

    exit_status = 75


class DatabaseError(QuartetError):
    """A database that is unreachable, read-only, full or corrupt, or rows that it can't hold."""


def end_with_sentence(main: Callable[Arguments, int]) -> Callable[Arguments, int]:
    """Let a program end with the sentence and the exit status of an error of ours."""

    @wraps(main)
    def run(*arguments: Arguments.args, **named: Arguments.kwargs) -> int:
        try:
            return main(*arguments, **named)
        except QuartetError as error:
            sys.stderr.write(f"{error}\n")
            return error.exit_status

    return run
