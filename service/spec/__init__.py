"""What a config says: the classes that a config file subclasses, and the Spec that holds them all."""

from service.spec.sections import (
    Count,
    Data,
    Features,
    Inference,
    Model,
    Moment,
    Monitoring,
    Positive,
    Section,
    Share,
    Span,
    Train,
)
from service.spec.sources import Sources
from service.spec.spec import Spec

__all__ = ["Count", "Data", "Features", "Inference", "Model", "Moment", "Monitoring", "Positive", "Section"]
__all__ += ["Share", "Sources", "Span", "Spec", "Train"]
