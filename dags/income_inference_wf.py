"""Inference of income: every hour, answer whether the people of the new requests earn over 50K.

Where a config has no champion yet, its first one is trained before; until that is there, requests wait.
"""

from _workflow import after, plan, publish, run_steps, train_missing, workflow
from airflow.sdk import DAG  # noqa: F401  # Airflow passes over files without these two words

with workflow(__file__, __doc__, after("income/features")) as dag:
    planned = plan(dag)
    steps = run_steps(dag, ["inference", "score"], planned)
    train_missing(dag, planned) >> steps >> publish("income/predictions", last_step="score")
