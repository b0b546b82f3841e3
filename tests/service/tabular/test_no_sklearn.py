"""Steps that run every day never wait for scikit-learn, which only a fit and an evaluation import."""

import subprocess
import sys

CODE = """
import importlib, sys
import numpy as np, pandas as pd

for module in ("cli.run_command", "monitoring.check", "monitoring.score", "monitoring.monitor", "tracking.tracking"):
    importlib.import_module(f"service.{module}")
for project in ("income", "credit_score", "ineligible_loan", "crypto_forecast", "service.skeleton"):
    for part in ("core.load", "core.preprocess", "trainer.train", "evaluator.evaluate"):
        importlib.import_module(f"{project}.{part}")
for module in ("crypto_forecast.core.inference", "service.tabular.steps"):
    importlib.import_module(module)
import mlflow.pyfunc, catboost

from credit_score.preprocessor.transformation import scale_rows
from service.statistics.scores import measure_usual_loss
from service.tabular.models.rules import predict_rules

rows = pd.DataFrame({"a": [1.0, np.nan]})
scale_rows({"columns": ["a"], "median": [0.5], "iqr": [2.0]}, rows)
split = {"column": "a", "kind": "above", "mark": 0.5, "yes": [1.0], "no": [0.0]}
names = {"rule_prior": ["rule_prior"], "rule_split": ["rule_split"]}
predicted = predict_rules({"names": names, "prior": [0.5], "split": split}, rows)
measure_usual_loss(rows["a"], predicted["rule_split"])
measure_usual_loss(pd.Series([1.0]), pd.DataFrame({"no": [0.5], "yes": [0.5]}))
print("sklearn" in sys.modules)
"""


def test_daily_steps_do_not_import_it() -> None:
    answer = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True, timeout=120)
    assert answer.stdout.strip() == "False"
