"""The ledger's row of a version that it does not know, as after an older backup of it, made again from the registry."""

import json
from datetime import datetime

from db_handler.ledger.models import ModelRow
from service.contract.kinds import PERSON
from service.contract.moment import parse_at, write_at
from service.spec import Spec
from service.tracking.registry import read_version
from service.tracking.tracking import Tracking


def rebuild_row(tracking: Tracking, spec: Spec, version: int, at: datetime) -> ModelRow:
    """Make the row of a version from its tags; what these do not tell is as if it had been trained at the moment.

    Of the recipe the registry has the hash alone: where it is not that of today's config, the row has no recipe.
    """
    found = read_version(tracking, spec.unit, version)
    tags = found.tags if found else {}
    trained, recipe_hash = tags.get("at", write_at(at)), tags.get("recipe_hash", "")
    training_end = parse_at(tags.get("training_end", trained))
    return ModelRow(
        project=spec.project,
        config=spec.config,
        version=version,
        mlflow_run=found.run_id if found else "",
        at=parse_at(trained),
        cause=tags.get("cause", PERSON),
        training_start=training_end,  # the registry does not say
        training_end=training_end,
        data_hash=tags.get("data_hash", ""),
        recipe={**spec.recipe(), "chosen": {}} if recipe_hash == spec.recipe_hash else {},
        recipe_hash=recipe_hash,
        files=found.files if found else {},
        baselines=json.loads(tags.get("baselines", "{}")),
    )
