"""Data of ineligible_loan: every night, lay new applications and the decisions that have come together.

One config finds what is new, the others share it. Nobody knows an application's outcome before its decision, which
comes weeks later: then its model row is made again, with the answer in it.
"""

from _workflow import on_clock, plan, publish, run_steps, workflow
from airflow.sdk import DAG  # noqa: F401  # Airflow passes over files without these two words

with workflow(__file__, __doc__, on_clock("5 2 * * *", partitioned=True)) as dag:
    steps = run_steps(dag, ["load", "preprocess", "check"], plan(dag))
    steps >> publish("ineligible_loan/features", last_step="check")
