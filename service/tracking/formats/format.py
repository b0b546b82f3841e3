"""What every format says of itself."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Format:
    """One way to keep an object of a library in a file.

    `read` gets the file and the name of the object's class. It imports its library itself, since most processes
    never need it.
    """

    name: str  # stands for it in a stored model
    suffix: str
    takes: Callable[[Any], bool]
    taken: str  # the words for what it takes
    write: Callable[[Any], bytes]
    read: Callable[[bytes, str], Any]
    # Those whose version decides whether a file can be read.
    list_modules: Callable[[bytes], tuple[str, ...]] = lambda _: ()
    same_minor: bool = False  # what it writes is read by the same minor version only, and not by later ones too


def is_of(value: Any, library: str, *classes: str) -> bool:
    """Say whether a value's own class comes from a library; a class that only derives from one of it does not."""
    return type(value).__module__.split(".")[0] == library and (not classes or type(value).__name__ in classes)
