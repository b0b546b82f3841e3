"""Data of income: five minutes after every hour, take the requests that came and make their model rows.

A request that was inserted late is taken all the same, however old its own moment is, and so is a label that has come
since. The inference that follows answers each request once.
"""

from _workflow import on_clock, plan, publish, run_steps, workflow
from airflow.sdk import DAG  # noqa: F401  # Airflow passes over files without these two words

with workflow(__file__, __doc__, on_clock("5 * * * *", partitioned=True)) as dag:
    steps = run_steps(dag, ["load", "preprocess", "check"], plan(dag))
    steps >> publish("income/features", last_step="check")
