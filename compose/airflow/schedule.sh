#!/bin/bash
# The scheduler. Of the LocalExecutor each slot is a process that waits for tasks with 33 MB in its hands, from the start
# on; the CeleryExecutor's slots are its workers', and are theirs to bound.
set -eu
case $AIRFLOW__CORE__EXECUTOR in
    LocalExecutor) AIRFLOW__CORE__PARALLELISM=4 ;;
    *) AIRFLOW__CORE__PARALLELISM=32 ;;
esac
export AIRFLOW__CORE__PARALLELISM
# Its logs lie in a volume that the api-server reads itself; nobody need serve them.
exec python compose/airflow/serve.py scheduler --skip-serve-logs
