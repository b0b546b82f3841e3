"""Inference of ineligible_loan: the night's batch, every application answered once by the version that serves.

Which version answered stands beside each prediction. Where a config has no champion yet, its first one is trained
before; one that waits for a person is a skip that says so.
"""

from _workflow import after, plan, publish, run_steps, train_missing, workflow
from airflow.sdk import DAG  # noqa: F401  # Airflow passes over files without these two words

with workflow(__file__, __doc__, after("ineligible_loan/features")) as dag:
    planned = plan(dag)
    steps = run_steps(dag, ["inference", "score"], planned)
    train_missing(dag, planned) >> steps >> publish("ineligible_loan/predictions", last_step="score")
