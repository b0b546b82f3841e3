"""The ticker of a demo stack: a virtual clock that moves from close to close, and Airflow that follows."""
