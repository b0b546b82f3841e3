#!/bin/bash
# Airflow's tables and its first user. Run again it changes nothing: an existing user keeps its password.
set -euo pipefail
# Logs of all Airflow processes lie in one volume, which is theirs from the first start on.
airflow db migrate

# Airflow takes a password as an argument only; every process may read a command line, so it is added inside of this one.
create_user() { # $1: name, $2: role, $3: password
    printf '%s' "$3" | python -c 'import runpy, sys; sys.argv += ["--password", sys.stdin.read()]; runpy.run_module("airflow", run_name="__main__")' \
        users create --username "$1" --role "$2" --firstname "$1" --lastname quartet --email "$1@localhost"
}
create_user admin Admin "$AIRFLOW_ADMIN_PASSWORD"
if [ -n "${QUARTET_DEMO:-}" ]; then create_user ticker User "$AIRFLOW_TICKER_PASSWORD"; fi
