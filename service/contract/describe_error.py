"""A bug in one sentence; QUARTET_DEBUG=1 shows the whole trace."""

import sysconfig
import traceback
from pathlib import Path

from service.contract import ending

OTHERS = (*(sysconfig.get_paths()[name] for name in ("stdlib", "purelib", "platlib")), ending.__file__)


def describe_bug(error: BaseException) -> str:
    """Name what was raised, where, and what it said.

    >>> describe_bug(ValueError("a bug"))
    'met ValueError: a bug; QUARTET_DEBUG=1 shows the whole trace'
    """
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if not frame.filename.startswith(OTHERS)]  # a library was only called wrongly
    where = next((f" in {Path(frame.filename).name}, line {frame.lineno}" for frame in reversed(own or frames)), "")
    said = " ".join(str(error).split())[:300]
    return f"met {type(error).__name__}{where}{': ' if said else ''}{said}; QUARTET_DEBUG=1 shows the whole trace"
