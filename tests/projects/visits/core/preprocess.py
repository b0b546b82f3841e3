"""The step preprocess: has nothing to make ready."""

from typing import Any


def preprocess(spec: Any, run: Any) -> dict[str, Any]:
    return {"until": run.at.isoformat()}
