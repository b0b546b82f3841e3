"""Visitors of one shop."""

from datetime import timedelta

from db_handler.tables.table import Table
from service import spec
from service.spec.outcome_tables import performance_table, predictions_table
from service.tabular.models.booster import BoosterModel
from service.tabular.models.rules import RULES

KEY = {"visit": "text(32)"}
CLASSES = ("no", "yes")


class Data(spec.Data):
    horizon = timedelta(days=1)
    slot = "came_at"
    target_slot = "came_at"
    classes = CLASSES
    rules = RULES
    label_at = "label_at"
    in_series = False
    label_delay = timedelta(days=7)
    raw = Table(name="visits_raw", columns={**KEY, "came_at": "time"}, key=("visit",))
    features = Table(
        name="visits_features",
        columns={**KEY, "came_at": "time", "pages": "float", "hour": "float", "source": "text(16)",
                 "target": "float", "label_at": "time"},
        key=("visit",),
    )  # fmt: skip
    predictions = predictions_table(
        "visits_predictions", key=KEY, rules=RULES, further={"came_at": "time"}, classes=CLASSES
    )
    performance = performance_table("visits_performance", key=KEY, rules=RULES, further={"came_at": "time"})


class Features(spec.Features):
    columns = ("pages", "hour", "source")
    categories = ("source",)


class Model(BoosterModel):
    iterations = 40
    grid = ({"depth": 2}, {"depth": 3})


class Train(spec.Train):
    evidence_days = 40
    refit_days = 10
    folds = 2
    draws = 300


class Monitoring(spec.Monitoring):
    baseline = "rule_prior"
