"""What the toy's configs share."""

from datetime import timedelta
from typing import Any

from db_handler.tables.table import Table
from service import spec
from service.spec.outcome_tables import performance_table, predictions_table

KEY = {"series": "text(32)", "target_slot": "time"}


class Data(spec.Data):
    series: str
    horizon = timedelta(days=1)
    rules = ("rule_zero",)
    raw = Table(name="toy_raw", columns={**KEY, "value": "float"}, key=tuple(KEY))
    features = Table(
        name="toy_features", columns={**KEY, "slot": "time", "level": "float", "target": "float"}, key=tuple(KEY)
    )
    predictions = predictions_table("toy_predictions", key=KEY, rules=("rule_zero",), further={})
    performance = performance_table("toy_performance", key=KEY, rules=("rule_zero",), further={})

    @property
    def where(self) -> dict[str, Any]:
        return {"series": self.series}


class Features(spec.Features):
    columns = ("level",)


class Model(spec.Model):
    shrink: float = 1.0


class Train(spec.Train):
    refit_days = 1  # as core/evaluate.py walks
    draws = 300
    min_timestamps = 12
    block = 3
    margin = 0.3


class Monitoring(spec.Monitoring):
    baseline = "rule_zero"
    threshold = 1.1
    min_rows = 5
