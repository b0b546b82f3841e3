"""Monitoring of income: every hour, hold the losses of the answers whose label has come against the baseline's.

Labels come a week later, so the newest window ends a week ago. Where the champion has become worse than its own
evidence led to expect, Slack is told and a training is started.
"""

from _workflow import after, call_trainings, plan, run_steps, workflow
from airflow.sdk import DAG  # noqa: F401  # Airflow passes over files without these two words

with workflow(__file__, __doc__, after("income/predictions")) as dag:
    planned = plan(dag)
    call_trainings(dag, planned, run_steps(dag, ["monitor"], planned))
