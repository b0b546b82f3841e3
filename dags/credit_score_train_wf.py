"""Training of credit_score: when monitoring calls for it, and once in two months.

Scores come after four weeks, and an alarm on a new champion takes two more.

A challenger becomes champion only if the evidence allows; the ledger's decision says why or why not.
"""

from _workflow import on_clock, plan, run_steps, workflow
from airflow.sdk import DAG  # noqa: F401  # Airflow passes over files without these two words

with workflow(__file__, __doc__, on_clock("35 3 1 */2 *")) as dag:
    run_steps(dag, ["train", "evaluate", "promote"], plan(dag))
