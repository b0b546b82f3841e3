"""A bug in one sentence too; QUARTET_DEBUG=1 shows where it was raised."""

import traceback
from pathlib import Path


def describe_bug(error: BaseException) -> str:
    """Name what was raised, where, and what it said.

    >>> describe_bug(ValueError("a bug"))
    'met ValueError: a bug; QUARTET_DEBUG=1 shows the whole trace'
    """
    frames = traceback.extract_tb(error.__traceback__)
    where = f" in {Path(frames[-1].filename).name}, line {frames[-1].lineno}" if frames else ""
    said = " ".join(str(error).split())[:300]
    return f"met {type(error).__name__}{where}{': ' if said else ''}{said}; QUARTET_DEBUG=1 shows the whole trace"
