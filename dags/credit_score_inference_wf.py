"""Inference of credit_score: every night, tell the odds of poor, standard and good for the customers that are new.

Where a config has no champion yet, its first one is trained before.
"""

from _workflow import after, plan, publish, run_steps, train_missing, workflow
from airflow.sdk import DAG  # noqa: F401  # Airflow passes over files without these two words

with workflow(__file__, __doc__, after("credit_score/features")) as dag:
    planned = plan(dag)
    steps = run_steps(dag, ["inference", "score"], planned)
    train_missing(dag, planned) >> steps >> publish("credit_score/predictions", last_step="score")
