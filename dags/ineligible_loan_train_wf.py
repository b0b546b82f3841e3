"""Training of ineligible_loan: on the first of each month, and when monitoring calls for it.

`batch` is left out by the clock once a version serves, `continuous_training` learns from the six months before and
waits for a person, `continuous_deployment` learns from the same and goes live by itself if the evidence allows.
"""

from _workflow import on_clock, plan, run_steps, workflow
from airflow.sdk import DAG  # noqa: F401  # Airflow passes over files without these two words

with workflow(__file__, __doc__, on_clock("35 2 1 * *")) as dag:
    run_steps(dag, ["train", "evaluate", "promote"], plan(dag))
