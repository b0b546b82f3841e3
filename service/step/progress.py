"""A bar on a terminal for what takes more than a few seconds."""

from collections.abc import Iterable, Iterator
from typing import TypeVar

Item = TypeVar("Item")


def track(items: Iterable[Item], total: int, title: str, *, long: int) -> Iterator[Item]:
    """Hand the items through; if there are many, show how far they are where somebody can see it."""
    from rich.console import Console

    console = Console(stderr=True)
    if total < long or not console.is_terminal:
        yield from items
        return
    from rich.progress import track as show

    yield from show(items, description=title, total=total, console=console)
