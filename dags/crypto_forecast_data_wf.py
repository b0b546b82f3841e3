"""Data of crypto_forecast: five minutes after each candle has closed, collect it and make the model rows.

The first run collects the whole history. Candles that were missed come with the next run; a backfill of past moments
goes through the whole chain, in order.
"""

from _workflow import on_clock, plan, publish, run_steps, workflow
from airflow.sdk import DAG  # noqa: F401  # Airflow passes over files without these two words

with workflow(__file__, __doc__, on_clock("5 */4 * * *", partitioned=True)) as dag:
    steps = run_steps(dag, ["load", "preprocess", "check"], plan(dag))
    steps >> publish("crypto_forecast/features", last_step="check")
