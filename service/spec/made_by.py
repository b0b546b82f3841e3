"""What made a model row: a hash of the code and the settings that decide how it looks."""

import hashlib
import json
from pathlib import Path

from service.spec import Features, Spec

MADE_BY = "made_by"  # the column of the model rows that holds it
CHOICE = frozenset(Features.model_fields)  # which columns a model reads: no row looks otherwise for that


def hash_making(spec: Spec, preprocessor: Path) -> str:
    """Hash what decides how a model row looks: a project's folder preprocessor, its settings, the table's columns."""
    settings = spec.features.model_dump(mode="json", exclude=set(CHOICE))
    digest = hashlib.sha256("\n".join(spec.data.features.columns).encode())
    digest.update(json.dumps(settings, sort_keys=True).encode())
    for path in sorted(preprocessor.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
