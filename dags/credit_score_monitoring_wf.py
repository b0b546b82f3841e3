"""Monitoring of credit_score: every night, hold the losses of the scores that are known by now against the baseline's.

Scores become known weeks after the prediction, so it also says what share of them has come. Where the champion has
become worse than its own evidence led to expect, Slack is told and a training is started.
"""

from _workflow import after, call_trainings, plan, run_steps, workflow
from airflow.sdk import DAG  # noqa: F401  # Airflow passes over files without these two words

with workflow(__file__, __doc__, after("credit_score/predictions")) as dag:
    planned = plan(dag)
    call_trainings(dag, planned, run_steps(dag, ["monitor"], planned))
