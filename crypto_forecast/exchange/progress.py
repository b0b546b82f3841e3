"""A bar on a terminal for what takes more than a few seconds."""

from collections.abc import Iterable, Iterator
from typing import TypeVar

Item = TypeVar("Item")
# Pages: ten of them come in a second at best.
LONG = 30


def track(items: Iterable[Item], total: int, title: str) -> Iterator[Item]:
    """Hand the items through, and show how far they are where somebody can see it."""
    from rich.console import Console

    console = Console(stderr=True)
    if total < LONG or not console.is_terminal:
        yield from items
        return
    from rich.progress import track as show

    yield from show(items, description=title, total=total, console=console)
