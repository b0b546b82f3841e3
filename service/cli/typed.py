"""Words typed on make's command line."""

from collections.abc import Mapping


def read_typed(environment: Mapping[str, str]) -> dict[str, str]:
    """Pick the variables that make says were typed on its command line; names in capitals are settings and stay there.

    >>> read_typed({"QUARTET_TYPED": "p HOME_X", "p": "income", "HOME_X": "1", "k": "train"})
    {'p': 'income'}
    """
    names = environment.get("QUARTET_TYPED", "").split()
    return {name: environment.get(name, "") for name in names if name != name.upper()}
