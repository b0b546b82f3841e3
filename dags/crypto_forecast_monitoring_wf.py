"""Monitoring of crypto_forecast: for every moment with predictions, hold the live loss against the baseline's.

Where the champion has become worse than its project allows, Slack is told and a training is started.
"""

from _workflow import after, call_trainings, plan, run_steps, workflow
from airflow.sdk import DAG  # noqa: F401  # Airflow passes over files without these two words

with workflow(__file__, __doc__, after("crypto_forecast/predictions")) as dag:
    planned = plan(dag)
    call_trainings(dag, planned, run_steps(dag, ["monitor"], planned))
