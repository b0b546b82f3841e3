"""Training of income: when monitoring calls for it, and once a month with the labels that have come since.

A challenger becomes champion only if the evidence allows; the ledger's decision says why or why not.
"""

from _workflow import on_clock, plan, run_steps, workflow
from airflow.sdk import DAG  # noqa: F401  # Airflow passes over files without these two words

with workflow(__file__, __doc__, on_clock("5 4 1 * *")) as dag:
    run_steps(dag, ["train", "evaluate", "promote"], plan(dag))
