"""The step load: has nothing to load; a series called broken can't be read."""

from typing import Any

from db_handler.errors import QuartetError


def load(spec: Any, run: Any) -> dict[str, Any]:
    if run.at.year == 1999 and spec.config == "a":
        raise QuartetError(f"{spec.unit}: the source is broken")
    if run.at.year == 1998:
        raise ValueError("a bug")
    return {"rows": 0}
