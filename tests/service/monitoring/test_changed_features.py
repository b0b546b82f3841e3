"""Who changes what a model reads, in a home with rows and a champion, types no more than before."""

import importlib
import sys
from pathlib import Path

from db_handler.connection.database import Database
from db_handler.rows.frames import read_rows
from service.spec import Spec
from service.spec.load_spec import load_spec
from tests.service.answer import Ask
from tests.service.conftest import NAME

FIRST, SECOND = "2025-07-20T02:05Z", "2025-07-21T02:05Z"


def edit(module: str, before: str, after: str) -> None:
    loaded = sys.modules[f"{NAME}.{module}"]
    file = Path(str(loaded.__file__))
    assert before in file.read_text()
    file.write_text(file.read_text().replace(before, after))
    importlib.reload(loaded)


def test_rows_are_made_anew_and_a_champion_that_can_not_read_them_is_followed(
    ask: Ask, demand: Spec, database: Database
) -> None:
    assert ask("generate", "--from", "2025-03-01", "--to", "2025-07-21", project=NAME).status == 0
    for kind in ("data", "train", "inference", "monitoring"):
        assert ask(kind, "--at", FIRST, project=NAME).status == 0
    edit("configs.daily", '"temperature", "month")', '"month", "day")')
    edit(
        "preprocessor.preprocess",
        '"month": each(number_month, moments)',
        '"month": each(number_month, moments), "day": each(lambda moment: float(moment.day), moments)',
    )
    importlib.reload(sys.modules[f"{NAME}.core.preprocess"])

    made = ask("data", "--at", SECOND, project=NAME).json["results"]["daily"]["preprocess"]
    with database.begin() as connection:
        rows = read_rows(connection, load_spec(NAME, "daily").data.features)
    assert made["rows"] == len(rows) == made["inserted"] + made["updated"]
    assert rows["day"].notna().all()
    again = ask("data", "--at", "2025-07-21T02:06Z", project=NAME).json["results"]["daily"]["preprocess"]
    assert again["rows"] == 0

    answered = ask("inference", "--at", SECOND, project=NAME)
    fallback = answered.json["results"]["daily"]["inference"]["fallback"]
    assert (answered.status, fallback["by"].partition("_")[0]) == (0, "rule")
    assert fallback["reason"] == f"{NAME}.daily version 1 reads temperature, which rows have no longer: train again"
    monitored = ask("monitoring", "--at", SECOND, project=NAME).json["results"]["daily"]
    assert monitored["monitor"]["verdict"] == "retrain"
    promoted = ask("train", "--at", SECOND, project=NAME).json["results"]["daily"]["promote"]
    assert promoted["verdict"] == "promoted"
    assert "the champion reads temperature, which rows have no longer" in promoted["reasons"]
    answered = ask("inference", "--at", "2025-07-21T02:10Z", project=NAME)
    assert (answered.status, answered.json["results"]["daily"]["inference"]["version"]) == (0, 2)
