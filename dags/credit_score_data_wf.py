"""Data of credit_score: every night, merge what came into the feature store and make the model rows of it.

The first run takes everything that the source tables hold; days that were missed come with the next run. A day on which
nothing has come for a month is a failure: somebody has stopped filling the store.
"""

from _workflow import on_clock, plan, publish, run_steps, workflow
from airflow.sdk import DAG  # noqa: F401  # Airflow passes over files without these two words

with workflow(__file__, __doc__, on_clock("5 2 * * *", partitioned=True)) as dag:
    steps = run_steps(dag, ["load", "preprocess", "check"], plan(dag))
    steps >> publish("credit_score/features", last_step="check")
