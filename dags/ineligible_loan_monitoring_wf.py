"""Monitoring of ineligible_loan: hold what was said of each application against the decision that has come since.

Where a champion has become worse than its own evidence led to expect, Slack is told and a training is started.
"""

from _workflow import after, call_trainings, plan, run_steps, workflow
from airflow.sdk import DAG  # noqa: F401  # Airflow passes over files without these two words

with workflow(__file__, __doc__, after("ineligible_loan/predictions")) as dag:
    planned = plan(dag)
    call_trainings(dag, planned, run_steps(dag, ["monitor"], planned))
