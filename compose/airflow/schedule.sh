#!/bin/bash
# The scheduler. Each slot of the LocalExecutor is a process of 33 MB from the start on; the slots of the CeleryExecutor
# are its workers', which have a limit of their own.
set -eu
case $AIRFLOW__CORE__EXECUTOR in
    LocalExecutor) AIRFLOW__CORE__PARALLELISM=4 ;;
    *) AIRFLOW__CORE__PARALLELISM=32 ;;
esac
export AIRFLOW__CORE__PARALLELISM
# The api-server reads the logs from a volume: they need no server.
exec python compose/airflow/serve.py scheduler --skip-serve-logs
