"""Inference of crypto_forecast: for every moment whose data is there, predict the candle that has just opened.

Where a config has no champion yet, its first one is trained before.
"""

from _workflow import after, plan, publish, run_steps, train_missing, workflow
from airflow.sdk import DAG  # noqa: F401  # Airflow passes over files without these two words

with workflow(__file__, __doc__, after("crypto_forecast/features")) as dag:
    planned = plan(dag)
    steps = run_steps(dag, ["inference", "score"], planned)
    train_missing(dag, planned) >> steps >> publish("crypto_forecast/predictions", last_step="score")
