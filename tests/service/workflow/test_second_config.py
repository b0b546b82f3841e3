"""Two configs of one project: each answers for itself, all rows or its own."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from db_handler.connection.database import Database
from db_handler.errors import UsageError
from db_handler.rows.frames import read_rows
from service.spec import Spec
from service.spec.load_spec import load_spec, refuse_shared_answers
from tests.service.answer import Ask
from tests.service.conftest import NAME

AT = "2025-07-20T02:05Z"
SECOND = f"""\"\"\"Days without a promotion.\"\"\"

from {NAME}.configs import daily


class Data(daily.Data):
    \"\"\"Its own rows.\"\"\"

    only = {{"promotion": "no"}}
"""


@pytest.fixture
def plain(demand: Spec) -> Spec:
    """A second config beside the skeleton's."""
    folder = Path(str(sys.modules[f"{NAME}.configs"].__file__)).parent
    (folder / "plain.py").write_text(SECOND)
    return load_spec(NAME, "plain")


def test_each_answers_for_itself(ask: Ask, demand: Spec, plain: Spec, database: Database) -> None:
    assert ask("generate", "--from", "2025-03-01", "--to", "2025-07-20", project=NAME).status == 0
    for kind in ("data", "train", "inference", "monitoring"):
        assert ask(kind, "--at", AT, project=NAME).status == 0
    again = ask("inference", "--at", AT, project=NAME).json["results"]
    for config in ("daily", "plain"):
        assert again[config]["inference"]["predicted"] == 0
    counts = {spec.config: count_rows(database, spec, spec.data.predictions) for spec in (demand, plain)}
    assert counts["daily"] > counts["plain"] > 0

    def count_due(spec: Spec) -> int:
        with database.begin() as connection:
            rows = read_rows(connection, spec.data.features, where=spec.data.where_in(spec.data.features))
        return int(rows["known_at"].isna().sum() + (rows["known_at"] > AT).sum())

    assert counts == {spec.config: count_due(spec) for spec in (demand, plain)}


def count_rows(database: Database, spec: Spec, table: Any) -> int:
    with database.begin() as connection:
        return len(read_rows(connection, table, where=spec.data.where_in(table)))


def test_configs_that_would_take_each_others_answers_are_refused(demand: Spec, plain: Spec) -> None:
    refuse_shared_answers([demand, plain])
    table = demand.data.predictions
    without = table.model_copy(
        update={"columns": {name: kind for name, kind in table.columns.items() if name != "config"}, "key": ("id",)}
    )
    both = [spec_with(spec, predictions=without) for spec in (demand, plain)]
    with pytest.raises(
        UsageError, match=f"{NAME}.daily and {NAME}.plain answer into the same rows of {table.name}: let"
    ):
        refuse_shared_answers(both)


def spec_with(spec: Spec, **data: Any) -> Spec:
    return replace(spec, data=spec.data.model_copy(update=data))
