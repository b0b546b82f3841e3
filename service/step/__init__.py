"""One step, run and recorded."""

from service.step.run import Run

__all__ = ["Run"]
